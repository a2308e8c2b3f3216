"""Somebody who may write in a client's directory swaps what lies there for a link, at whatever moment (HAZARDS 44).

Whatever the mirror does then: nothing outside is read, moved, written or deleted. Between any two calls on an open
directory one thing is swapped, for every operation, every thing and every call.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.content import Content
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.paths import ClientPath, DiskPath
from syncd.disk import durability, hashing
from syncd.disk.directory import Directory
from syncd.disk.posix import open_beneath
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientMarker, ClientStopped, Stale
from tests.support import scratch

CLIENT = "A001 - SARL Alpha"
MARKER = ClientMarker("d" * 32, "c" * 32, "A001")
RULES = ClientRules("A001", (FolderRule("Achats"), FolderRule("Ventes")))
OLD, NEW, SECRET = b"an old version", b"a new version", b"of another client"
SWAPPED = ("Achats", "Achats/2026", ".syncd", ".syncd/tmp", ".syncd/replaced", ".syncd/tmp/large-v", ".syncd/tmp/t",
           ".syncd/client.json", "")  # fmt: skip
STEPS = ("open", "own", "make", "listing", "names", "stat", "holds", "document", "synced", "owns", "create", "resume", "move", "respell",
         "exchange", "link", "supplant", "remove", "sync", "gives", "belonging", "give", "keep", "status")  # fmt: skip


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of mirrors are made and thrown away: none has to outlast a loss of power."""
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    monkeypatch.setattr(durability, "syncfs", lambda fd: True)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A place that costs little, which any account may come to."""
    with tempfile.TemporaryDirectory(dir=scratch.memory()) as base:
        yield Path(base)


class Place:
    """A mirror with one client, and an outside that has everything the client's directory has, under the same names."""

    def __init__(self, base: Path) -> None:
        self.root, self.outside = base / "mirror", base / "outside"
        init_root(str(self.root), "c" * 32)
        self.mirror = DiskMirror(str(self.root), settle=0.0)
        self.mirror.make_client(CLIENT, MARKER)
        self.here = self.root / CLIENT
        for at, data in ((self.here, OLD), (self.outside, SECRET)):
            for folder in ("Achats/2026", "Ventes", ".syncd/tmp", ".syncd/replaced"):
                (at / folder).mkdir(parents=True, exist_ok=True)
            for name in ("a.pdf", "t", "large-v", "kept.pdf", "Achats/2026/a.pdf", "2026/a.pdf", ".syncd/tmp/large-v",
                         "Achats/a.pdf", ".syncd/tmp/t", ".syncd/replaced/kept.pdf", "tmp/t", "tmp/large-v",
                         "replaced/kept.pdf", "client.json", "root.json"):  # fmt: skip
                (at / name).parent.mkdir(parents=True, exist_ok=True)
                (at / name).write_bytes(data)
        self.mirror.set_generation(None, {CLIENT: MARKER})  # client.json is its own again
        for own in ("tmp", "replaced"):
            (self.here / ".syncd" / own).chmod(0o700)
        for path in (self.here / ".syncd").rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.stamp = hashing.stamp_of((self.here / "Achats" / "2026" / "a.pdf").stat())
        self.inode = (self.here / "Achats" / "2026").stat().st_ino

    def swap(self, what: str) -> None:
        """For a link to the outside's own of that name; a file for a link to a file."""
        at = self.here / what
        to = self.outside / what if what.count("/") < 2 and what != "Achats/2026" else self.outside / at.name
        with contextlib.suppress(FileNotFoundError):
            at.rename(f"{at}.was" if what else self.root / "was")
            at.symlink_to(to if to.exists() else self.outside)

    def seen_outside(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for directory, _, files in os.walk(self.outside):
            st = os.lstat(directory)
            found[directory] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns)
            for name in files:
                path = Path(directory, name)
                st = path.lstat()
                found[str(path)] = (path.read_bytes(), st.st_mode, st.st_uid, st.st_gid, st.st_nlink, st.st_mtime_ns)
        return found


CONTENT = hashing.content_of(OLD)


def _sink(p: Place) -> None:
    sink, temp = p.mirror.sink(CLIENT, "v")

    async def bring() -> Content:
        await sink.write(0, NEW[:5])
        await sink.write(5, NEW[5:])
        return await sink.content()

    assert asyncio.run(bring()) == hashing.content_of(NEW)
    p.mirror.sync_temps([(CLIENT, temp)])
    p.mirror.place(CLIENT, temp, DiskPath("Achats/2026/large.pdf"))
    p.mirror.sync_names([(CLIENT, DiskPath("Achats/2026/large.pdf"))])


def _source(p: Place) -> bytes:
    async def read() -> bytes:
        return b"".join(
            [piece async for piece in p.mirror.source(CLIENT, DiskPath("Achats/2026/a.pdf"), p.stamp).chunks(0)]
        )

    return asyncio.run(read())


def _batch(p: Place) -> None:
    temp = p.mirror.temp(CLIENT, NEW)
    p.mirror.sync_temps([(CLIENT, temp)])
    p.mirror.place(CLIENT, temp, DiskPath("Achats/2026/new/b.pdf"))
    p.mirror.sync_names([(CLIENT, DiskPath("Achats/2026/new/b.pdf"))])


def _replace(p: Place) -> None:
    temp = p.mirror.temp(CLIENT, NEW)
    p.mirror.sync_temps([(CLIENT, temp)])
    p.mirror.replace(CLIENT, temp, DiskPath("Achats/2026/a.pdf"), p.stamp, CONTENT, "x")
    p.mirror.sync_names([(CLIENT, DiskPath("Achats/2026/a.pdf"))])


def _sweep(p: Place) -> None:
    for name, stamp, _ in p.mirror.kept(CLIENT, -60):
        p.mirror.drop_kept(CLIENT, name, stamp)


def _export(p: Place) -> None:
    p.mirror.export(CLIENT, p.mirror.temp(CLIENT, NEW), str(p.root.parent / "to"), ClientPath("Achats/2026/b.pdf"))


WORK: dict[str, Callable[[Place], Any]] = {
    "scan": lambda p: p.mirror.scan(CLIENT, RULES, {}),
    "content": lambda p: p.mirror.content(CLIENT, DiskPath("Achats/2026/a.pdf")),
    "read": lambda p: p.mirror.read(CLIENT, DiskPath("Achats/2026/a.pdf"), p.stamp),
    "source": _source,
    "stat": lambda p: p.mirror.stat(CLIENT, DiskPath("Achats/2026/a.pdf")),
    "make_folder": lambda p: p.mirror.make_folder(CLIENT, DiskPath("Achats/2026/x/y")),
    "move_folder": lambda p: p.mirror.move_folder(CLIENT, DiskPath("Achats/2026"), DiskPath("Ventes/2026"), p.inode),
    "rename": lambda p: p.mirror.rename(
        CLIENT, DiskPath("Achats/2026/a.pdf"), DiskPath("Achats/2026/supp_a.pdf"), p.stamp
    ),
    "link": lambda p: p.mirror.link(CLIENT, DiskPath("Achats/2026/a.pdf"), DiskPath("Achats/2026/copy.pdf"), p.stamp),
    "put_aside": lambda p: p.mirror.put_aside(CLIENT, DiskPath("Achats/2026/a.pdf"), p.stamp, CONTENT),
    "place": _batch,
    "place a large one": _sink,
    "replace": _replace,
    "drop_temps": lambda p: p.mirror.drop_temps(CLIENT),
    "sweep": _sweep,
    "export": _export,
    "clients": lambda p: p.mirror.clients(),
    "markers": lambda p: p.mirror.set_generation(None, {CLIENT: MARKER}),
    "make_client": lambda p: p.mirror.make_client(CLIENT, MARKER),
}


@contextlib.contextmanager
def before_step(number: int, do: Callable[[], None]) -> Iterator[list[int]]:
    """Something happens right before the n-th call on an open directory; yields how many there were."""
    patch, calls = pytest.MonkeyPatch(), [0]

    def around(inner: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(inner)
        def hooked(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == number:
                do()
            return inner(*args, **kwargs)

        return hooked

    for name in STEPS:
        patch.setattr(Directory, name, around(getattr(Directory, name)))
    try:
        yield calls
    finally:
        patch.undo()


def swapped_at(base: Path, work: str, what: str, number: int) -> bool:
    """True when the work had a step of that number."""
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    place = Place(base)
    before = place.seen_outside()
    result: Any = None
    with before_step(number, lambda: place.swap(what)) as calls, contextlib.suppress(OSError, Stale, ValueError):
        result = WORK[work](place)
    after = place.seen_outside()
    assert after == before, f"{what} swapped before step {number} of {work}"
    _nothing_was_read(place, result, f"{what} swapped before step {number} of {work}")
    for directory, _, files in os.walk(place.root):  # and no link is named as a document
        assert not any(os.path.islink(os.path.join(directory, n)) for n in files if n in ("large.pdf", "b.pdf"))
    return calls[0] >= number


def _nothing_was_read(place: Place, result: Any, when: str) -> None:
    secret = hashing.content_of(SECRET)
    assert result not in (SECRET, secret), when
    docs = getattr(result, "docs", [])
    assert all(doc.content != secret for doc in docs), when
    for directory, _, files in os.walk(place.root):
        for name in files:
            path = Path(directory, name)
            assert path.is_symlink() or path.read_bytes() != SECRET, when


EVERY = int(os.environ.get("SYNCD_EVERY", "0"))  # 1: each step; else some, others for each thing that is swapped


def every_swap(base: Path, work: str, every: int) -> None:
    every = EVERY or every
    for n, what in enumerate(SWAPPED):
        number = 1 + n % every
        while swapped_at(base / "m", work, what, number):
            number += every


@pytest.mark.parametrize("work", WORK)
def test_whatever_is_swapped_for_a_link_at_whatever_step_nothing_outside_is_touched(memory: Path, work: str) -> None:
    every_swap(memory, work, 5)


@pytest.mark.parametrize("work", ["scan", "place", "place a large one", "replace", "drop_temps", "sweep"])
def test_the_same_where_the_kernel_has_no_call_for_it(memory: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    monkeypatch.setattr(open_beneath, "_openat2", None)
    every_swap(memory, work, 11)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another")
def test_the_same_as_an_account_without_rights(memory: Path) -> None:
    os.chown(memory, 65534, 65534)
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            for work in WORK:
                every_swap(memory, work, 29)
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


OWN = (".syncd/tmp", ".syncd/replaced")


@pytest.mark.parametrize("what", OWN)
def test_a_link_where_the_engines_own_should_be_stops_that_client(tmp_path: Path, what: str) -> None:
    place = Place(tmp_path)
    place.swap(what)
    before = place.seen_outside()
    work = WORK["drop_temps" if what.endswith("tmp") else "sweep"]
    with pytest.raises(ClientStopped) as told:
        work(place)
    assert (told.value.reason, told.value.where) == ("stop_not_ours", f"{CLIENT}/{what}")
    assert place.seen_outside() == before


def test_a_link_among_the_engines_own_files_stops_that_client_and_nothing_is_touched(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.here / ".syncd" / "tmp" / "z").symlink_to(place.outside)
    left = sorted(os.listdir(place.here / ".syncd" / "tmp"))
    with pytest.raises(ClientStopped, match="no file, or a link"):
        place.mirror.drop_temps(CLIENT)
    assert sorted(os.listdir(place.here / ".syncd" / "tmp")) == left


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives directories away")
def test_another_accounts_directory_where_the_engines_own_should_be_stops_that_client(tmp_path: Path) -> None:
    place = Place(tmp_path)
    os.chown(place.here / ".syncd" / "tmp", 65534, 65534)
    with pytest.raises(ClientStopped, match="65534"):
        place.mirror.temp(CLIENT, NEW)
    assert not (place.here / "Achats" / "b.pdf").exists()


def test_a_directory_that_is_swapped_to_and_fro_meanwhile_leads_nowhere(tmp_path: Path) -> None:
    """A race without hooks: a neighbour swaps a folder and `tmp` for links as fast as it can, for a third of a second."""
    place = Place(tmp_path)
    before = place.seen_outside()
    child = os.fork()
    if not child:
        try:
            while True:
                for what in ("Achats/2026", ".syncd/tmp"):
                    at = place.here / what
                    with contextlib.suppress(OSError):
                        at.rename(f"{at}.was")
                    with contextlib.suppress(OSError):
                        at.symlink_to(place.outside / at.name)
                    with contextlib.suppress(OSError):
                        at.unlink()
                    with contextlib.suppress(OSError):
                        Path(f"{at}.was").rename(at)
        finally:
            os._exit(0)
    try:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            for work in ("scan", "place", "place a large one", "drop_temps", "rename"):
                result = None
                with contextlib.suppress(OSError, Stale, AssertionError):
                    result = WORK[work](place)
                assert hashing.content_of(SECRET) not in [doc.content for doc in getattr(result, "docs", [])]
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
    _nothing_was_read(place, None, "in a race")
    assert place.seen_outside() == before
