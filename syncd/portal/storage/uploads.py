"""Uploads that were begun: what is announced and has not come, over everybody and every way (HAZARDS 50).

Each is a file that grows and a description beside it (`.json`); what a portal that starts finds there counts as well.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from syncd.portal.storage import disk_reserve
from syncd.portal.storage.disk_reserve import NoRoom

BYTES, COUNT = 20_000_000_000, 200  # of one person, announced and not finished
CLIENT_BYTES, CLIENT_COUNT = 40_000_000_000, 1000  # of all those of one client
ALIVE = 900.0  # seconds without a byte after which what is still to come no longer holds any room
IDLE = 3600.0  # and after which it makes way for others
KEPT = 7 * 86400.0
SHEET_KEPT = 86400.0


class TooMany(Exception):
    """One person, or one client, has begun too much and not finished it."""


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


class Ledger:
    """One for a directory of uploads; every method may be called from any thread."""

    def __init__(self, directory: str) -> None:
        self._directory, self._lock = directory, threading.Lock()
        self._begun: dict[str, Begun] | None = None

    def begin(self, path: str, person: str, client: str, size: int, about: bytes) -> int:
        """Make the upload's files, unless they are there: a repeated beginning goes on. Bytes that have come.

        Raises TooMany and NoRoom.
        """
        with self._lock:
            begun = self._all()
            if path in begun and os.path.exists(path):
                return self._take_up(path)
            if person:
                self._within(lambda b: b.person == person, BYTES, COUNT, size)
                self._within(lambda b: bool(b.person) and b.client == client, CLIENT_BYTES, CLIENT_COUNT, size)
                self._leave_others(client, size)
            self._hold(size)
            with open(path, "ab", opener=disk_reserve.private) as f:
                arrived = f.tell()
            with open(path + ".json", "wb", opener=disk_reserve.private) as f:
                f.write(about)
            begun[path] = Begun(person, client, size, arrived, time.time())
            return arrived

    def take_up(self, path: str) -> None:
        """Somebody goes on with it. Raises NoRoom when what it held was given to others since."""
        with self._lock:
            if path in self._all():
                self._take_up(path)

    def came(self, path: str, count: int) -> None:
        with self._lock:
            one = self._all().get(path)
            if one is not None:
                one.arrived, one.touched = one.arrived + count, time.time()

    def back(self, path: str, arrived: int) -> None:
        """It holds that many bytes after all."""
        with self._lock:
            one = self._all().get(path)
            if one is not None:
                one.arrived = arrived

    def over(self, path: str) -> None:
        """Nothing of it is left, whether it became a document or not."""
        with self._lock:
            self._over(path)

    @contextlib.contextmanager
    def body(self, size: int) -> Iterator[Callable[[int], None]]:
        """While a body of that size comes in one request; called with what has been written of it. Raises NoRoom."""
        name = f"body {threading.get_ident()} {time.monotonic_ns()}"
        with self._lock:
            self._hold(size)
            self._all()[name] = Begun("", "", size, 0, time.time())
        try:
            yield lambda count: self.came(name, count)
        finally:
            with self._lock:
                self._all().pop(name, None)

    def to_come(self) -> int:
        """Bytes that are announced by whoever is still sending."""
        with self._lock:
            now = time.time()
            return sum(b.to_come(now) for b in self._all().values())

    def _take_up(self, path: str) -> int:
        one, now = self._all()[path], time.time()
        if now - one.touched >= ALIVE:
            self._hold(one.size - one.arrived, but=path)
        one.touched = now
        return one.arrived

    def _within(self, whose: Callable[[Begun], bool], most: int, count: int, size: int) -> None:
        """Room for one more of them: what was left alone longest makes way. Raises TooMany."""
        now, begun = time.time(), self._all()
        mine = sorted((b.touched, path, b.size) for path, b in begun.items() if whose(b))
        total, number, way = size + sum(one for _, _, one in mine), len(mine) + 1, list[str]()
        for touched, path, one in mine:
            if (total <= most and number <= count) or touched > now - IDLE:
                break
            way.append(path)
            total, number = total - one, number - 1
        if total > most or number > count:
            raise TooMany
        for path in way:
            self._over(path)

    def _leave_others(self, client: str, size: int) -> None:
        """What one company announces and has not sent keeps half of the room for the others. Raises NoRoom."""
        now = time.time()
        own = sum(b.to_come(now) for b in self._all().values() if b.person and b.client == client)
        if own and 2 * (own + size) > disk_reserve.left(self._directory):
            raise NoRoom

    def _hold(self, size: int, but: str = "") -> None:
        """Room for `size` more bytes beside all that is announced; the same makes way. Raises NoRoom."""
        now, begun = time.time(), self._all()
        lacks = (
            size + sum(b.to_come(now) for path, b in begun.items() if path != but) - disk_reserve.left(self._directory)
        )
        idle = sorted((b.touched, path) for path, b in begun.items() if b.touched < now - IDLE and path != but)
        if lacks > sum(begun[path].arrived for _, path in idle):
            raise NoRoom
        for _, path in idle:
            if lacks <= 0:
                break
            lacks -= begun[path].arrived
            self._over(path)

    def _over(self, path: str) -> None:
        self._all().pop(path, None)
        for name in (path, path + ".json"):
            with contextlib.suppress(OSError):
                os.unlink(name)

    def _all(self) -> dict[str, Begun]:
        if self._begun is None:
            self._begun = dict(_found(self._directory))
        return self._begun


def _found(directory: str) -> Iterator[tuple[str, Begun]]:
    """Uploads that an earlier process left."""
    for name in os.listdir(directory):
        path = os.path.join(directory, name.removesuffix(".json"))
        if name.endswith(".json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                about = json.loads(Path(path + ".json").read_bytes())
                held = os.stat(path)
                size = about["size"] if "size" in about else about["content"]["size"]
                yield path, Begun(str(about.get("user", "")), str(about["client"]), int(size), held.st_size, held.st_mtime)  # fmt: skip


def ledger() -> Ledger:
    return _ledger(str(settings.UPLOADS))


@functools.lru_cache(maxsize=8)
def _ledger(directory: str) -> Ledger:
    return Ledger(directory)


def sweep() -> None:
    """What nobody went on with for a week, browsers' and engines'; sheets that were shown and not imported, after a day."""
    now, newest = time.time(), dict[str, float]()
    for entry in os.scandir(settings.UPLOADS):
        with contextlib.suppress(OSError):  # it may just have become a document
            at = entry.path.removesuffix(".json")
            newest[at] = max(newest.get(at, 0.0), entry.stat().st_mtime)
    for path, touched in newest.items():
        kept = SHEET_KEPT if os.path.basename(path).startswith("import-") else KEPT
        if touched < now - kept:
            ledger().over(path)
