"""The cabinet's disk. Nothing is renamed over, nothing is followed, no document is deleted (RULES 6)."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import stat
from collections.abc import Callable, Mapping
from functools import partial

from msgspec.structs import replace

from syncd.core.content import Content, Stamp
from syncd.core.disk_traits import DiskTraits
from syncd.core.entry import Known
from syncd.core.folder_rules import ClientRules
from syncd.core.paths import DiskPath
from syncd.core.time_units import WEEK
from syncd.disk import durability, hashing, traits
from syncd.disk.directory import Directory
from syncd.local import markers
from syncd.local.directory_fingerprint_worker import Looks
from syncd.local.directory_handles import MOST, REPLACED, TEMP
from syncd.local.file_primitives import copy_of, expected, holds, kept_name, move, stat_of
from syncd.local.mirror_access import inside, of_one_client
from syncd.local.placement import Placement
from syncd.local.resumable_files import FileSource
from syncd.local.scan import Walk
from syncd.ports.local import Awaited, ClientDirectory, ClientMarker, RootMarker, Scan, Stale, always, never


class DiskMirror(Placement):
    """Keeps to `ports.local.Mirror`: the root and its clients, looking, folders and names; documents that come: Placement."""

    # -- the root and its clients --------------------------------------------------------------------------------

    def root(self, *, any_number: bool = False) -> RootMarker:
        self.rest()
        return markers.root_marker(self._root, any_number=any_number)

    def disk(self, known: DiskTraits | None, *, now: float, measure: bool = True) -> DiskTraits:
        self._disk = self._traits(known, now, measure)
        return self._disk

    def _traits(self, known: DiskTraits | None, now: float, measure: bool) -> DiskTraits:
        with Directory.at(self._root) as root:
            if known is not None and known.at and known.mounted == traits.mounted(root) and 0 <= now - known.at < WEEK:
                return known
            if measure:
                with contextlib.suppress(OSError):  # full, or not to be written: whatever is to be done there says so
                    return traits.measured(root.own(markers.ENGINE), now)
            return traits.assumed(root)

    def set_generation(self, root: RootMarker | None, clients: Mapping[str, ClientMarker]) -> dict[str, str]:
        faults: dict[str, str] = {}
        with Directory.at(self._root) as at:
            names = list(clients)
            for n in range(0, len(names), MOST):  # so many are open at a time
                self._write_markers(at, {name: clients[name] for name in names[n : n + MOST]}, faults)
            if root is not None:
                markers.write_root(at, root)
        return faults

    def _write_markers(self, root: Directory, some: Mapping[str, ClientMarker], faults: dict[str, str]) -> None:
        """Durably; why not, by name, into `faults`."""
        written: dict[str, Directory] = {}
        for name, marker in some.items():
            try:
                with root.open(name) as directory:
                    if not markers.bears(directory, marker.client):
                        raise Stale(f"'{name}' is no longer this client's")
                    written[name] = markers.write_client(directory, marker, durable=False)
            except (OSError, ValueError, Stale) as e:
                faults[name] = getattr(e, "strerror", "") or str(e)
        try:
            durability.sync_documents([(own, markers.CLIENT) for own in written.values()])
            durability.sync_names(list(written.values()))
        except OSError:  # whose it was is found out one by one
            for name, own in written.items():
                try:
                    durability.sync_documents([(own, markers.CLIENT)])
                    own.sync()
                except OSError as e:
                    faults[name] = e.strerror or str(e)

    def clients(self, *, any_number: bool = False) -> list[ClientDirectory]:
        found = []
        with Directory.at(self._root) as root:
            with root.listing() as it:
                names = sorted(e.name for e in it if e.is_dir(follow_symlinks=False))
            for name in names:
                if not name.startswith(markers.ENGINE):
                    one = markers.client_directory(root, name, any_number=any_number)
                    found.append(replace(one, ignored=self._ignore.name(name)))
        return found

    @of_one_client
    def make_client(self, name: str, marker: ClientMarker, instead: str = "") -> None:
        with Directory.at(self._root) as root:
            with contextlib.suppress(FileExistsError):
                root.make(name)
            with root.open(name) as directory:
                try:
                    held = markers.read(directory, markers.CLIENT)
                except ValueError as e:
                    raise Stale(f"'{name}' bears a marker that cannot be read: {e}") from None
                if held is not None and held.client not in (marker.client, instead or marker.client):
                    raise Stale(f"'{name}' bears another client's marker")
                markers.write_client(directory, marker)
            root.sync()

    # -- looking -------------------------------------------------------------------------------------------------

    @of_one_client
    def scan(
        self,
        client: str,
        rules: ClientRules,
        known: dict[DiskPath, Known],
        awaited: Awaited = always,
        stopping: Callable[[], object] = never,
    ) -> Scan:
        with Directory.at(self._root) as root, root.open(client) as directory:
            return Walk(
                directory, rules, known, self._ignore, self._settle_ns, awaited, stopping, self._can(root)
            ).run()

    def looks(self, before: Mapping[str, bytes]) -> Looks:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            if ahead.about(self._root, before):
                return ahead
            ahead.close()  # another root, or the state has changed since it was asked
        return Looks(self._root, before)

    @of_one_client
    def settle(self, client: str, scan: Scan, stopping: Callable[[], object] = never) -> None:
        with Directory.at(self._root) as root, root.open(client) as directory:
            walk = Walk(
                directory, ClientRules(), {}, self._ignore, self._settle_ns, stopping=stopping, disk=self._can(root)
            )
            walk.result = scan
            for young in scan.young:
                walk.step()
                walk.settle(young)
        scan.young.clear()

    @of_one_client
    def content(self, client: str, disk: DiskPath) -> Content:
        return hashing.hash_open(self._document(client, disk))[0]

    @of_one_client
    def stat(self, client: str, disk: DiskPath) -> Stamp | None:
        up, name = inside(disk)
        try:
            with Directory.at(self._root) as root, root.open(f"{client}/{up}" if up else client) as folder:
                return hashing.stamp_of(folder.stat(name))
        except FileNotFoundError:
            return None

    @of_one_client
    def read(self, client: str, disk: DiskPath, expect: Stamp) -> bytes:
        return hashing.read_open(self._document(client, disk), expect)

    def source(self, client: str, disk: DiskPath, expect: Stamp) -> FileSource:
        return FileSource(partial(of_one_client(DiskMirror._document), self, client, disk), expect)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free

    def _document(self, client: str, disk: DiskPath) -> int:
        up, name = inside(disk)
        return self._looked.folder(client, up).reading(name)

    # -- folders and names ---------------------------------------------------------------------------------------

    @of_one_client
    def make_folder(self, client: str, disk: DiskPath) -> int:
        inside(disk)
        self._nameable(client, disk)
        try:
            self._rooms.folder(client, disk)  # mostly
        except OSError:
            self._make_directories(client, disk)
        return hashing.identity(self._rooms.folder(client, disk).status().st_ino)

    @of_one_client
    def move_folder(self, client: str, disk: DiskPath, to: DiskPath, inode: int) -> int:
        self._rooms.forget()  # Windows renames no directory in which anything is open
        self._looked.forget()
        source, name = self._there(client, disk)
        st = stat_of(source, name)
        if hashing.identity(st.st_ino) != inode or not stat.S_ISDIR(st.st_mode):
            raise Stale(f"'{disk}' is another directory")
        target, new = self._to_be(client, to)
        move(source, name, target, new)
        durability.sync_names([source, target])
        self._rooms.forget()  # what lies in it has other names now
        return hashing.identity(stat_of(target, new).st_ino)

    @of_one_client
    def rename(self, client: str, disk: DiskPath, to: DiskPath, expect: Stamp) -> Stamp:
        source, name = self._there(client, disk)
        expected(source, name, expect)
        target, new = self._to_be(client, to)
        move(source, name, target, new)
        return hashing.stamp_of(target.stat(new))

    @of_one_client
    def link(self, client: str, disk: DiskPath, to: DiskPath, expect: Stamp) -> None:
        source, name = self._there(client, disk)
        expected(source, name, expect)
        target, new = self._there(client, to)
        try:
            source.link(name, target, new)
        except FileExistsError:
            raise Stale(f"'{to}' is taken") from None
        except OSError:  # no hard links on this file system: a copy, made whole before it gets its name
            temps, temp = self._engines(client, TEMP), secrets.token_hex(16)
            copy_of(source.document(name), temps.create(temp))
            durability.sync_documents([(temps, temp)])
            temps.give(temp, source.belonging(name))
            expected(source, name, expect)
            move(temps, temp, target, new)

    @of_one_client
    def put_aside(self, client: str, disk: DiskPath, expect: Stamp, content: Content) -> None:
        source, name = self._there(client, disk)
        expected(source, name, expect)
        kept, out = self._engines(client, REPLACED), kept_name(name)
        move(source, name, kept, out)
        if holds(kept, out) != content:
            move(kept, out, source, name)
            raise Stale(f"'{disk}' was saved meanwhile")
        kept.keep(out)
        durability.sync_names([source, kept])
