"""Uploads that any process of the portal goes on with: what is known of each is a row, what came of it objects below
`uploads/KEY/`, each named once and referred to by a row of its own.

An object is there before its row, and goes after it: what no row refers to is nobody's, and is swept after a day.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction
from django.db.models import F, Q, Sum

from syncd.core.time_units import DAY
from syncd.portal import server_database
from syncd.portal.models.uploads import Upload, UploadPiece
from syncd.portal.storage import uploads as limits
from syncd.portal.storage.object_reader import AHEAD, Piece, reading, staged_as, told
from syncd.portal.storage.port import Elsewhere, Gone, Spool, Staged

if TYPE_CHECKING:
    from syncd.portal.storage.object_reader import Store

UPLOADS = "uploads/"


class SharedUploads:
    """Keeps to `port.UploadStore`. The storage has no bounds of its own: NoRoom is said by `here` alone, this machine's disk, where
    what comes in one request lies."""

    def __init__(self, store: Store, here: limits.LocalUploads) -> None:
        self._store, self._here = store, here

    piece = AHEAD

    # -- an upload -----------------------------------------------------------------------------------------------------

    def begin(self, key: str, person: str, client: str, size: int, about: bytes) -> int:
        limits.checked(key)
        now, way = server_database.now(), set[str]()
        with transaction.atomic():
            server_database.in_turn(
                [f"upload {key}", *([f"uploads of {person}", f"uploads for {client}"] if person else [])]
            )
            if (found := Upload.objects.filter(key=key).first()) is not None:
                Upload.objects.filter(key=key).update(touched=now)
                return found.arrived
            if person:
                way |= _making_way(Q(person=person), limits.BYTES, limits.COUNT, size, now)
                theirs = Q(client=client) & ~Q(person="")
                way |= _making_way(theirs, limits.CLIENT_BYTES, limits.CLIENT_COUNT, size, now)
            names = _taken_out(way)
            Upload.objects.create(key=key, person=person, client=client, size=size, touched=now, about=about)
        self._delete(names)
        return 0

    def about(self, key: str) -> bytes:
        return bytes(_row(key).about)

    def arrived(self, key: str) -> int:
        return _row(key).arrived

    def take_up(self, key: str) -> None:
        Upload.objects.filter(key=key).update(touched=server_database.now())

    def append(self, key: str, at: int, pieces: Sequence[bytes]) -> int:
        data = b"".join(pieces)
        if not data:
            _at(key, at)
            return at
        name = self._put(key, at, data)
        try:
            with transaction.atomic():
                moved = Upload.objects.filter(key=key, arrived=at)
                if not moved.update(arrived=at + len(data), touched=server_database.now()):
                    _at(key, at)
                    raise Gone
                UploadPiece.objects.create(upload_id=key, at=at, size=len(data), name=name)
        except (Elsewhere, Gone):  # of anything else it is not known whether it was written: the sweep knows
            self._delete([name])
            raise
        return at + len(data)

    def _put(self, key: str, at: int, data: bytes) -> str:
        import obstore

        name = f"{UPLOADS}{limits.checked(key)}/{at:012}-{secrets.token_hex(8)}"
        with told(name):
            obstore.put(self._store, name, data, mode="create", use_multipart=False)
        return name

    def cut(self, key: str, size: int) -> None:
        with transaction.atomic():
            if not Upload.objects.filter(key=key, arrived__gte=size).update(arrived=size):
                raise Gone
            UploadPiece.objects.filter(upload=key, at__gte=size).delete()
            UploadPiece.objects.filter(upload=key, at__gt=size - F("size")).update(size=size - F("at"))

    def open(self, key: str) -> BinaryIO:
        """What a storage that was put back no longer holds begins anew."""
        return reading(self._store, _pieces(key), lambda: self.over(key))

    def staged(self, key: str) -> Staged:
        return staged_as(_pieces(key))

    def finishing(self, key: str) -> AbstractContextManager[bool]:
        return server_database.alone_with(f"upload {key}")

    def over(self, key: str) -> None:
        with transaction.atomic():
            names = _taken_out([key])
        self._delete(names)

    # -- what comes in one piece ---------------------------------------------------------------------------------------

    def spool(self, size: int) -> AbstractContextManager[Spool]:
        return self._here.spool(size)

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        for earlier in Upload.objects.filter(key__startswith=key.rpartition("-")[0] + "-").values_list(
            "key", flat=True
        ):
            self.over(earlier)
        named, at = list[tuple[int, int, str]](), 0
        while data := source.read(AHEAD):
            named.append((at, len(data), self._put(key, at, data)))
            at += len(data)
        with transaction.atomic():
            Upload.objects.create(key=key, size=at, arrived=at, touched=server_database.now(), about=b"")
            UploadPiece.objects.bulk_create(UploadPiece(upload_id=key, at=a, size=s, name=n) for a, s, n in named)

    # -- all of them ---------------------------------------------------------------------------------------------------

    def to_come(self) -> int:
        alive = Upload.objects.filter(touched__gt=server_database.now() - limits.ALIVE)
        announced = alive.aggregate(most=Sum(F("size") - F("arrived")))["most"]
        return int(announced or 0) + self._here.to_come()

    def sweep(self) -> None:
        now = server_database.now()
        own = Q(key__startswith=limits.PUT)
        old = Q(own, touched__lt=now - limits.PUT_KEPT) | Q(~own, touched__lt=now - limits.KEPT)
        for key in list(Upload.objects.filter(old).values_list("key", flat=True)):
            self.over(key)
        for part in self._objects():
            old_ones = [name for name, at in part if at < now - DAY]
            theirs = {name.split("/")[1] for name in old_ones}
            needed = set(UploadPiece.objects.filter(upload__in=theirs).values_list("name", flat=True))
            self._delete([name for name in old_ones if name not in needed])
        self._here.sweep()

    def try_writing(self) -> None:
        self._here.try_writing()

    def _objects(self) -> Iterator[list[tuple[str, float]]]:
        import obstore

        with told():
            found = obstore.list(self._store, UPLOADS, chunk_size=1000)
            for part in found:
                yield [(one["path"], one["last_modified"].timestamp()) for one in part]

    def _delete(self, names: Sequence[str]) -> None:
        """What cannot be deleted now, the sweep finds."""
        import obstore

        for n in range(0, len(names), 1000):
            with contextlib.suppress(OSError), told():
                obstore.delete(self._store, list(names[n : n + 1000]))


def _making_way(whose: Q, most: int, count: int, size: int, now: float) -> set[str]:
    mine = Upload.objects.filter(whose).values_list("touched", "key", "size")
    return set(limits.making_way(list(mine), most, count, size, now))


def _taken_out(keys: Collection[str]) -> list[str]:
    """Of the database; the names of the objects that nobody refers to from now on."""
    held = Upload.objects.select_for_update().filter(key__in=keys)
    gone = [one.key for one in held]
    names = list(UploadPiece.objects.filter(upload__in=gone).values_list("name", flat=True))
    Upload.objects.filter(key__in=gone).delete()
    return names


def _row(key: str) -> Upload:
    found = Upload.objects.filter(key=key).first()
    if found is None:
        raise Gone
    return found


def _at(key: str, at: int) -> None:
    """Raises Gone, and Elsewhere where it is not at `at`."""
    arrived = _row(key).arrived
    if arrived != at:
        raise Elsewhere(arrived)


def _pieces(key: str) -> list[Piece]:
    """All that came, without a hole."""
    with server_database.snapshot():
        row = _row(key)
        found = list(UploadPiece.objects.filter(upload=key).order_by("at").values_list("at", "size", "name"))
    end = 0
    for at, size, _ in found:
        if at != end:
            raise Gone
        end += size
    if end != row.arrived:
        raise Gone
    return [Piece(name, size) for _, size, name in found]
