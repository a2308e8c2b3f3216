"""A crash at every durable step of a run, then new runs: nothing lost, nothing doubled (HAZARDS 37, 39).

Durable steps are the calls of the mirror, the transactions of the state and the portal's answers; the engine is
stopped right before the n-th of them, for every n, by an error that nothing in it catches.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import Direction, FolderRule
from syncd.local.mirror import DiskMirror
from syncd.local.mirror import DiskMirror as Mirror
from tests.simulation import engine_in_memory
from tests.simulation.engine_in_memory import Lab

FOLDERS = (FolderRule("Achats"), FolderRule("Ventes"), FolderRule("Interne", direction=Direction.NONE))
MIRROR = (
    "rename",
    "link",
    "put_aside",
    "place",
    "replace",
    "temp",
    "sync_temps",
    "sync_names",
    "make_folder",
    "move_folder",
    "set_generation",
)
REMOTE = ("hello", "put", "move", "remove", "summary")


class Crash(BaseException):
    """Power is gone: nothing may catch it."""


class Fuse:
    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise Crash


def crashing(lab: Lab, fuse: Fuse) -> Any:
    """Every durable step goes through the fuse first; answers of the portal may be lost after it acted."""

    class FusedMirror(Mirror):
        pass

    for name in MIRROR:
        inner = getattr(DiskMirror, name)

        def fused(self: Any, *args: Any, _inner: Callable[..., Any] = inner) -> Any:
            fuse.step()
            return _inner(self, *args)

        setattr(FusedMirror, name, fused)
    stack = contextlib.ExitStack()
    patch = pytest.MonkeyPatch()
    stack.callback(patch.undo)
    patch.setattr(engine_in_memory, "DiskMirror", FusedMirror)
    for name in REMOTE:
        verb = getattr(lab.remote, name)

        async def asked(*args: Any, _verb: Callable[..., Any] = verb) -> Any:
            fuse.step()  # the request is lost
            answer = await _verb(*args)
            fuse.step()  # the answer is lost
            return answer

        patch.setattr(lab.remote, name, asked)
    atomic = lab.state.transaction.atomic

    @contextlib.contextmanager
    def transaction() -> Iterator[None]:
        outer = not lab.state.conn.in_transaction
        with atomic():
            yield
            if outer:
                fuse.step()  # before the commit: all of it is undone

    patch.setattr(lab.state.transaction, "atomic", transaction)
    return stack


def two_names_swapped(lab: Lab) -> None:
    client = lab.clients["001"]
    lab.deposit("Achats/x.pdf", b"X")
    lab.deposit("Achats/y.pdf", b"Y")
    lab.run()
    space = lab.portal.spaces[client]
    x, y = space.live("Achats/x.pdf"), space.live("Achats/y.pdf")
    assert x is not None and y is not None
    for doc, to in ((x, "Achats/t.pdf"), (y, "Achats/x.pdf"), (x, "Achats/y.pdf")):
        lab.portal.move_doc(client, doc.doc.id, to)


def a_chain(lab: Lab) -> None:
    client = lab.clients["001"]
    for name in "abc":
        lab.deposit(f"Achats/{name}.pdf", name.encode())
    lab.run()
    for old, new in (("c", "d"), ("b", "c"), ("a", "b")):
        stored = lab.portal.spaces[client].live(f"Achats/{old}.pdf")
        assert stored is not None
        lab.portal.move_doc(client, stored.doc.id, f"Achats/{new}.pdf")


def everything_at_once(lab: Lab) -> None:
    client = lab.clients["001"]
    for n in range(6):
        lab.write(f"Achats/{n}.pdf", f"doc {n}".encode())
    lab.write("Achats/2025/a.pdf", b"in a folder")
    lab.deposit("Ventes/2025/b.pdf", b"in another")
    lab.run()
    lab.run()
    lab.write("Achats/0.pdf", b"edited here")
    lab.deposit("Achats/1.pdf", b"edited online")
    lab.write("Achats/2.pdf", b"both, here")
    lab.deposit("Achats/2.pdf", b"both, online")
    lab.portal.remove(client, "Achats/3.pdf")
    lab.rename("Achats/4.pdf", "Ventes/4.pdf")
    lab.unlink("Achats/5.pdf")
    lab.rename("Achats/2025", "Achats/Exercice 2025")
    folder = lab.portal.spaces[client].folder("Ventes/2025")
    assert folder is not None
    lab.portal.move_folder(client, folder, "Ventes/Exercice 2025")
    lab.write("Achats/new.pdf", b"new here")
    lab.deposit("Ventes/new.pdf", b"new online")


def taken_names(lab: Lab) -> None:
    client = lab.clients["001"]
    lab.deposit("Achats/a.pdf", b"a")
    lab.deposit("Achats/s.pdf", b"s")
    lab.run()
    lab.portal.remove(client, "Achats/s.pdf")
    lab.run()
    stored = lab.portal.spaces[client].live("Achats/a.pdf")
    assert stored is not None
    lab.portal.move_doc(client, stored.doc.id, "Achats/b.pdf")
    lab.write("Achats/b.pdf", b"unknown online")
    lab.deposit("Achats/supp_s.pdf", b"really called so")
    gone = next(i for i, s in lab.portal.spaces[client].docs.items() if s.doc.tombstone)
    lab.portal.restore(client, gone)


@pytest.mark.parametrize("history", [two_names_swapped, a_chain, everything_at_once, taken_names])
def test_a_crash_at_every_durable_step(history: Callable[[Lab], None], tmp_path: Path) -> None:
    steps = 0
    while True:
        steps += 1
        base = tmp_path / f"{steps}"
        lab = Lab(base, FOLDERS)
        lab.run()
        history(lab)
        documents = len(lab.portal.spaces[lab.clients["001"]].docs)
        fuse = Fuse(steps)
        with crashing(lab, fuse):
            try:
                lab.run()
                crashed = False
            except Crash:
                crashed = True
        try:
            lab.check()
        except AssertionError as e:
            raise AssertionError(f"crash at step {steps}: {e}") from None
        copies = [p for p in lab.here() if "version du cabinet" in p]
        assert len(copies) <= 2, f"crash at step {steps}: {copies}"
        ever = len(lab.portal.spaces[lab.clients["001"]].docs)
        assert ever <= documents + 3, f"crash at step {steps}: {ever - documents} documents were made"
        lab.close()
        if not crashed:
            break
    assert steps > 10


def test_a_run_that_ends_between_scan_and_plan_leaves_the_document_to_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a storm (seed 1094): the scan was remembered, the client still counted as having nothing to do."""
    from syncd.engine import run as engine_run

    lab = Lab(tmp_path / "lab", FOLDERS)
    lab.converge()
    lab.write("Achats/a.pdf", b"one")

    def dies(*args: Any) -> None:
        raise Crash

    monkeypatch.setattr(engine_run, "plan_alone", dies)
    with pytest.raises(Crash):
        lab.run()
    monkeypatch.undo()
    lab.check()
    assert lab.online() == {"Achats/a.pdf": b"one"}
    lab.close()


def test_a_folder_renamed_here_stays_renamed_when_power_is_lost_before_the_portal_was_told(tmp_path: Path) -> None:
    """Found by a loss of power: what was agreed of its documents was written down before the folder had moved."""
    steps = 0
    while True:
        steps += 1
        lab = Lab(tmp_path / str(steps), FOLDERS)
        lab.run()
        lab.write("Achats/2025/a.pdf", b"one")
        lab.converge()
        lab.write("Achats/2025/a.pdf", b"two")
        lab.rename("Achats/2025", "Achats/Exercice 2025")
        fuse = Fuse(steps)
        with crashing(lab, fuse):
            try:
                lab.run()
                crashed = False
            except Crash:
                crashed = True
        lab.check()
        assert lab.here() == lab.online() == {"Achats/Exercice 2025/a.pdf": b"two"}, f"crash at step {steps}"
        lab.close()
        if not crashed:
            break


def test_a_save_between_the_check_and_the_replace_survives_as_a_version_of_the_cabinet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.disk.directory import Directory

    lab = Lab(tmp_path / "lab", FOLDERS)
    lab.run()
    lab.write("Achats/a.pdf", b"one")
    lab.run()
    lab.deposit("Achats/a.pdf", b"online two")
    exchange, saved = Directory.exchange, list[Any]()

    def saving(temps: Directory, new: str, folder: Directory, name: str) -> bool:
        if not saved:
            target = Path(folder.where, name)
            saved.append(target)
            other = target.with_suffix(".new")
            other.write_bytes(lab.seen(b"an accountant's save"))
            other.replace(target)
        return exchange(temps, new, folder, name)

    monkeypatch.setattr(Directory, "exchange", saving)
    lab.run()
    monkeypatch.undo()
    lab.check()
    here = lab.here()
    assert saved and here["Achats/a.pdf"] == b"online two" and b"an accountant's save" in here.values()
    assert b"an accountant's save" in lab.online().values()
    lab.close()


def test_without_exchange_and_no_replace_nothing_is_renamed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems and systems that know neither (RULES 6: the nearest safe equivalent)."""
    from syncd.disk import rename

    monkeypatch.setattr(rename, "_renameat2", None)
    lab = Lab(tmp_path / "lab", FOLDERS)
    lab.run()
    everything_at_once(lab)
    lab.check()
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    with pytest.raises(FileExistsError):
        rename.move_no_replace(str(one), str(two))
    assert (one.read_text(), two.read_text()) == ("1", "2")
    lab.close()
