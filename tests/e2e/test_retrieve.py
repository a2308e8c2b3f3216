"""`syncd retrieve` against the real portal: the command, its words, its codes."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import CODE, NAME, Outcome, World
from tests.support.bags import check, documents

pytestmark = pytest.mark.e2e


def lines(done: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_client_is_handed_over_with_who_sent_what_and_the_journal(world: World, tmp_path: Path) -> None:
    world.write("Achats/a.pdf", "from the cabinet")
    world.put("Banque/r.pdf", "from the company")
    world.run()
    before, to = world.here(), tmp_path / "remise"
    done = world.syncd("retrieve", CODE, "--to", to, "--yes", "--json")
    assert done.code == 0, done.err
    client, summary = lines(done)
    assert client["places"] == [f"{CODE} - {NAME}"] and client["missing"] == []
    assert {k: summary[k] for k in ("type", "clients", "present", "retrieved", "exit_code")} == {
        "type": "summary", "clients": 1, "present": 2, "retrieved": 2, "exit_code": 0,
    }  # fmt: skip
    bag = to / f"{CODE} - {NAME}"
    check(bag)
    assert documents(bag) == {"Achats/a.pdf": b"from the cabinet", "Banque/r.pdf": b"from the company"}
    rows = list(csv.DictReader((bag / "documents.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    said = {row["Emplacement en ligne"]: row for row in rows}
    assert said["Achats/a.pdf"]["Origine"] == "le cabinet" and said["Banque/r.pdf"]["Origine"] == "l'entreprise"
    assert said["Banque/r.pdf"]["Reçu le"] and said["Banque/r.pdf"]["Déposé le"]
    assert "Banque/r.pdf" in (bag / "journal" / "journal.csv").read_text("utf-8-sig")
    assert world.here() == before and [p.name for p in to.iterdir()] == [bag.name]
    again = world.syncd("retrieve", CODE, "--to", to, "--yes")
    assert again.code == 2 and "existe déjà" in again.err
    world.same()


def test_where_it_may_not_go_and_what_it_does_not_begin(world: World, tmp_path: Path) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    codes = tmp_path / "codes.txt"
    codes.write_text(f"# partis\n{CODE};SARL Dupont\n")
    for wrong, words in (
        ((CODE, "--to", world.root / "sortie"), "dans les dossiers du cabinet"),
        ((CODE, "--to", world.state), "dossier de syncd"),
        (("--to", tmp_path / "x"), "nommez des clients"),
        ((CODE, "--all", "--to", tmp_path / "x"), "un seul des trois"),
        (("999", "--to", tmp_path / "x", "--yes"), "999"),
        (("--portfolio", "Nulle part", "--to", tmp_path / "x", "--yes"), "Nulle part"),
        ((CODE, "--exercise", "1999", "--to", tmp_path / "x", "--yes"), "1999"),
        ((CODE, "--part-size", "beaucoup", "--to", tmp_path / "x"), "taille"),
        (("--list", tmp_path / "none.txt", "--to", tmp_path / "x"), "none.txt"),
        (("--list", codes, "--to", tmp_path / "x"), "--yes"),  # nobody is there to be asked
    ):
        done = world.syncd("retrieve", *wrong)
        assert done.code == 2 and words in done.err, (wrong, done.out + done.err)
    assert not list((tmp_path / "x").iterdir()) and not (world.root / "sortie").exists()
    done = world.syncd("retrieve", "--list", codes, "--to", tmp_path / "x", "--yes", "--zip")
    assert done.code == 0 and "1 récupéré sur 1 présent" in done.out, done.err
    assert [p.name for p in (tmp_path / "x").iterdir()] == [f"{CODE} - {NAME}.zip"]


BETWEEN_DOCUMENTS = """
from syncd.jobs.retrieve import fetch
from syncd.jobs.retrieve.directory_bag import DirectoryBag
fetch.BATCH_COUNT = 2
place, placed = DirectoryBag._place, []
def killing(self, taken):
    placed.append(taken)
    if len(placed) == 2:
        os.kill(os.getpid(), 9)
    return place(self, taken)
DirectoryBag._place = killing
"""
BEFORE_THE_PROOFS = """
from syncd.jobs.retrieve.directory_bag import DirectoryBag
DirectoryBag.close = lambda self, files: os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize("parts", [(), ("--part-size", "3K")], ids=["one bag", "parts"])
def test_killed_twice_and_repeated_twice_it_is_the_bag_that_nobody_disturbed(
    world: World, tmp_path: Path, parts: tuple[str, ...]
) -> None:
    for folder in ("Achats", "Banque"):
        for n in range(5):
            world.write(f"{folder}/{n}.pdf", f"{folder} {n} " * 60)
    world.run()
    asked, to, whole = ("retrieve", CODE, "--yes", *parts, "--to"), tmp_path / "remise", tmp_path / "whole"
    assert world.syncd(*asked, whole).code == 0
    assert world.hooked(BETWEEN_DOCUMENTS, *asked, to).code == -9
    assert world.hooked(BEFORE_THE_PROOFS, *asked, to).code == -9
    done = world.syncd(*asked, to)
    assert done.code == 0 and "10 récupérés sur 10 présents" in done.out, done.err
    names = sorted(p.name for p in whole.iterdir() if p.is_dir())
    assert sorted(p.name for p in to.iterdir()) == names and len(names) == (2 if parts else 1)
    for name in names:
        check(to / name)
        assert documents(to / name) == documents(whole / name)
        assert (to / name / "manifest-sha256.txt").read_bytes() == (whole / name / "manifest-sha256.txt").read_bytes()
    held = {p: p.read_bytes() for p in to.rglob("*") if p.is_file()}
    again = world.syncd(*asked, to)
    assert again.code == 2 and "existe déjà" in again.err
    assert {p: p.read_bytes() for p in to.rglob("*") if p.is_file() and ".syncd-retrieve" not in p.parts} == held


def test_what_the_portal_cannot_give_is_named_and_the_rest_is_whole(world: World, tmp_path: Path) -> None:
    for name in "abc":
        world.write(f"Achats/{name}.pdf", name)
    world.run()
    (blob,) = [p for p in (world.portal_dir / "blobs").rglob("*") if p.is_file() and p.read_bytes() == b"b"]
    blob.write_bytes(b"X")
    done = world.syncd("retrieve", CODE, "--to", tmp_path / "x", "--yes")
    assert done.code == 3 and "2 récupérés sur 3 présents" in done.out and "Achats/b.pdf" in done.out
    check(tmp_path / "x" / f"{CODE} - {NAME}")
    blob.write_bytes(b"b")
    done = world.syncd("retrieve", CODE, "--to", tmp_path / "x", "--yes")
    assert done.code == 0 and "3 récupérés sur 3 présents" in done.out, done.err
    check(tmp_path / "x" / f"{CODE} - {NAME}")


def in_dijon(world: World) -> None:
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db")) as db, db:
        db.execute("update portal_client set site = 'Dijon' where code = ?", (CODE,))
    world.portal("client", "set", CODE, "--name", NAME)  # what the engine is told of


def test_a_portfolio_is_handed_over_and_restored(world: World, tmp_path: Path) -> None:
    world.client("009999", "Autre")
    world.write("Achats/a.pdf", "one")
    in_dijon(world)
    world.run()
    done = world.syncd("retrieve", "--portfolio", "dijon", "--to", tmp_path / "x", "--yes", "--json")
    assert done.code == 0 and [line.get("client") for line in lines(done)] == [CODE, None], done.err
    world.path("Achats/a.pdf").unlink()
    done = world.syncd("restore", "--portfolio", "Dijon", "--json")
    assert done.code == 0 and world.here() == {"Achats/a.pdf": b"one"}, done.err
    for wrong in (("--portfolio", "Beaune"), ("--portfolio", "Dijon", "--all"), ("--portfolio", "Dijon", CODE)):
        assert world.syncd("restore", *wrong).code == 2


def test_afterwards_a_client_is_closed_where_the_engine_may_and_everything_stays(world: World, tmp_path: Path) -> None:
    world.write("Achats/a.pdf", "one")
    world.put("Banque/r.pdf", "two")
    world.run()
    here, online = world.here(), world.online()
    asked = ("retrieve", CODE, "--to", tmp_path / "x", "--yes", "--deactivate", "--json")
    done = world.syncd(*asked)
    assert done.code == 2 and "engine-right" in done.err and not list((tmp_path / "x").iterdir())
    assert world.syncd(*asked, "--exercise", "2024").code == 2
    world.portal("engine-right", CODE, "cards", "on")
    done = world.syncd(*asked)
    assert done.code == 0 and lines(done)[-1]["deactivated"] == [CODE], done.err + done.out
    check(tmp_path / "x" / f"{CODE} - {NAME}")
    assert '"closed": true' in world.portal("client", "list", "--json").out.replace('":true', '": true')
    world.write("Achats/later.pdf", "it goes nowhere any more")
    assert world.run().idle
    assert world.here() == {**here, "Achats/later.pdf": b"it goes nowhere any more"}
    assert {p: d["sha256"] for p, d in world.online().items()} == {p: d["sha256"] for p, d in online.items()}
