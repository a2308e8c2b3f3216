"""Documents somebody has open, and the engine's own copies (HAZARDS 9, RULES 6)."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def word_lock(name: str) -> bytes:
    raw = name.encode("cp1252")
    return (bytes([len(raw)]) + raw).ljust(55, b"\x00") + name.encode("utf-16-le").ljust(108, b"\x00")


@pytest.mark.parametrize(
    ("lock", "data"),
    [
        ("~$bilan 2026.xlsx", word_lock("M. Martin")),
        ("~$lan 2026.xlsx", word_lock("M. Martin")),
        (".~lock.bilan 2026.xlsx#", b"M. Martin,martin,PC-12,21.11.2026 14:03,file:///C:/Users/martin;"),
    ],
)
def test_an_open_document_waits_both_ways_and_says_who_has_it(world: World, lock: str, data: bytes) -> None:
    name = "Fiscalité/bilan 2026.xlsx"
    world.write(name, "one")
    world.run()
    world.write(f"Fiscalité/{lock}", data)
    assert world.run().idle and not world.run().reasons  # open and unchanged: nothing to say
    world.write(name, "saved, but still open")
    done = world.run()
    assert done.idle and [(e["reason"], e["detail"]) for e in done.actions("problem")] == [("locked", "M. Martin")]
    assert "ouvert par M. Martin" in world.syncd("report").out
    world.path(f"Fiscalité/{lock}").unlink()
    assert world.run().summary["uploaded"] == 1
    world.write(f"Fiscalité/{lock}", data)
    world.put(name, "changed online")
    done = world.run()
    assert done.idle and done.reasons == {"locked"} and world.here()[name] == b"saved, but still open"
    world.remove(name)
    assert world.run().idle and world.here()[name] == b"saved, but still open"  # nor set aside under an open window
    world.path(f"Fiscalité/{lock}").unlink()
    assert world.run().summary["set_aside"] == 1
    world.same()


def test_a_folder_renamed_online_waits_while_a_document_in_it_is_open(world: World) -> None:
    world.write("Achats/2025/bilan.xlsx", "one")
    world.run()
    world.write("Achats/2025/~$bilan.xlsx", word_lock("M. Martin"))
    world.portal("folder", "move", "007868", "Achats/2025", "Achats/2025 clos")
    world.put("Achats/2025 clos/neuf.pdf", "new online")
    done = world.run()
    assert done.idle and [(e["path"], e["detail"]) for e in done.actions("problem")] == [("Achats/2025", "M. Martin")]
    world.write("Achats/2025/bilan.xlsx", "saved while it was open")
    world.run()
    assert {p for p in world.here() if "~$" not in p} == {"Achats/2025/bilan.xlsx"}
    world.path("Achats/2025/~$bilan.xlsx").unlink()
    world.run()
    assert world.here() == {
        "Achats/2025 clos/bilan.xlsx": b"saved while it was open", "Achats/2025 clos/neuf.pdf": b"new online"
    }  # fmt: skip
    assert not world.path("Achats/2025").exists()
    world.same()


def test_a_save_by_temporary_and_rename_is_one_version(world: World) -> None:
    """As Word saves: a temporary beside it, the old one renamed away, the new one renamed in, the old one dropped."""
    path = world.write("Achats/lettre.docx", "one")
    world.run()
    new, old = path.with_name("~WRD0001.tmp"), path.with_name("~WRL0002.tmp")
    new.write_bytes(b"two")
    path.rename(old)
    new.rename(path)
    old.unlink()
    done = world.run()
    assert done.summary["uploaded"] == 1 and world.online()["Achats/lettre.docx"]["version"] == 2
    world.same()


def test_what_was_replaced_is_kept_a_month_and_swept_only_when_the_portal_holds_it(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    world.put("Achats/a.pdf", "two")
    world.run()
    replaced = world.dir() / ".syncd" / "replaced"
    (kept,) = replaced.iterdir()
    assert kept.read_bytes() == b"one"
    stranger = replaced / "x.interrupted"
    stranger.write_bytes(b"bytes the portal never had")
    world.run()
    assert kept.exists() and stranger.exists()
    _age(world, 31)
    assert not kept.exists() and stranger.exists()
    world.same()


def _age(world: World, days: int) -> None:
    """One run of an engine for which `days` have gone by, in a process of its own."""
    done = world.hooked(
        f"""
        import time
        now, ns, later = time.time, time.time_ns, {days} * 86400
        time.time = lambda: now() + later
        time.time_ns = lambda: ns() + later * 10**9
        """,
        "run",
    )
    assert done.code == 0, done.err
