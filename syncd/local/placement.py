"""Documents that come: temporary files, names that are given without replacing, and what came out of replacements (RULES 6)."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial

from syncd.core import modified_dates, naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.paths import NOWHERE, ClientPath, DiskPath
from syncd.disk import durability, hashing
from syncd.disk.directory import Directory, NotOurs, OtherDisk
from syncd.disk.ownership import Belonging
from syncd.local import markers
from syncd.local.directory_handles import LINK_IN_THE_WAY, MOST, REPLACED, TEMP
from syncd.local.file_primitives import (
    copy_of,
    expected,
    given,
    had,
    holds,
    kept_name,
    move,
    named,
    own_files,
    stat_of,
)
from syncd.local.mirror_access import MirrorAccess, inside, of_one_client
from syncd.local.resumable_files import FileSink
from syncd.ports.local import Placed, Stale

_OURS, _NUMBER = secrets.token_hex(10), itertools.count()  # together a name that no other process gives


class Placement(MirrorAccess):
    @of_one_client
    def temp(self, client: str, data: bytes, modified: float | None = None, to: DiskPath | None = None) -> str:
        name, temps = f"{_OURS}{next(_NUMBER):012x}", self._rooms.own(client, TEMP)
        what = None if to is None else self._what_it_gets(client, to)
        finish = None if what is None else partial(temps.give_open, what=what)
        fd = temps.create(name)
        try:
            hashing.write_open(fd, data, modified_dates.kept(modified, time.time()), finish)
        except OSError:  # half of it would hold the room that is missing
            with contextlib.suppress(OSError):
                temps.remove(name)
            raise
        return name

    def _what_it_gets(self, client: str, disk: DiskPath) -> Belonging | None:
        """None: its folder does not say, which is told when the document is placed."""
        try:
            return self._rooms.gives(client, paths.parent(disk))
        except (OSError, NotOurs, OtherDisk):
            return None

    @of_one_client
    def sink(self, client: str, version_id: str) -> tuple[FileSink, str]:
        name = f"large-{version_id}"
        return FileSink(self._rooms.own(client, TEMP), name), name

    def sync_temps(self, temps: Sequence[tuple[str, str]]) -> None:
        self._rooms.forget()  # a batch is about to be placed: its folders are opened once, now
        found, away = [], set()
        for client, temp in temps:
            try:
                found.append((self._rooms.own(client, TEMP, make=False), temp))
            except (FileNotFoundError, NotOurs, OtherDisk):  # said when it is placed, of that client
                away.add((client, temp))
        durability.sync_documents(found)
        # Where they lie may be the client's again before they are placed: then, too, their bytes are on the disk.
        self._not_synced.difference_update(temps)
        if away and not self._rooms.root().sync_disk():
            self._not_synced.update(away)
        self._rooms.forget()  # folders that others looked at meanwhile may lie elsewhere by now

    def _synced(self, client: str, temp: str) -> None:
        """Nothing gets its name before its bytes are on the disk (RULES 6)."""
        if (client, temp) in self._not_synced:
            raise Stale(f"'{temp}' could not be made durable")

    def _without_inode(self, temps: Directory, temp: str) -> Stamp | None:
        """What else it is known by when it has its name, on a disk that may invent another inode for it then."""
        return None if self._can(self._rooms.root()).inodes else hashing.stamp_of(stat_of(temps, temp))

    @of_one_client
    def place(self, client: str, temp: str, disk: DiskPath) -> Stamp:
        self._synced(client, temp)
        folder, name = self._to_be(client, disk)
        temps = self._engines(client, TEMP)
        temp, inode = given(temps, temp, self._rooms.gives(client, paths.parent(disk)), folder)
        was = self._without_inode(temps, temp)
        move(temps, temp, folder, name)
        return named(folder, name, inode, temps, was)

    @of_one_client
    def replace(self, client: str, temp: str, disk: DiskPath, expect: Stamp, content: Content, copy: str) -> Placed:
        self._synced(client, temp)
        folder, name = self._there(client, disk)
        now = hashing.stamp_of(stat_of(folder, name))
        if (now.size, now.mtime_ns, now.inode) != (expect.size, expect.mtime_ns, expect.inode):
            raise Stale(f"'{disk}' changed")
        temps, replaced = self._engines(client, TEMP), self._engines(client, REPLACED)
        temp, inode = given(temps, temp, had(folder, name), folder)
        was = self._without_inode(temps, temp)
        if temps.exchange(temp, folder, name):
            where, out = temps, temp
        else:  # no exchange here: the old bytes get their kept name first, then the name is free for the new ones
            where, out = replaced, kept_name(name)
            move(folder, name, replaced, out)
            with contextlib.suppress(
                Stale
            ):  # somebody saved at the very name: theirs stays, ours comes again next time
                move(temps, temp, folder, name)
        came_out = holds(where, out)
        kept = NOWHERE
        if came_out is None:  # a link or a directory, since a moment ago: it goes back where it was
            if where is not temps or not temps.exchange(out, folder, name):
                move(where, out, folder, name)
            raise Stale(f"'{disk}' is no document any more")
        if came_out != content:  # a save came in between: it becomes a version of the cabinet (HAZARDS 37)
            kept = naming.conflict_copy(disk, copy, lambda path: folder.holds(paths.name(path)))
            move(where, out, folder, paths.name(kept))
        else:
            if where is temps:
                out, of_temp = kept_name(name), out
                move(temps, of_temp, replaced, out)
            replaced.keep(out)
        return Placed(named(folder, name, inode, temps, was), kept)

    def sync_names(self, disks: Sequence[tuple[str, DiskPath]]) -> None:
        opening: list[Callable[[], Directory]] = [
            partial(self._rooms.folder, client, up) for client, up in {(c, paths.parent(disk)) for c, disk in disks}
        ]
        clients = {client for client, _ in disks}
        named = {one for one in tuple(self._named_in) if one[0] in clients}
        opening += [partial(self._rooms.own, client, name, make=False) for client, name in named]
        found: list[Directory] = []
        away = False
        for opened in opening:
            try:
                found.append(opened())
            except (NotOurs, OtherDisk):
                away = True
            except OSError as e:
                if e.errno not in (errno.ENOENT, *LINK_IN_THE_WAY):
                    raise
                away = True
            if len(found) >= MOST:
                durability.sync_names(found)
                found = []
        durability.sync_names(found)
        durable = not away or self._rooms.root().sync_disk()  # what was named in it may come back with it
        self._rooms.forget()
        if not durable:  # nothing is written down of it: the next run looks
            raise Stale("what was named could not be made durable")
        self._named_in -= named

    @of_one_client
    def drop_temps(self, client: str) -> None:
        """The engine's own leftovers of a killed run; resumable large ones stay. And a look whether both places are its own."""
        with contextlib.suppress(FileNotFoundError):
            own = self._rooms.root().own(f"{client}/{markers.ENGINE}", narrow=True)
            with contextlib.suppress(FileNotFoundError):
                own.owns(REPLACED)
            temps = own.own(TEMP, narrow=True)
            for name in own_files(
                temps
            ):  # it may be the only name of bytes that came out just before: kept, never deleted
                if not name.startswith("large-"):
                    kept = own.own(REPLACED, make=True, narrow=True)
                    temps.move(name, kept, f"{name}.{secrets.token_hex(2)}.interrupted")

    @of_one_client
    def drop_temp(self, client: str, temp: str, content: Content) -> None:
        temps = self._rooms.own(client, TEMP, make=False)
        for name, st in own_files(temps).items():
            its = name == temp or not name.startswith("large-")
            if its and st.st_size == content.size and holds(temps, name) == content:
                temps.remove(name)

    @of_one_client
    def export(self, client: str, temp: str, to: str, path: ClientPath) -> None:
        temps, (up, name) = self._rooms.own(client, TEMP), inside(path)
        os.makedirs(to, exist_ok=True)
        folder, made = Directory.at(to), []
        for below in up.split("/") if up else ():
            made.append(folder)
            with contextlib.suppress(FileExistsError):
                folder.make(below)
            try:
                folder = folder.open(below)
            except OtherDisk as e:  # not in the mirror: nobody's fault
                raise OSError(e.errno, e.strerror, e.filename) from None
        part = f"{name[:80]}.{secrets.token_hex(4)}.part"
        copy_of(temps.document(temp), folder.create(part, private=False))
        durability.sync_documents([(folder, part)])
        move(folder, part, folder, name)
        durability.sync_names([*made, folder])
        temps.remove(temp)

    def exported(self, to: str, path: ClientPath) -> Content | None:
        up, name = inside(path)
        try:
            with Directory.at(to) as directory, directory.open(up) if up else directory as folder:
                folder.stat(name)
                return hashing.hash_open(folder.document(name))[0]
        except FileNotFoundError:
            return None

    @of_one_client
    def kept(self, client: str, older: float) -> list[tuple[str, Stamp, Content]]:
        found, limit = [], time.time_ns() - int(older * 1e9)
        with contextlib.suppress(FileNotFoundError):
            own = self._rooms.own(client, REPLACED, make=False)
            for name, st in own_files(own).items():
                stamp = hashing.stamp_of(st)
                if stamp.ctime_ns < limit:
                    with contextlib.suppress(OSError):  # it stays, and is looked at again another day
                        found.append((name, stamp, hashing.hash_open(own.document(name), stamp)[0]))
        self._rooms.forget()
        return found

    @of_one_client
    def drop_kept(self, client: str, name: str, expect: Stamp) -> None:
        own = self._rooms.own(client, REPLACED, make=False)
        with contextlib.suppress(Stale):
            expected(own, name, expect)
            own.remove(name)
