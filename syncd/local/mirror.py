"""The cabinet's disk. Nothing is renamed over, nothing is followed, no document is deleted (RULES 6)."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.folder_rules import ClientRules
from syncd.core.ignored import Ignore
from syncd.disk import hashing, rename, sync
from syncd.local import markers
from syncd.local.looks import Looks
from syncd.local.scan import Walk
from syncd.local.streams import FileSink, FileSource
from syncd.ports.local import ClientDirectory, ClientMarker, Known, Placed, RootMarker, Scan, Stale

TEMP, REPLACED = "tmp", "replaced"


class DiskMirror:
    """`settle`: seconds a document must have been unchanged to be taken. `ahead`: looks that somebody began already."""

    def __init__(self, root: str, ignore: Iterable[str] = (), settle: float = 2.0, ahead: Looks | None = None) -> None:
        self._root, self._ahead = os.path.abspath(root), ahead
        self._ignore = Ignore(ignore)
        self._settle_ns = int(settle * 1e9)
        self._parents: dict[str, str] = {}

    # -- the root and its clients --------------------------------------------------------------------------------

    def root(self, *, any_number: bool = False) -> RootMarker:
        return markers.root_marker(self._root, any_number=any_number)

    def set_generation(self, root: RootMarker | None, clients: Mapping[str, ClientMarker]) -> dict[str, str]:
        faults: dict[str, str] = {}
        written: dict[str, str] = {}
        for name, marker in clients.items():
            directory = os.path.join(self._root, name)
            try:
                if not markers.bears(directory, marker.client):
                    raise Stale(f"'{name}' is no longer this client's")
                written[name] = markers.write_client(directory, marker, durable=False)
            except (OSError, ValueError, Stale) as e:
                faults[name] = getattr(e, "strerror", "") or str(e)
        if root is not None:
            written[""] = markers.write_root(self._root, root, durable=False)
        try:
            _make_durable(written.values())
        except OSError:  # whose it was is found out one by one
            for name, path in written.items():
                try:
                    _make_durable([path])
                except OSError as e:
                    if not name:
                        raise
                    faults[name] = e.strerror or str(e)
        return faults

    def clients(self, *, any_number: bool = False) -> list[ClientDirectory]:
        found = []
        with os.scandir(self._root) as it:
            entries = sorted(it, key=lambda e: e.name)
        for entry in entries:
            if entry.name.startswith(markers.ENGINE) or not entry.is_dir(follow_symlinks=False):
                continue
            one = markers.client_directory(self._root, entry.name, any_number=any_number)
            found.append(replace(one, ignored=self._ignore.name(entry.name)))
        return found

    def make_client(self, name: str, marker: ClientMarker) -> None:
        path = os.path.join(self._root, name)
        os.makedirs(path, exist_ok=True)
        held = markers.read(path, markers.CLIENT)
        if held is not None and held.client != marker.client:
            raise Stale(f"'{name}' bears another client's marker")
        markers.write_client(path, marker)
        sync.sync_directory(self._root)

    # -- looking -------------------------------------------------------------------------------------------------

    def scan(self, client: str, rules: ClientRules, known: dict[str, Known]) -> Scan:
        return Walk(os.path.join(self._root, client), rules, known, self._ignore, self._settle_ns).run()

    def looks(self, before: Mapping[str, bytes]) -> Looks:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            if ahead.about(self._root, before):
                return ahead
            ahead.close()  # another root, or the state has changed since it was asked
        return Looks(self._root, before)

    def settle(self, client: str, scan: Scan) -> None:
        walk = Walk(os.path.join(self._root, client), ClientRules(), {}, self._ignore, self._settle_ns)
        walk.result = scan
        for young in scan.young:
            walk.settle(young)
        scan.young.clear()

    def content(self, client: str, disk: str) -> Content:
        return hashing.hash_file(self._at(client, disk))[0]

    def stat(self, client: str, disk: str) -> Stamp | None:
        try:
            return hashing.stamp_of(os.lstat(self._at(client, disk)))
        except FileNotFoundError:
            return None

    def read(self, client: str, disk: str, expect: Stamp) -> bytes:
        # The stamp names the very inode that was scanned: no link on the way can put another document in its place.
        return hashing.read_file(os.path.join(self._root, client, disk), expect)

    def source(self, client: str, disk: str, expect: Stamp) -> FileSource:
        return FileSource(self._at(client, disk), expect)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free

    # -- folders and names ---------------------------------------------------------------------------------------

    def make_folder(self, client: str, disk: str) -> int:
        made = self._make_directories(client, disk)
        return os.lstat(made[-1]).st_ino

    def move_folder(self, client: str, disk: str, to: str, inode: int) -> int:
        source, target = self._at(client, disk), self._at(client, to)
        st = self._lstat(source)
        if st.st_ino != inode or not stat.S_ISDIR(st.st_mode):
            raise Stale(f"'{disk}' is another directory")
        self._free_name(source, target)
        self._make_parents(client, to)
        self._move(source, target)
        sync.sync_directories([os.path.dirname(source), os.path.dirname(target)])
        return inode

    def rename(self, client: str, disk: str, to: str, expect: Stamp) -> Stamp:
        source, target = self._at(client, disk), self._at(client, to)
        self._expected(source, expect)
        self._make_parents(client, to)
        self._move(source, target)
        return hashing.stamp_of(os.lstat(target))

    def link(self, client: str, disk: str, to: str, expect: Stamp) -> Stamp:
        source, target = self._at(client, disk), self._at(client, to)
        self._expected(source, expect)
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise Stale(f"'{to}' is taken") from None
        except OSError:  # no hard links on this file system: a copy, made whole before it gets its name
            temp = os.path.join(self._own(client, TEMP), secrets.token_hex(16))
            shutil.copyfile(source, temp, follow_symlinks=False)
            sync.fsync_path(temp)
            self._expected(source, expect)
            self._move(temp, target)
        return hashing.stamp_of(os.lstat(target))

    def put_aside(self, client: str, disk: str, expect: Stamp, content: Content) -> None:
        source = self._at(client, disk)
        self._expected(source, expect)
        kept = self._kept_name(client, disk)
        self._move(source, kept)
        if hashing.hash_file(kept)[0] != content:
            self._move(kept, source)
            raise Stale(f"'{disk}' was saved meanwhile")
        sync.sync_directories([os.path.dirname(source), os.path.dirname(kept)])

    def _make_directories(self, client: str, disk: str) -> list[str]:
        """Every directory on the way, made where missing."""
        at, way = os.path.join(self._root, client), []
        for part in disk.split("/"):
            at = os.path.join(at, part)
            way.append(at)
            try:
                os.mkdir(at)
            except FileExistsError:
                if not stat.S_ISDIR(os.lstat(at).st_mode):
                    raise Stale(f"'{disk}' is no directory") from None
        return way

    def _make_parents(self, client: str, disk: str) -> None:
        """The folder a document is about to be named in, durably."""
        up = paths.parent(disk)
        if up and not os.path.isdir(os.path.join(self._root, client, up)):
            sync.sync_directories(os.path.dirname(d) for d in self._make_directories(client, up))

    # -- contents ------------------------------------------------------------------------------------------------

    def temp(self, client: str, data: bytes) -> str:
        name = secrets.token_hex(16)
        try:
            hashing.write_new(self._temp_path(client, name), data)
        except FileNotFoundError:  # the first one
            self._own(client, TEMP)
            hashing.write_new(self._temp_path(client, name), data)
        return name

    def sink(self, client: str, version_id: str) -> tuple[FileSink, str]:
        name = f"large-{version_id}"
        return FileSink(os.path.join(self._own(client, TEMP), name)), name

    def sync_temps(self, temps: Sequence[tuple[str, str]]) -> None:
        self._parents.clear()  # a batch is about to be placed: its folders are looked at once, now
        sync.sync_files([self._temp_path(client, temp) for client, temp in temps])

    def place(self, client: str, temp: str, disk: str) -> Stamp:
        up, _, name = f"{client}/{disk}".rpartition("/")
        folder = self._parents.get(up)
        if folder is None:
            folder = os.path.dirname(self._at(client, disk))
            self._make_parents(client, disk)
            self._parents[up] = folder
        if name in ("", ".", ".."):
            raise Stale(f"'{disk}' is not inside the client")
        target = f"{folder}/{name}"
        self._move(self._temp_path(client, temp), target)
        return hashing.stamp_of(os.lstat(target))

    def replace(self, client: str, temp: str, disk: str, expect: Stamp, content: Content, copy: str) -> Placed:
        new, target = self._temp_path(client, temp), self._at(client, disk)
        now = hashing.stamp_of(self._lstat(target))
        if (now.size, now.mtime_ns, now.inode) != (expect.size, expect.mtime_ns, expect.inode):
            raise Stale(f"'{disk}' changed")
        if rename.exchange(new, target):
            out = new
        else:  # no exchange here: the old bytes get their kept name first, then the name is free for the new ones
            out = self._kept_name(client, disk)
            self._move(target, out)
            try:
                self._move(new, target)
            except Stale:
                pass  # somebody saved at the very name: theirs stays, ours comes again next time
        came_out = hashing.hash_file(out)[0]
        kept = ""
        if came_out != content:  # a save came in between: it becomes a version of the cabinet (HAZARDS 37)
            kept = naming.conflict_copy(disk, copy, lambda p: os.path.lexists(self._at(client, p)))
            self._move(out, self._at(client, kept))
        elif out == new:
            self._move(out, self._kept_name(client, disk))
        return Placed(hashing.stamp_of(os.lstat(target)), kept)

    def sync_names(self, disks: Sequence[tuple[str, str]]) -> None:
        parents = {(client, paths.parent(disk)) for client, disk in disks}
        folders = {os.path.dirname(self._at(client, paths.join(up, "x"))) for client, up in parents}
        for client in {client for client, _ in disks}:  # an exchange changes the engine's own directories as well
            folders |= {os.path.join(self._root, client, markers.ENGINE, own) for own in (TEMP, REPLACED)}
        sync.sync_directories(f for f in folders if os.path.isdir(f))

    def drop_temps(self, client: str) -> None:
        """The engine's own leftovers of a killed run; resumable large ones stay."""
        own = os.path.join(self._root, client, markers.ENGINE, TEMP)
        with contextlib.suppress(FileNotFoundError):
            for entry in list(os.scandir(own)):
                if not entry.name.startswith("large-") and entry.is_file(follow_symlinks=False):
                    self._drop_temp(entry.path)

    def export(self, client: str, temp: str, target: str) -> None:
        source, part = self._temp_path(client, temp), f"{target}.{secrets.token_hex(4)}.part"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, part)
        sync.fsync_path(part)
        self._move(part, target)
        sync.sync_directory(os.path.dirname(target))
        os.unlink(source)

    def exported(self, target: str) -> Content | None:
        return hashing.hash_file(target)[0] if os.path.lexists(target) else None

    def kept(self, client: str, older: float) -> list[tuple[str, Stamp, Content]]:
        own, found = os.path.join(self._root, client, markers.ENGINE, REPLACED), []
        limit = time.time_ns() - int(older * 1e9)
        with contextlib.suppress(FileNotFoundError):
            for entry in list(os.scandir(own)):
                stamp = hashing.stamp_of(entry.stat(follow_symlinks=False))
                if stamp.ctime_ns < limit and entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(OSError):  # it stays, and is looked at again another day
                        found.append((entry.name, stamp, hashing.hash_file(entry.path, stamp)[0]))
        return found

    def drop_kept(self, client: str, name: str, expect: Stamp) -> None:
        path = os.path.join(self._root, client, markers.ENGINE, REPLACED, paths.name(name))
        with contextlib.suppress(Stale):
            self._expected(path, expect)
            os.unlink(path)

    # -- inside --------------------------------------------------------------------------------------------------

    def _drop_temp(self, path: str) -> None:
        # A temp may be the only name of bytes that an exchange brought out just before a crash: keep, never delete.
        client = os.path.dirname(os.path.dirname(os.path.dirname(path)))
        kept = os.path.join(client, markers.ENGINE, REPLACED)
        os.makedirs(kept, exist_ok=True)
        rename.move_no_replace(path, os.path.join(kept, f"{os.path.basename(path)}.interrupted"))

    def _at(self, client: str, disk: str) -> str:
        """The absolute path, after checking that no directory on the way is a link out of the client."""
        at = os.path.join(self._root, client)
        parts = disk.split("/")
        if any(p in ("", ".", "..") for p in parts) or os.path.isabs(disk):
            raise Stale(f"'{disk}' is not inside the client")
        for part in parts[:-1]:
            at = os.path.join(at, part)
            try:
                if stat.S_ISLNK(os.lstat(at).st_mode):
                    raise Stale(f"'{disk}' lies behind a link")
            except FileNotFoundError:
                break
        return os.path.join(self._root, client, *parts)

    def _temp_path(self, client: str, temp: str) -> str:
        return f"{self._root}/{client}/{markers.ENGINE}/{TEMP}/{temp}"

    def _own(self, client: str, name: str) -> str:
        """A directory of the engine's in a client's. FileNotFoundError: there is no such client, and none is made."""
        own = os.path.join(self._root, client, markers.ENGINE, name)
        with contextlib.suppress(FileExistsError):
            os.mkdir(own)
        return own

    def _kept_name(self, client: str, disk: str) -> str:
        stem, ext = paths.split_ext(paths.name(disk))
        return os.path.join(self._own(client, REPLACED), naming.shorten(stem, f".{secrets.token_hex(6)}{ext}"))

    def _lstat(self, path: str) -> os.stat_result:
        try:
            return os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            raise Stale(f"'{path}' is gone") from None

    def _expected(self, path: str, expect: Stamp) -> None:
        if hashing.stamp_of(self._lstat(path)) != expect:
            raise Stale(f"'{path}' changed")

    def _free_name(self, source: str, target: str) -> None:
        if os.path.lexists(target) and not os.path.samefile(source, target):
            raise Stale(f"'{target}' is taken")

    def _move(self, source: str, target: str) -> None:
        if source == target:
            return
        try:
            rename.move_no_replace(source, target)
        except FileExistsError:
            if os.path.samefile(source, target) and source.lower() == target.lower():
                os.rename(source, target)  # a change of case on a file system that does not tell case apart
            else:
                raise Stale(f"'{target}' is taken") from None
        except FileNotFoundError:
            raise Stale(f"'{source}' is gone") from None


def _make_durable(files: Iterable[str]) -> None:
    written = list(files)
    sync.sync_files(written)
    sync.sync_directories(os.path.dirname(path) for path in written)
