"""The sixteen rows in which disks differ."""

from __future__ import annotations

import os
import time
import unicodedata

from tests.e2e.world import CODE, World
from tests.rows.row import EXTRA, a_week_later, findings, respell, row

A = "Achats/a.pdf"
LONG = "f" * 240 + "ééé.pdf"  # 250 bytes


@row(EXTRA, "200 documents and an idle second run")
def two_hundred(world: World) -> None:
    for n in range(100):
        world.write(f"Achats/{n % 4}/{n:03}.pdf", os.urandom(2000))
    for n in range(100):
        world.put(f"Ventes/{n:03}.pdf", f"deposit {n}")
    done = world.run()
    assert done.code == 0 and (done.summary["uploaded"], done.summary["downloaded"]) == (100, 100), done.summary
    assert world.run().idle
    assert len(world.here()) == len(world.online()) == 200
    world.same()


@row(EXTRA, "replacement with old bytes kept")
def replaced(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.put(A, "online two")
    assert [e["action"] for e in world.run().events] == ["download"]
    assert world.here() == {A: b"online two"}
    assert any(p.read_bytes() == b"one" for p in (world.dir() / ".syncd/replaced").iterdir())
    world.same()


@row(EXTRA, "same size with the mtime put back")
def hidden_edit(world: World) -> str:
    path = world.write(A, "content one")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    world.run()
    path.write_text("content two")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    done = world.run()
    if done.summary["uploaded"] == 1:
        assert world.bytes_online(A) == b"content two"
        world.same()
        return ""
    said = findings(world).get("disk_changes", {})
    assert said.get("level") == "warning", "not seen, and doctor does not say so"
    a_week_later(world)
    assert world.run().summary["uploaded"] == 1 and world.bytes_online(A) == b"content two"
    world.same()
    return "seen within the week"


@row(EXTRA, "an edit within two seconds")
def within_two_seconds(world: World) -> None:
    path = world.write(A, "content one")
    world.run()
    path.write_text("content two")
    world.run()
    path.write_text("content 3rd")
    time.sleep(4.5)
    world.run()
    assert world.bytes_online(A) == b"content 3rd"
    assert world.run().idle
    world.same()


@row(EXTRA, "case-only rename here")
def case_here(world: World) -> None:
    world.write(A, "one")
    world.run()
    before = world.online()[A]["id"]
    respell(world.path(A), world.path("Achats/A.PDF"))
    done = world.run()
    assert [e["action"] for e in done.events] == ["move"], done.events
    assert world.online()["Achats/A.PDF"]["id"] == before
    world.same()


@row(EXTRA, "case-only rename online")
def case_online(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.portal("document", "move", CODE, A, "Achats/A.PDF")
    done = world.run()
    assert done.code == 0 and [e["action"] for e in done.events] == ["move"], done.events
    assert set(world.here()) == {"Achats/A.PDF"}
    assert world.run().idle and set(world.online()) == {"Achats/A.PDF"}
    world.same()


@row(EXTRA, "case-only rename of a folder")
def case_folder(world: World) -> None:
    for n in range(3):
        world.write(f"Achats/dossier/{n}.pdf", f"doc {n}")
    world.run()
    ids = {d["id"] for d in world.online().values()}
    world.portal("folder", "move", CODE, "Achats/dossier", "Achats/Dossier")
    done = world.run()
    assert done.code == 0 and not done.summary["downloaded"], done.events
    assert "Dossier" in os.listdir(world.path("Achats")) and "dossier" not in os.listdir(world.path("Achats"))
    assert world.run().idle
    respell(world.path("Achats/Dossier"), world.path("Achats/DOSSIER"))
    done = world.run()
    assert done.code == 0 and not done.summary["uploaded"], done.events
    assert {p: d["id"] for p, d in world.online().items()}.keys() == {f"Achats/DOSSIER/{n}.pdf" for n in range(3)}
    assert {d["id"] for d in world.online().values()} == ids
    world.same()


@row(EXTRA, "NFD here")
def decomposed(world: World) -> None:
    name = unicodedata.normalize("NFD", "été.pdf")
    world.write(f"Achats/{name}", "one")
    assert world.run().code == 0
    assert set(world.online()) == {"Achats/été.pdf"}
    world.put("Achats/été.pdf", "two, online")
    assert world.run().code == 0
    (here,) = world.here().items()
    assert unicodedata.normalize("NFC", here[0]) == "Achats/été.pdf" and here[1] == b"two, online"
    world.same()


@row(EXTRA, "accents from the portal")
def accents(world: World) -> None:
    names = {"Achats/Été à l'œuvre – 50 €.pdf", "Ventes/Noël/ÀÉÎÕÜ ç.pdf"}
    for name in names:
        world.put(name, name)
    assert world.run().code == 0
    assert set(world.here()) == names
    world.write("Ventes/Noël/ÀÉÎÕÜ ç.pdf", "edited here")
    assert world.run().code == 0 and world.bytes_online("Ventes/Noël/ÀÉÎÕÜ ç.pdf") == b"edited here"
    world.same()


@row(EXTRA, "250-byte names")
def long_names(world: World) -> None:
    world.write(f"Achats/{LONG}", "here")
    world.put(f"Ventes/{LONG}", "online")
    assert world.run().code == 0
    assert set(world.here()) == set(world.online()) == {f"Achats/{LONG}", f"Ventes/{LONG}"}
    world.remove(f"Achats/{LONG}")
    world.run()
    (kept,) = {p for p in world.here() if "supp_" in p}
    assert kept.startswith("Achats/supp_fff") and kept.endswith(".pdf")
    world.same()


@row(EXTRA, "a folder of 100 renamed")
def folder_of_100(world: World) -> None:
    for n in range(100):
        world.write(f"Achats/2025/Q1/{n}.pdf", f"doc {n}")
    world.run()
    ids = {d["id"] for d in world.online().values()}
    os.rename(world.path("Achats/2025"), world.path("Achats/Exercice 2025"))
    done = world.run()
    assert [(e["action"], e["folder"]) for e in done.events] == [("move", True)] and done.summary["requests"] <= 3
    assert {d["id"] for d in world.online().values()} == ids
    assert set(world.online()) == {f"Achats/Exercice 2025/Q1/{n}.pdf" for n in range(100)}
    world.same()


@row(EXTRA, "killed mid-run")
def killed(world: World) -> None:
    expected: set[bytes] = set()
    for turn in range(4):
        for n in range(20):
            for kind, make in (("doc", world.write), ("deposit", world.put)):
                if kind == "doc" or n < 4:
                    data = f"turn {turn} {kind} {n}".encode()
                    expected.add(data)
                    make(f"Achats/{turn} {kind} {n}.pdf", data)
        engine = world.started("run")
        time.sleep(0.5 + 0.2 * turn)
        engine.kill()
        engine.wait()
    assert world.run().code == 0
    world.run()
    online, here = world.online(), world.here()
    assert set(here.values()) == expected and len(here) == len(expected)
    assert set(online) == set(here) and all(d["version"] == 1 for d in online.values())
    world.same()


@row(EXTRA, "unmounted", needs="mount")
def unmounted(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.unmount()  # type: ignore[attr-defined]
    try:
        done = world.run()
        assert done.code == 1 and done.idle and done.summary["verdict"] == "abandoned"
        assert set(world.online()) == {A}
    finally:
        world.mount()  # type: ignore[attr-defined]


@row(EXTRA, "mounted again", needs="mount")
def mounted_again(world: World) -> None:
    for n in range(5):
        world.write(f"Achats/2025/{n}.pdf", f"doc {n}")
    world.put("Ventes/v.pdf", "online")
    world.run()
    world.run()
    world.unmount()  # type: ignore[attr-defined]
    world.mount()  # type: ignore[attr-defined]
    done = world.run()
    assert done.code == 0 and done.idle, done.events
    os.rename(world.path("Achats/2025"), world.path("Achats/2026"))
    done = world.run()
    assert done.summary["uploaded"] == 0 and done.code == 0, done.events
    assert set(world.online()) == {"Ventes/v.pdf", *(f"Achats/2026/{n}.pdf" for n in range(5))}
    world.same()


@row(EXTRA, "verify")
def verified(world: World) -> None:
    for n in range(5):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
        world.put(f"Ventes/{n}.pdf", f"deposit {n}")
    assert world.run().code == 0
    assert world.syncd("verify", "--json").code == 0
    assert world.syncd("verify", "--deep", "--json").code == 0
    world.write("Achats/5.pdf", "not sent yet")
    assert world.syncd("verify", "--json").code != 0


@row(EXTRA, "doctor")
def examined(world: World) -> str:
    world.run()
    found = findings(world)
    assert not [f for f in found.values() if f["level"] == "bad"], found
    assert "disk" in found and not list((world.root / ".syncd").glob("probe*"))
    weaker = [str(f["about"]) for about, f in found.items() if about.startswith("disk") and f["level"] != "ok"]
    return f"says {', '.join(weaker)}" if weaker else ""
