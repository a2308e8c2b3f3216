"""`syncd restore`: the day after ransomware, one run undone, one document brought back."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncd.core.errors import UsageError
from syncd.operations import outside
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def moment() -> str:
    """Now, to the second, with a second between it and what comes before and after."""
    time.sleep(1.1)
    now = datetime.now(ZoneInfo("Europe/Paris"))
    time.sleep(1.1)
    return f"{now:%Y-%m-%d %H:%M:%S}"


def test_a_tree_as_it_was_after_everything_was_encrypted_moved_and_deleted(world: World) -> None:
    for n in range(6):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.put("Banque/r.pdf", "a deposit")
    world.run()
    before, when = world.here(), moment()
    world.write("Achats/0.pdf", "ENCRYPTED 0")
    world.write("Achats/1.pdf", "ENCRYPTED 1")
    world.path("Achats/2.pdf").rename(world.path("Ventes/elsewhere.pdf"))
    world.path("Achats/3.pdf").unlink()
    world.remove("Achats/4.pdf")
    world.portal("document", "move", CODE, "Banque/r.pdf", "Banque/Archives/r.pdf")
    world.write("Achats/ransom.txt", "pay")
    world.run()
    world.write("Achats/5.pdf", "ENCRYPTED and not yet seen by a run")
    dry = world.syncd("restore", CODE, "--at", when, "--dry-run", "--json")
    assert dry.code == 0 and dry.out.count('"restore"') == 7, dry.out + dry.err
    assert world.here()["Achats/0.pdf"] == b"ENCRYPTED 0"
    done = world.syncd("restore", CODE, "--at", when)
    assert done.code == 0, done.err + done.out
    here = world.here()
    assert {p: here[p] for p in before} == before and set(here) - set(before) == {"Achats/ransom.txt"}
    kept = {p.read_bytes() for p in (world.dir() / ".syncd" / "replaced").iterdir()}
    assert {b"ENCRYPTED 0", b"ENCRYPTED 1", b"ENCRYPTED and not yet seen by a run"} <= kept
    assert world.run().code == 0
    assert {p: world.bytes_online(p) for p in before} == before
    assert world.bytes_online("Achats/0.pdf", 2) == b"ENCRYPTED 0"
    again = world.syncd("restore", CODE, "--at", when)
    assert again.code == 0 and "Rien à restaurer" in again.out
    world.same()


def test_one_run_is_undone_and_nothing_else(world: World) -> None:
    world.write("Achats/a.pdf", "a one")
    world.write("Achats/b.pdf", "b one")
    world.run()
    world.write("Achats/a.pdf", "a two")
    world.run()
    world.put("Achats/b.pdf", "b two")
    done = world.run()
    world.write("Achats/a.pdf", "a three")
    world.run()
    undone = world.syncd("restore", CODE, "--run", done.summary["run"])
    assert undone.code == 0, undone.err
    assert world.here() == {"Achats/a.pdf": b"a three", "Achats/b.pdf": b"b one"}
    world.run()
    assert world.bytes_online("Achats/b.pdf") == b"b one" and world.online()["Achats/b.pdf"]["version"] == 3
    world.same()


def test_what_was_removed_here_and_stayed_online_comes_back(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.write("Achats/b.pdf", "two")
    world.run()
    for name in "ab":
        world.path(f"Achats/{name}.pdf").unlink()
    assert world.run().summary["left"] == 2
    assert world.syncd("restore", CODE, "Achats/a.pdf").code == 0
    assert world.here() == {"Achats/a.pdf": b"one"}
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 0 and world.here() == {"Achats/a.pdf": b"one"}


def test_to_another_directory_nothing_of_the_mirror_changes_and_nothing_is_overwritten(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.write("Achats/2025/b.pdf", "two")
    world.run()
    when = moment()
    world.write("Achats/a.pdf", "changed")
    world.run()
    to = world.base / "juin"
    assert world.syncd("restore", CODE, "Achats", "--at", when, "--to", to).code == 0
    wide = [str(p) for p in (to, *to.rglob("*")) if p.stat().st_mode & 0o077]
    assert not wide or os.name != "posix", wide  # another account may not read them
    assert (to / "Achats/a.pdf").read_text() == "one" and (to / "Achats/2025/b.pdf").read_text() == "two"
    (to / "Achats/a.pdf").write_text("mine")
    done = world.syncd("restore", CODE, "--at", when, "--to", to)
    assert done.code == 3 and (to / "Achats/a.pdf").read_text() == "mine"
    assert world.here()["Achats/a.pdf"] == b"changed"
    inside = world.syncd("restore", CODE, "--to", world.root / "x")
    assert inside.code == 2 and "est dans les dossiers" in inside.err


def test_where_the_account_may_not_write_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was said once a document, as if the portal's version could not be read."""
    monkeypatch.setattr(os, "access", lambda *given, **how: False)
    with pytest.raises(UsageError, match=rf"may not write in '{tmp_path}'.*--to"):
        outside.may_write(tmp_path / "out" / "juin")


def test_a_name_that_is_another_documents_now_is_not_overwritten(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    when = moment()
    world.remove("Achats/a.pdf")
    world.run()
    world.path("Achats/supp_a.pdf").unlink()
    world.put("Achats/a.pdf", "another document")
    world.run()
    assert world.syncd("restore", CODE, "--at", when).code == 0
    assert world.here() == {"Achats/a.pdf": b"another document", "Achats/a (2).pdf": b"one"}


def test_a_document_that_made_room_for_another_does_not_take_its_place_back(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    when = moment()
    world.path("Achats/a.pdf").rename(world.path("Achats/b.pdf"))
    world.run()
    world.write("Achats/a.pdf", "another")
    world.run()
    assert world.syncd("restore", CODE, "--at", when).code == 0
    assert world.here() == {"Achats/a.pdf": b"another", "Achats/b.pdf": b"one", "Achats/a (2).pdf": b"one"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["999"], "le code 999"),
        ([CODE, "Achats/nothing.pdf"], "aucun document à 'Achats/nothing.pdf'"),
        ([CODE, "--at", "hier"], "n'est pas un moment"),
        ([CODE, "--at", "2099-01-01 12:00"], "n'est pas encore passé"),
        ([CODE, "--run", "12345"], "pas de synchronisation 12345"),
        ([CODE, "--run", "1", "--at", "2026-01-01 12:00"], "ne vont pas ensemble"),
    ],
)
def test_a_wish_that_cannot_be_is_one_sentence(world: World, args: list[str], said: str) -> None:
    done = world.syncd("restore", *args)
    assert done.code == 2 and said in done.err, done.err
