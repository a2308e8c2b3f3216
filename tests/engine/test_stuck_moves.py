"""What cannot be renamed at the cabinet: said once after three runs, with what to do; everything else goes on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from syncd.core import words
from syncd.disk.directory import Directory
from tests.engine.test_backoff import MINUTE, Counted


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    lab = Counted(tmp_path / "lab", monkeypatch)
    lab.run()
    return lab


def folder_of(lab: Counted, client: str, path: str) -> str:
    found = lab.portal.spaces[client].folder(path)
    assert found is not None
    return found


def stuck(*names: str) -> pytest.MonkeyPatch:
    """A disk, or a share, that will not rename these."""
    patch, real = pytest.MonkeyPatch(), Directory.move

    def move(self: Directory, name: str, into: Directory, to: str) -> None:
        if name in names:
            raise OSError(errno.EACCES, "Permission denied")
        real(self, name, into, to)

    patch.setattr(Directory, "move", move)
    return patch


def test_a_move_that_fails_is_said_once_after_three_runs_with_what_to_do(lab: Counted) -> None:
    client = lab.clients["001"]
    for name in ("dossier/a.pdf", "dossier/b.pdf", "c.pdf"):
        lab.deposit(f"Achats/{name}", name.encode())
    lab.converge()
    patch = stuck("dossier", "c.pdf")
    lab.portal.move_folder(client, folder_of(lab, client, "Achats/dossier"), "Achats/Dossier bis")
    stored = lab.portal.spaces[client].live("Achats/c.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/d.pdf")
    codes, said = [], []
    for n in range(8):
        lab.deposit(f"Achats/{n}.pdf", b"another, which comes")
        summary = lab.run()
        codes.append(summary["exit_code"])
        said.append([(e.path, e.reason, e.detail, e.new) for e in lab.events if e.reason == "not_renamed"])
        assert summary["downloaded"] == 1
    assert codes == [3, 3, 0, 0, 0, 0, 0, 0] and said[:2] == [[], []]
    places = [("Achats/Dossier bis", "not_renamed", "Achats/dossier"), ("Achats/d.pdf", "not_renamed", "Achats/c.pdf")]
    assert sorted(said[2]) == sorted((*p, True) for p in places)
    assert all(sorted(each) == sorted((*p, False) for p in places) for each in said[3:])
    assert lab.here()["Achats/dossier/a.pdf"] == b"dossier/a.pdf" and "Achats/c.pdf" in lab.here()
    assert words.REASONS["not_renamed"]
    lab.later(6 * 60 * MINUTE + 1)
    assert lab.run()["exit_code"] == 0 and len([e for e in lab.events if e.reason == "not_renamed"]) == 2
    patch.undo()
    lab.later(6 * 60 * MINUTE + 1)
    assert lab.run()["moved"] == 2
    assert {"Achats/Dossier bis/a.pdf", "Achats/d.pdf"} <= set(lab.here()) and lab.state.progress.pauses(client) == {}
    lab.check()


def test_another_place_is_tried_at_once_and_so_is_a_rename_by_hand_seen(lab: Counted) -> None:
    client = lab.clients["001"]
    lab.deposit("Achats/dossier/a.pdf", b"one")
    lab.deposit("Achats/c.pdf", b"two")
    lab.converge()
    patch = stuck("dossier", "c.pdf")
    folder = folder_of(lab, client, "Achats/dossier")
    lab.portal.move_folder(client, folder, "Achats/Dossier")
    stored = lab.portal.spaces[client].live("Achats/c.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/d.pdf")
    assert [lab.run()["exit_code"] for _ in range(4)] == [3, 3, 0, 0]
    lab.portal.move_folder(client, folder, "Achats/elsewhere")
    assert lab.run()["exit_code"] == 3
    patch.undo()
    (lab.dir() / "Achats/c.pdf").rename(lab.dir() / "Achats/d.pdf")
    assert lab.run()["exit_code"] == 0
    assert set(lab.here()) == {"Achats/elsewhere/a.pdf", "Achats/d.pdf"}
    lab.check()


def test_what_cannot_make_room_is_said_and_everything_else_of_the_client_goes_on(lab: Counted) -> None:
    client = lab.clients["001"]
    lab.deposit("Achats/c.pdf", b"c")
    lab.converge()
    patch = stuck("d.pdf")
    lab.write("Achats/d.pdf", b"written here at the same time")
    stored = lab.portal.spaces[client].live("Achats/c.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/d.pdf")
    lab.deposit("Achats/e.pdf", b"another, which comes")
    assert lab.run()["exit_code"] == 3 and "Achats/e.pdf" in lab.here()
    said = [(e.path, e.reason) for e in lab.events if e.action == "problem"]
    assert set(said) == {("Achats/d.pdf", "unreadable"), ("Achats/d.pdf", "unstable")}
    patch.undo()
    lab.converge()
    assert lab.here()["Achats/d.pdf"] == b"c"
    lab.check()


def test_what_is_open_is_not_stuck(lab: Counted) -> None:
    client = lab.clients["001"]
    lab.deposit("Achats/c.pdf", b"two")
    lab.converge()
    patch, real = pytest.MonkeyPatch(), Directory.move

    def move(self: Directory, name: str, into: Directory, to: str) -> None:
        if name == "c.pdf":
            error = OSError(errno.EACCES, "in use")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        real(self, name, into, to)

    patch.setattr(Directory, "move", move)
    stored = lab.portal.spaces[client].live("Achats/c.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/d.pdf")
    for _ in range(5):
        assert lab.run()["exit_code"] == 3 and [e.reason for e in lab.events] == ["locked"]
    patch.undo()
    assert lab.run()["moved"] == 1
    lab.check()
