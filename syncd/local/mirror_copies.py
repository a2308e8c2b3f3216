"""Copies that a migration puts into clients' folders, as a person would: whole, durable, and never over anything (RULES 6)."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Sequence

from syncd.core import paths
from syncd.core.content import Content, Stamp
from syncd.core.errors import MirrorError
from syncd.core.paths import DiskPath
from syncd.core.words import faults
from syncd.disk import durability, hashing
from syncd.disk.clone import clone
from syncd.disk.directory import Directory, NotADocument
from syncd.disk.hashing import CHUNK, Changed
from syncd.disk.open_document import date, read, status
from syncd.local import markers
from syncd.local.directory_handles import LINK_IN_THE_WAY
from syncd.local.file_primitives import given, move, own_files
from syncd.local.mirror_access import MirrorAccess, inside, of_one_client
from syncd.ports.local import Stale
from syncd.ports.migration import Copy

ROOM = "incoming"  # in the client's .syncd: the engine puts away what it finds in its own `tmp`


class DiskMirrorCopies(MirrorAccess):
    """Keeps to `ports.migration.MirrorCopies`."""

    def check(self, cabinet: str) -> None:
        self.rest()
        if markers.root_marker(self._root).cabinet != cabinet:
            raise MirrorError(
                "stop_root_marker", faults.ROOT_UNMARKED.of(root=self._root), mend=faults.ROOT_UNMARKED_MEND.of()
            )

    @of_one_client
    def begin(self, client: str, id_: str) -> bool:
        self.rest()
        try:
            with Directory.at(self._root) as root, root.open(client) as directory:
                if not markers.bears(directory, id_):
                    return False
        except (FileNotFoundError, ValueError):  # gone, or its marker is none
            return False
        except OSError as e:
            if e.errno in LINK_IN_THE_WAY:
                return False
            raise
        with contextlib.suppress(FileNotFoundError):
            room = self._rooms.own(client, ROOM, make=False)
            for name in own_files(room):  # copies of what lies in the old tree still
                room.remove(name)
        return True

    @of_one_client
    def copy(self, client: str, document: int, expect: Stamp) -> Copy:
        try:
            room, temp = self._rooms.own(client, ROOM), secrets.token_hex(16)
            target = room.create(temp)
            try:
                content = _copied(document, target, expect)
            finally:
                os.close(target)
            if content is None:  # it shares the bytes: what was made is what is read
                content = hashing.hash_open(room.document(temp))[0]
        finally:
            os.close(document)
        return Copy(temp, content)

    def sync(self, copies: Sequence[tuple[str, str]]) -> None:
        self._rooms.forget()
        durability.sync_documents([(self._rooms.own(client, ROOM, make=False), temp) for client, temp in copies])

    @of_one_client
    def place(self, client: str, temp: str, disk: DiskPath) -> None:
        folder, name = self._to_be(client, disk)
        room = self._rooms.own(client, ROOM, make=False)
        temp, _ = given(room, temp, self._rooms.gives(client, paths.parent(disk)), folder)
        move(room, temp, folder, name)

    def sync_names(self, disks: Sequence[tuple[str, DiskPath]]) -> None:
        folders = [self._rooms.folder(client, up) for client, up in {(c, paths.parent(d)) for c, d in disks}]
        folders += [self._rooms.own(client, ROOM, make=False) for client in {c for c, _ in disks}]
        durability.sync_names(folders)
        self._rooms.forget()

    @of_one_client
    def drop(self, client: str, temp: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._rooms.own(client, ROOM, make=False).remove(temp)

    @of_one_client
    def names(self, client: str, folder: str) -> list[str]:
        try:
            with Directory.at(self._root) as root, root.open(f"{client}/{folder}" if folder else client) as there:
                return there.names()
        except FileNotFoundError:
            return []
        except OSError as e:
            if e.errno in LINK_IN_THE_WAY:
                raise Stale(f"'{folder}' is no directory") from None
            raise

    @of_one_client
    def size(self, client: str, disk: DiskPath) -> int | None:
        up, name = inside(disk)
        try:
            with Directory.at(self._root) as root, root.open(f"{client}/{up}" if up else client) as there:
                return int(there.stat(name).st_size)
        except OSError as e:
            if e.errno in (errno.ENOENT, *LINK_IN_THE_WAY):
                return None
            raise

    @of_one_client
    def content(self, client: str, disk: DiskPath) -> Content | None:
        up, name = inside(disk)
        try:
            with Directory.at(self._root) as root, root.open(f"{client}/{up}" if up else client) as there:
                return hashing.hash_open(there.document(name))[0]
        except (FileNotFoundError, NotADocument):
            return None

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free


def _copied(document: int, target: int, expect: Stamp) -> Content | None:
    """What was written; None where it shares the original's bytes. Raises Changed when the original is not, or no longer,
    as it was listed."""
    if hashing.stamp_of(status(document)) != expect:
        raise Changed(errno.EAGAIN, "the document changed")
    content = None if clone(document, target) else _written(document, target)
    if hashing.stamp_of(status(document)) != expect or (content is not None and content.size != expect.size):
        raise Changed(errno.EAGAIN, "the document changed while it was read")
    date(target, expect.mtime_ns / 1e9)
    return content


def _written(document: int, target: int) -> Content:
    sha, size = hashlib.sha256(), 0
    while chunk := read(document, CHUNK):
        sha.update(chunk)
        size += len(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(target, view) :]
    return Content(size, sha.digest())
