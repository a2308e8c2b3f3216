"""Blobs and uploads in memory: the reference that the contract holds the disk's to."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import xxhash

from syncd.core.content import Content
from syncd.portal.storage import uploads as limits
from syncd.portal.storage.port import Elsewhere, Gone, Held, NoRoom, Staged, TooMany, most_announced


def content_of(data: bytes) -> Content:
    return Content(len(data), hashlib.sha256(data).digest())


class MemoryUploads:
    """`room`: bytes that the reserve leaves; `now`: its clock."""

    piece = 1_000_000

    def __init__(self, room: int = 10**9, now: Callable[[], float] = time.time) -> None:
        self.room, self._now = room, now
        self._kept: dict[str, _Upload] = {}
        self._published: dict[str, _Upload] = {}
        self._spooled: dict[int, int] = {}
        self._numbers = itertools.count()

    def begin(self, key: str, person: str, client: str, size: int, about: bytes) -> int:
        if (found := self._kept.get(key)) is not None:
            found.touched = self._now()
            return len(found.data)
        if person:
            self._within(lambda u: u.person == person, limits.BYTES, limits.COUNT, size)
            self._within(
                lambda u: bool(u.person) and u.client == client, limits.CLIENT_BYTES, limits.CLIENT_COUNT, size
            )
            mine = [u for u in self._kept.values() if u.person and (u.person == person or u.client == client)]
            own = sum(map(self._coming, mine))
            others = sum(map(self._coming, self._kept.values())) + sum(self._spooled.values()) - own
            idle = sum(len(u.data) for u in self._kept.values() if u.touched < self._now() - limits.IDLE)
            if own + size > most_announced(self.room + idle, own, others):
                raise NoRoom
        self._hold(size)
        self._kept[key] = _Upload(person, client, size, about, bytearray(), self._now())
        return 0

    def about(self, key: str) -> bytes:
        return self._of(key).about

    def arrived(self, key: str) -> int:
        return len(self._of(key).data)

    def take_up(self, key: str) -> None:
        if (one := self._kept.get(key)) is not None:
            if self._now() - one.touched >= limits.ALIVE:
                self._hold(one.size - len(one.data), but=key)
            one.touched = self._now()

    def append(self, key: str, at: int, pieces: Sequence[bytes]) -> int:
        one, data = self._of(key), b"".join(pieces)
        if at != len(one.data):
            raise Elsewhere(len(one.data))
        self._take_room(len(data))
        one.data += data
        one.touched = self._now()
        return at + len(data)

    def cut(self, key: str, size: int) -> None:
        one = self._of(key)
        self.room += len(one.data) - size
        del one.data[size:]

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(bytes(self._of(key).data))

    def staged(self, key: str) -> Staged:
        return Staged(f"upload {key}")

    def published(self, staged: str) -> bytes:
        """Its bytes, which are a version's from now on."""
        key = staged.removeprefix("upload ")
        one = self._of(key)
        self._published[key] = self._kept.pop(key)
        return bytes(one.data)

    def taken_back(self, staged: str) -> bool:
        key = staged.removeprefix("upload ")
        if (one := self._published.pop(key, None)) is not None:
            self._kept[key] = one
        return one is not None

    def finishing(self, key: str) -> contextlib.AbstractContextManager[bool]:
        return contextlib.nullcontext(True)

    def over(self, key: str) -> None:
        self._published.pop(key, None)
        if (one := self._kept.pop(key, None)) is not None:
            self.room += len(one.data)

    @contextlib.contextmanager
    def spool(self, size: int) -> Iterator[MemorySpool]:
        self._hold(size)
        number = next(self._numbers)
        self._spooled[number] = size
        spool = MemorySpool(self, number)
        try:
            yield spool
        finally:
            del self._spooled[number]

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        if size > self.room:
            raise NoRoom
        for earlier in [k for k in self._kept if k.rpartition("-")[0] == key.rpartition("-")[0]]:
            self.over(earlier)
        data = source.read()
        self._take_room(len(data))
        self._kept[key] = _Upload("", "", len(data), b"", bytearray(data), self._now())

    def to_come(self) -> int:
        return sum(map(self._coming, self._kept.values())) + sum(self._spooled.values())

    def sweep(self) -> None:
        for key, one in list(self._kept.items()):
            if one.touched < self._now() - (limits.PUT_KEPT if key.startswith(limits.PUT) else limits.KEPT):
                self.over(key)

    def try_writing(self) -> None:
        pass

    def _of(self, key: str) -> _Upload:
        if key not in self._kept:
            raise Gone
        return self._kept[key]

    def _coming(self, one: _Upload) -> int:
        return max(0, one.size - len(one.data)) if self._now() - one.touched < limits.ALIVE else 0

    def _take_room(self, count: int) -> None:
        if count > self.room:
            raise NoRoom
        self.room -= count

    def _within(self, whose: Callable[[_Upload], bool], most: int, count: int, size: int) -> None:
        mine = sorted((u.touched, key, u.size) for key, u in self._kept.items() if whose(u))
        total, number, way = size + sum(held for _, _, held in mine), len(mine) + 1, list[str]()
        for touched, key, held in mine:
            if (total <= most and number <= count) or touched > self._now() - limits.IDLE:
                break
            way.append(key)
            total, number = total - held, number - 1
        if total > most or number > count:
            raise TooMany
        for key in way:
            self.over(key)

    def _hold(self, size: int, but: str = "") -> None:
        coming = sum(self._coming(u) for key, u in self._kept.items() if key != but) + sum(self._spooled.values())
        idle = sorted(
            (u.touched, key) for key, u in self._kept.items() if u.touched < self._now() - limits.IDLE and key != but
        )
        if size + coming - self.room > sum(len(self._kept[key].data) for _, key in idle):
            raise NoRoom
        for _, key in idle:
            if size + coming <= self.room:
                break
            self.over(key)


@dataclass(slots=True)
class _Upload:
    person: str
    client: str
    size: int
    about: bytes
    data: bytearray
    touched: float


class MemorySpool:
    def __init__(self, uploads: MemoryUploads, number: int) -> None:
        self._uploads, self._number = uploads, number
        self.file: BinaryIO = io.BytesIO()

    def write(self, pieces: Sequence[bytes]) -> None:
        count = sum(map(len, pieces))
        if count > self._uploads.room:
            raise NoRoom
        self.file.writelines(pieces)
        self._uploads._spooled[self._number] = max(0, self._uploads._spooled[self._number] - count)


class MemoryBlobs:
    """`uploads`: whose uploads become versions here."""

    def __init__(self, uploads: MemoryUploads) -> None:
        self._uploads = uploads
        self._staged: dict[str, bytes] = {}
        self._kept: dict[str, tuple[bytes, float]] = {}
        self.away: dict[str, list[bytes]] = {}
        self._numbers = itertools.count()

    def stage(self, data: bytes) -> Staged:
        if len(data) > self._uploads.room:
            raise NoRoom
        staged = Staged(f"staged {next(self._numbers)}")
        self._staged[staged] = data
        return staged

    def stage_from(self, source: BinaryIO) -> tuple[Staged, Content]:
        data = b"".join(iter(lambda: source.read(1024 * 1024), b""))
        return self.stage(data), content_of(data)

    def drop_staged(self, staged: Staged) -> None:
        self._staged.pop(staged, None)

    @contextlib.contextmanager
    def used_up(self, staged: Staged) -> Iterator[None]:
        try:
            yield
        finally:
            self.drop_staged(staged)

    def publish(self, named: Sequence[tuple[Staged, str]]) -> None:
        for staged, version_id in named:
            if version_id in self._kept:
                raise FileExistsError(version_id)
            data = self._staged.pop(staged) if staged in self._staged else self._uploads.published(staged)
            self._kept[version_id] = data, time.time()

    def take_back(self, named: Sequence[tuple[Staged, str]]) -> None:
        for staged, version_id in named:
            if version_id in self._kept:
                data, _ = self._kept.pop(version_id)
                if not self._uploads.taken_back(staged):
                    self._staged[staged] = data

    def read(self, version_id: str) -> bytes:
        if version_id not in self._kept:
            raise FileNotFoundError(version_id)
        return self._kept[version_id][0]

    def open(self, version_id: str) -> BinaryIO:
        return io.BytesIO(self.read(version_id))

    def size(self, version_id: str) -> int:
        return len(self.read(version_id))

    def is_there(self, version_id: str, size: int) -> bool:
        return version_id in self._kept and self.size(version_id) == size

    def prove(self, version_id: str) -> tuple[Content, str]:
        return content_of(self.read(version_id)), self.mark(version_id)

    def mark(self, version_id: str) -> str:
        return xxhash.xxh3_128_hexdigest(self.read(version_id))

    def held(self) -> Iterator[Held]:
        for name, (_, since) in sorted(self._kept.items()):
            yield Held(name, since, name)

    def move_away(self, name: str, why: str) -> None:
        if name in self._kept:
            self.away.setdefault(why, []).append(self._kept.pop(name)[0])

    def sweep(self, older: float) -> None:
        self._staged.clear()

    def available(self) -> bool:
        return True

    def try_writing(self) -> None:
        pass
