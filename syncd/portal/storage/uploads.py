"""Uploads on a local disk: each is a file that grows, named by its key, and a description beside it (`.json`).

What a portal that starts finds there counts as well.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from syncd.core.time_units import DAY, WEEK
from syncd.portal.storage import disk_reserve
from syncd.portal.storage.local import CHUNK, try_writing
from syncd.portal.storage.port import Elsewhere, Gone, NoRoom, Staged, TooMany, most_announced

BYTES, COUNT = 20_000_000_000, 200  # of one person, announced and not finished
CLIENT_BYTES, CLIENT_COUNT = 40_000_000_000, 1000  # of all those of one client
ALIVE = 900.0  # seconds without a byte after which what is still to come no longer holds any room
IDLE = 3600.0  # and after which it makes way for others
KEPT = WEEK
PUT, PUT_KEPT = "import-", DAY  # how keys of files of their own begin
BUFFER = 1_000_000
_KEY = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-")


@dataclass(slots=True)
class Begun:
    """`person` '': the cabinet's engine, or a body that comes in one request. `touched`: when the last byte came."""

    person: str
    client: str
    size: int
    arrived: int
    touched: float

    def to_come(self, now: float) -> int:
        return max(0, self.size - self.arrived) if now - self.touched < ALIVE else 0


class LocalUploads:
    """Keeps to `port.UploadStore`; one for a directory, which one process has."""

    piece = BUFFER

    def __init__(self, directory: str) -> None:
        self._directory, self._lock = directory, threading.Lock()
        self._begun: dict[str, Begun] | None = None

    # -- an upload -----------------------------------------------------------------------------------------------------

    def begin(self, key: str, person: str, client: str, size: int, about: bytes) -> int:
        path = self._path(key)
        with self._lock:
            begun = self._all()
            if key in begun and os.path.exists(path):
                return self._take_up(key)
            if person:
                self._within(lambda b: b.person == person, BYTES, COUNT, size)
                self._within(lambda b: bool(b.person) and b.client == client, CLIENT_BYTES, CLIENT_COUNT, size)
                self._leave_others(person, client, size)
            self._hold(size)
            with open(path, "ab", opener=disk_reserve.private) as f:
                arrived = f.tell()
            with open(path + ".json", "wb", opener=disk_reserve.private) as f:
                f.write(about)
            begun[key] = Begun(person, client, size, arrived, time.time())
            return arrived

    def about(self, key: str) -> bytes:
        with _gone():
            return Path(self._path(key) + ".json").read_bytes()

    def arrived(self, key: str) -> int:
        with _gone():
            return os.path.getsize(self._path(key))

    def take_up(self, key: str) -> None:
        with self._lock:
            if key in self._all():
                self._take_up(key)

    def append(self, key: str, at: int, pieces: Sequence[bytes]) -> int:
        """What was taken away meanwhile is not made anew."""
        path, count = self._path(key), sum(map(len, pieces))
        disk_reserve.admit(self._directory, count)
        with _gone():
            try:
                with open(path, "ab", buffering=BUFFER, opener=_existing) as f:
                    if f.tell() != at:
                        raise Elsewhere(f.tell())
                    f.writelines(pieces)
            except OSError:
                with contextlib.suppress(OSError):
                    os.truncate(path, at)
                raise
        self._came(key, count)
        return at + count

    def cut(self, key: str, size: int) -> None:
        with _gone():
            os.truncate(self._path(key), size)
        with self._lock:
            if (one := self._all().get(key)) is not None:
                one.arrived = size

    def open(self, key: str) -> BinaryIO:
        with _gone():
            return open(self._path(key), "rb")

    def staged(self, key: str) -> Staged:
        """Its very file: the blobs lie on the same disk."""
        return Staged(self._path(key))

    def finishing(self, key: str) -> AbstractContextManager[bool]:
        return contextlib.nullcontext(True)

    def over(self, key: str) -> None:
        with self._lock:
            self._over(key)

    # -- what comes in one piece ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def spool(self, size: int) -> Iterator[LocalSpool]:
        name = f"body {threading.get_ident()} {time.monotonic_ns()}"
        with self._lock:
            self._hold(size)
            self._all()[name] = Begun("", "", size, 0, time.time())
        try:
            yield LocalSpool(self._directory, lambda count: self._came(name, count))
        finally:
            with self._lock:
                self._all().pop(name, None)

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        path = Path(self._path(key))
        disk_reserve.admit(self._directory, size)
        for earlier in Path(self._directory).glob(f"{key.rpartition('-')[0]}-*"):
            earlier.unlink(missing_ok=True)
        with open(path, "xb", opener=disk_reserve.private) as f:
            while data := source.read(CHUNK):
                f.write(data)

    # -- all of them ---------------------------------------------------------------------------------------------------

    def to_come(self) -> int:
        with self._lock:
            now = time.time()
            return sum(b.to_come(now) for b in self._all().values())

    def sweep(self) -> None:
        now, newest = time.time(), dict[str, float]()
        with os.scandir(self._directory) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # it may just have become a document
                    key = entry.name.removesuffix(".json")
                    newest[key] = max(newest.get(key, 0.0), entry.stat().st_mtime)
        for key, touched in newest.items():
            if touched < now - (PUT_KEPT if key.startswith(PUT) else KEPT):
                self.over(key)

    def try_writing(self) -> None:
        if os.path.isdir(self._directory):
            try_writing(self._directory)

    def _path(self, key: str) -> str:
        return f"{self._directory}/{checked(key)}"

    def _came(self, key: str, count: int) -> None:
        with self._lock:
            if (one := self._all().get(key)) is not None:
                one.arrived, one.touched = one.arrived + count, time.time()

    def _take_up(self, key: str) -> int:
        one, now = self._all()[key], time.time()
        if now - one.touched >= ALIVE:
            self._hold(one.size - one.arrived, but=key)
        one.touched = now
        return one.arrived

    def _within(self, whose: Callable[[Begun], bool], most: int, count: int, size: int) -> None:
        """Raises TooMany."""
        mine = [(b.touched, key, b.size) for key, b in self._all().items() if whose(b)]
        for key in making_way(mine, most, count, size, time.time()):
            self._over(key)

    def _leave_others(self, person: str, client: str, size: int) -> None:
        """Raises NoRoom."""
        now, own, others, left = time.time(), 0, 0, disk_reserve.left(self._directory)
        for b in self._all().values():
            if b.person and (b.person == person or b.client == client):
                own += b.to_come(now)
            else:
                others += b.to_come(now)
            left += b.arrived if b.touched < now - IDLE else 0
        if own + size > most_announced(left, own, others):
            raise NoRoom

    def _hold(self, size: int, but: str = "") -> None:
        """Room for `size` more bytes beside all that is announced; the same makes way. Raises NoRoom."""
        now, begun = time.time(), self._all()
        announced = sum(b.to_come(now) for key, b in begun.items() if key != but)
        lacks = size + announced - disk_reserve.left(self._directory)
        idle = sorted((b.touched, key) for key, b in begun.items() if b.touched < now - IDLE and key != but)
        if lacks > sum(begun[key].arrived for _, key in idle):
            raise NoRoom
        for _, key in idle:
            if lacks <= 0:
                break
            lacks -= begun[key].arrived
            self._over(key)

    def _over(self, key: str) -> None:
        self._all().pop(key, None)
        for name in (key, key + ".json"):
            with contextlib.suppress(OSError):
                os.unlink(f"{self._directory}/{name}")

    def _all(self) -> dict[str, Begun]:
        if self._begun is None:
            self._begun = dict(_found(self._directory))
        return self._begun


class LocalSpool:
    """A file that has no name."""

    def __init__(self, directory: str, came: Callable[[int], None]) -> None:
        self._directory, self._came = directory, came

    @functools.cached_property
    def file(self) -> BinaryIO:
        return tempfile.TemporaryFile(dir=self._directory)  # whoever asked for it closes it

    def write(self, pieces: Sequence[bytes]) -> None:
        count = sum(map(len, pieces))
        disk_reserve.admit(self._directory, count)
        self.file.writelines(pieces)
        self._came(count)


def checked(key: str) -> str:
    """Raises Gone for what is no key: no upload has such a one."""
    if not key or not _KEY.issuperset(key):
        raise Gone
    return key


def making_way(mine: Collection[tuple[float, str, int]], most: int, count: int, size: int, now: float) -> list[str]:
    """Of (touched, key, size), the keys of those left alone longest that make way, so that there is room for one more of `size`
    bytes. Raises TooMany."""
    total, number, way = size + sum(one for _, _, one in mine), len(mine) + 1, list[str]()
    for touched, key, one in sorted(mine):
        if (total <= most and number <= count) or touched > now - IDLE:
            break
        way.append(key)
        total, number = total - one, number - 1
    if total > most or number > count:
        raise TooMany
    return way


def _found(directory: str) -> Iterator[tuple[str, Begun]]:
    """Uploads that an earlier process left."""
    for name in os.listdir(directory):
        key = name.removesuffix(".json")
        path = os.path.join(directory, key)
        if name.endswith(".json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                about = json.loads(Path(path + ".json").read_bytes())
                held = os.stat(path)
                size = about["size"] if "size" in about else about["content"]["size"]
                yield key, Begun(str(about.get("user", "")), str(about["client"]), int(size), held.st_size, held.st_mtime)  # fmt: skip


@contextlib.contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Gone from None


def _existing(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_CREAT)


@functools.lru_cache(maxsize=8)
def uploads_in(directory: str) -> LocalUploads:
    """The one that this process has for a directory: what is announced is counted in it."""
    return LocalUploads(directory)
