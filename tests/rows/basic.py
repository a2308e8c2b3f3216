"""The thirteen rows without which nothing else is worth looking at."""

from __future__ import annotations

import json
import os

from tests.e2e.world import CODE, World
from tests.rows.row import BASIC, row

A = "Achats/a.pdf"


@row(BASIC, "tree with empty folders")
def tree(world: World) -> None:
    assert world.path("Achats").is_dir() and world.path("Banque").is_dir()
    world.path("Achats/vide/dessous").mkdir(parents=True)
    world.portal("folder", "add", CODE, "Ventes/en ligne/vide")
    assert world.run().code == 0
    assert world.path("Ventes/en ligne/vide").is_dir()
    world.portal("folder", "move", CODE, "Achats/vide", "Achats/plein")
    assert world.run().code == 0
    assert world.path("Achats/plein/dessous").is_dir() and not world.path("Achats/vide").exists()
    world.same()


@row(BASIC, "up, down, adopted, idle")
def crosses(world: World) -> None:
    world.write("Achats/2026/été.pdf", "here")
    world.put("Ventes/v.pdf", "online")
    world.write("Banque/both.pdf", "equal")
    world.put("Banque/both.pdf", "equal")
    done = world.run()
    assert done.code == 0, done.events
    assert (done.summary["uploaded"], done.summary["downloaded"]) == (1, 1)
    assert world.here() == {"Achats/2026/été.pdf": b"here", "Ventes/v.pdf": b"online", "Banque/both.pdf": b"equal"}
    assert set(world.online()) == set(world.here())
    assert world.online()["Ventes/v.pdf"]["received_at"] is not None
    world.same()


@row(BASIC, "edits both ways")
def edits(world: World) -> None:
    world.write(A, "one")
    world.put("Ventes/v.pdf", "first")
    world.run()
    world.write(A, "two, longer")
    world.put("Ventes/v.pdf", "second, longer")
    assert world.run().code == 0
    assert world.online()[A]["version"] == 2 and world.bytes_online(A, 1) == b"one"
    assert world.here() == {A: b"two, longer", "Ventes/v.pdf": b"second, longer"}
    world.same()


@row(BASIC, "supp_ with its corners")
def set_aside(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.remove(A)
    done = world.run()
    assert [(e["action"], e["to"]) for e in done.events] == [("set_aside", "Achats/supp_a.pdf")]
    world.same()
    world.portal("document", "restore", CODE, A)
    done = world.run()
    assert [e["action"] for e in done.events] == ["restore"] and done.summary["downloaded"] == 0
    world.remove(A)
    world.run()
    world.put(A, "again")
    world.run()
    world.remove(A)
    world.run()
    assert world.here() == {"Achats/supp_a.pdf": b"one", "Achats/supp_2_a.pdf": b"again"} and world.online() == {}
    os.rename(world.path("Achats/supp_a.pdf"), world.path("Achats/back.pdf"))
    world.run()
    assert set(world.online()) == {"Achats/back.pdf"}
    world.same()


@row(BASIC, "names that only look like it")
def looks_like(world: World) -> None:
    names = {f"Achats/{name}" for name in ("supports.pdf", "supplément.pdf", "supp_loyer.pdf")}
    for name in names:
        world.write(name, name)
    world.run()
    assert set(world.online()) == names
    world.same()


@row(BASIC, "keep both once")
def keep_both(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.write(A, "cabinet's")
    world.put(A, "company's")
    done = world.run()
    assert done.summary["kept_both"] == 1, done.events
    for _ in range(2):
        assert world.run().idle
    here = world.here()
    assert here.pop(A) == b"company's"
    ((copy, data),) = here.items()
    assert data == b"cabinet's" and copy.startswith("Achats/a (version du cabinet 20")
    assert set(world.online()) == {A, copy}
    world.same()


@row(BASIC, "edited here, deleted there")
def edited_and_deleted(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.write(A, "edited since")
    world.remove(A)
    assert world.run().summary["verdict"] == "warning"
    assert world.here() == {"Achats/supp_a.pdf": b"edited since"} and world.online() == {}
    world.same()


@row(BASIC, "local removal")
def removal(world: World) -> None:
    world.write(A, "one")
    world.run()
    world.path(A).unlink()
    assert [e["action"] for e in world.run().events] == ["leave"]
    assert world.here() == {} and A in world.online()
    world.same()
    world.put(A, "changed")
    assert [e["action"] for e in world.run().events] == ["download"]
    assert world.here() == {A: b"changed"}
    world.same()


@row(BASIC, "moves and a folder of 50")
def moves(world: World) -> None:
    world.write(A, "one")
    for n in range(50):
        world.write(f"Achats/2025/{n:02}.pdf", f"doc {n}")
    world.run()
    ids = {d["id"] for d in world.online().values()}
    os.rename(world.path(A), world.path("Ventes/b.pdf"))
    os.rename(world.path("Achats/2025"), world.path("Achats/Exercice 2025"))
    done = world.run()
    assert done.summary["uploaded"] == 0 and done.code == 0, done.events
    assert sorted((e["action"], e["folder"]) for e in done.events) == [("move", False), ("move", True)]
    assert {d["id"] for d in world.online().values()} == ids
    world.portal("document", "move", CODE, "Ventes/b.pdf", "Banque/c.pdf")
    world.portal("folder", "move", CODE, "Achats/Exercice 2025", "Ventes/Anciens/2025")
    done = world.run()
    assert done.summary["downloaded"] == done.summary["uploaded"] == 0 and done.code == 0, done.events
    assert set(world.here()) == {"Banque/c.pdf", *(f"Ventes/Anciens/2025/{n:02}.pdf" for n in range(50))}
    world.same()


@row(BASIC, "never published")
def never(world: World) -> None:
    world.write("Divers/x.pdf", "of no folder of the tree")
    world.write("racine.pdf", "at the top")
    world.write("Achats/~$note.docx", "a lock")
    world.write("Achats/en cours.tmp", "not yet")
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 0 and world.online() == {}
    assert {e["path"] for e in done.actions("problem")} == {"Divers", "racine.pdf"}


@row(BASIC, "refusals named")
def refusals(world: World) -> None:
    template = world.base / "petit.toml"
    template.write_text('name = "petit"\n[[folder]]\npath = "Petit"\nmax_size = 10\nextensions = ["pdf"]\n')
    world.portal("client", "set", CODE, "--template", str(template))
    world.run()
    for name, data in (("long.pdf", "more than ten bytes"), ("tool.exe", "x"), ("empty.pdf", ""), ("fine.pdf", "fine")):
        world.write(f"Petit/{name}", data)
    done = world.run()
    assert done.code == 3 and {(e["path"], e["reason"]) for e in done.actions("refused")} == {
        ("Petit/long.pdf", "too_large"),
        ("Petit/tool.exe", "extension_not_allowed"),
        ("Petit/empty.pdf", "empty"),
    }
    assert set(world.online()) == {"Petit/fine.pdf"}


@row(BASIC, "mass deletion and agreement")
def mass_deletion(world: World) -> None:
    for n in range(50):
        world.write(f"Achats/{n:03}.pdf", f"doc {n}")
    world.run()
    for n in range(30):
        world.remove(f"Achats/{n:03}.pdf")
    done = world.run()
    assert done.code == 4 and done.reasons == {"guard_changes"} and not any("supp_" in p for p in world.here())
    approved = world.syncd("approve", CODE, "--yes", "--json")
    assert approved.code == 0 and json.loads(approved.out)["changes"] == 30
    done = world.run()
    assert done.code == 0 and done.summary["set_aside"] == 30
    assert sum("supp_" in p for p in world.here()) == 30
    world.same()


@row(BASIC, "dry run")
def dry_run(world: World) -> None:
    world.write(A, "here")
    world.put("Ventes/v.pdf", "online")
    dry = world.run("--dry-run")
    assert {(e["action"], e["path"]) for e in dry.events} == {("upload", A), ("download", "Ventes/v.pdf")}
    assert world.here() == {A: b"here"} and set(world.online()) == {"Ventes/v.pdf"}
    assert world.run().code == 0
    assert set(world.here()) == set(world.online()) == {A, "Ventes/v.pdf"}
    world.same()
