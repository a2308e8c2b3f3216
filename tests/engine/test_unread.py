"""What is too large to be published, and known to nobody, is refused by its size: none of it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import DEFAULT_MAX_SIZE, FolderRule
from syncd.local import scan
from tests.simulation.engine_in_memory import Lab

GIGABYTES = 5_000_000_000
LARGE = 3_000_000
LIMIT = 2_000_000


class Read(Exception):
    """Somebody reads a large document."""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path, (FolderRule("Achats", max_size=LIMIT), FolderRule("Ventes")))
    lab.run()
    lab.write("Achats/a.pdf", b"a")
    lab.write("Achats/gone.pdf", b"gone")
    lab.converge()
    yield lab
    lab.close()


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(document: int, *rest: Any) -> Any:
        os.close(document)
        raise Read

    monkeypatch.setattr(scan, "hash_open", read)


def large(lab: Lab, path: str, size: int) -> None:
    at = lab.dir() / path
    with at.open("ab") as file:
        file.truncate(size)


def refused(lab: Lab) -> list[tuple[str, str, str]]:
    return [(e.path, e.reason, e.detail) for e in lab.events if e.action == "refused"]


def test_a_large_document_that_grows_is_refused_unread_and_the_others_are_served(lab: Lab, unread: None) -> None:
    for size in (GIGABYTES, GIGABYTES + 4096):
        large(lab, "Ventes/disque.zip", size)
        lab.write(f"Ventes/{size}.pdf", b"%d" % size)
        lab.run()
        assert refused(lab) == [("Ventes/disque.zip", "too_large", f"{size} {DEFAULT_MAX_SIZE}")]
        assert lab.online()[f"Ventes/{size}.pdf"] == b"%d" % size
    assert not [e for e in lab.events if e.action == "problem"]


def test_what_is_gone_beside_it_is_still_seen_to_be_gone(lab: Lab, unread: None) -> None:
    large(lab, "Ventes/disque.zip", GIGABYTES)
    lab.unlink("Achats/gone.pdf")
    lab.run()
    assert [(e.action, e.path) for e in lab.changes] == [("leave", "Achats/gone.pdf")]


def test_one_that_was_read_once_and_grew_is_not_read_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older version read it, and remembered it."""
    large(lab, "Achats/film.zip", LIMIT + 1)
    with monkeypatch.context() as older:
        older.setattr(scan.Walk, "refused", lambda *_: False, raising=False)
        lab.run()
    assert "Achats/film.zip" in lab.state.trees.local.known(lab.clients["001"])
    large(lab, "Achats/film.zip", LARGE)
    with monkeypatch.context() as now:
        now.setattr(scan, "hash_open", lambda *_: pytest.fail("read"))
        lab.run()
    assert refused(lab) == [("Achats/film.zip", "too_large", f"{LARGE} {LIMIT}")]
    assert "Achats/film.zip" not in lab.state.trees.local.known(lab.clients["001"])


def test_what_the_portal_may_know_is_read(lab: Lab) -> None:
    """A document online of its name, or of its very size (after a lost state it is the same), whatever the limit is."""
    held = b"x" * LARGE
    lab.deposit("Ventes/film.zip", held)
    lab.run()
    lab.unlink("Ventes/film.zip")
    lab.run()
    lab.write("Achats/elsewhere.zip", held)
    lab.run()
    assert "Achats/elsewhere.zip" in lab.state.trees.local.known(lab.clients["001"])
    lab.deposit("Ventes/twice.zip", b"of the portal")
    (lab.dir() / "Ventes" / "twice.zip").write_bytes(b"")
    large(lab, "Ventes/twice.zip", DEFAULT_MAX_SIZE + 1)
    lab.run()
    lab.run()
    assert lab.here()["Ventes/twice.zip"] == b"of the portal"
    assert [p for p in lab.here() if p.startswith("Ventes/twice") and p != "Ventes/twice.zip"]


def test_what_moves_into_a_folder_with_a_lower_limit_is_read_there(lab: Lab) -> None:
    lab.write("Ventes/film.zip", b"y" * LARGE)
    lab.converge()
    lab.rename("Ventes/film.zip", "Achats/film.zip")
    lab.run()
    assert "Achats/film.zip" in lab.state.trees.local.known(lab.clients["001"])
