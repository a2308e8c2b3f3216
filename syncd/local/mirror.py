"""The cabinet's disk. Nothing is renamed over, nothing is followed, no document is deleted (RULES 6)."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from msgspec.structs import replace

from syncd.core import modified_dates, naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.disk_traits import DiskTraits
from syncd.core.entry import Known
from syncd.core.folder_rules import ClientRules
from syncd.core.ignore_patterns import Ignore
from syncd.disk import hashing, sync, traits
from syncd.disk.directory import Directory, NotADocument, NotOurs, OtherDisk
from syncd.disk.document import date, status
from syncd.disk.ownership import Belonging
from syncd.disk.status import Status, same
from syncd.local import markers
from syncd.local.directory_handles import LINK_IN_THE_WAY, MOST, REPLACED, TEMP, Rooms
from syncd.local.fingerprint_worker import Looks
from syncd.local.scan import Walk
from syncd.local.streams import FileSink, FileSource
from syncd.ports.local import (
    Awaited,
    ClientDirectory,
    ClientMarker,
    ClientStopped,
    Placed,
    RootMarker,
    Scan,
    Stale,
    always,
    never,
)

WEEK = 7 * 86_400.0
PASSING = 0.25  # seconds for which folders that documents are read from are held open
LONGEST = 4095  # bytes of a whole path that a program may open
P = ParamSpec("P")
T = TypeVar("T")


def _of_one_client(
    do: Callable[Concatenate[DiskMirror, str, P], T],
) -> Callable[Concatenate[DiskMirror, str, P], T]:
    """What is not as it should be in a client's directory is that client's fault, and said of it."""

    @wraps(do)
    def told(self: DiskMirror, client: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return do(self, client, *args, **kwargs)
        except OtherDisk as e:
            raise ClientStopped("stop_other_disk", self._said(e), e.strerror or "") from None
        except NotOurs as e:
            raise ClientStopped("stop_not_ours", self._said(e), e.strerror or "") from None

    return told


class DiskMirror:
    """`settle`: seconds a document must have been unchanged to be taken. `ahead`: looks that somebody began already."""

    def __init__(self, root: str, ignore: Iterable[str] = (), settle: float = 2.0, ahead: Looks | None = None) -> None:
        self._root, self._ahead = os.path.abspath(root), ahead
        self._ignore = Ignore(ignore)
        self._settle_ns = int(settle * 1e9)
        self._rooms, self._looked = Rooms(self._root), Rooms(self._root, PASSING)
        self._not_synced: set[tuple[str, str]] = set()
        self._named_in: set[tuple[str, str]] = set()  # clients' own directories whose names are to be synced
        self._disk: DiskTraits | None = None

    # -- the root and its clients --------------------------------------------------------------------------------

    def root(self, *, any_number: bool = False) -> RootMarker:
        self.rest()
        return markers.root_marker(self._root, any_number=any_number)

    def disk(self, known: DiskTraits | None, *, now: float, measure: bool = True) -> DiskTraits:
        self._disk = self._traits(known, now, measure)
        return self._disk

    def _can(self, root: Directory) -> DiskTraits:
        """By its name alone where nobody has asked for it."""
        if self._disk is None:
            self._disk = traits.assumed(root)
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
            sync.sync_documents([(own, markers.CLIENT) for own in written.values()])
            sync.sync_names(list(written.values()))
        except OSError:  # whose it was is found out one by one
            for name, own in written.items():
                try:
                    sync.sync_documents([(own, markers.CLIENT)])
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

    @_of_one_client
    def make_client(self, name: str, marker: ClientMarker) -> None:
        with Directory.at(self._root) as root:
            with contextlib.suppress(FileExistsError):
                root.make(name)
            with root.open(name) as directory:
                held = markers.read(directory, markers.CLIENT)
                if held is not None and held.client != marker.client:
                    raise Stale(f"'{name}' bears another client's marker")
                markers.write_client(directory, marker)
            root.sync()

    # -- looking -------------------------------------------------------------------------------------------------

    @_of_one_client
    def scan(
        self,
        client: str,
        rules: ClientRules,
        known: dict[str, Known],
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

    @_of_one_client
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

    @_of_one_client
    def content(self, client: str, disk: str) -> Content:
        return hashing.hash_open(self._document(client, disk))[0]

    @_of_one_client
    def stat(self, client: str, disk: str) -> Stamp | None:
        up, name = _inside(disk)
        try:
            with Directory.at(self._root) as root, root.open(f"{client}/{up}" if up else client) as folder:
                return hashing.stamp_of(folder.stat(name))
        except FileNotFoundError:
            return None

    @_of_one_client
    def read(self, client: str, disk: str, expect: Stamp) -> bytes:
        return hashing.read_open(self._document(client, disk), expect)

    def source(self, client: str, disk: str, expect: Stamp) -> FileSource:
        return FileSource(partial(_of_one_client(DiskMirror._document), self, client, disk), expect)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free

    def _said(self, error: OSError) -> str:
        """Where, from the root down."""
        return os.path.relpath(str(error.filename), self._root).replace(os.sep, "/")

    def rest(self) -> None:
        self._named_in.clear()
        self._rooms.forget()
        self._looked.forget()

    def _document(self, client: str, disk: str) -> int:
        up, name = _inside(disk)
        return self._looked.folder(client, up).reading(name)

    # -- folders and names ---------------------------------------------------------------------------------------

    @_of_one_client
    def make_folder(self, client: str, disk: str) -> int:
        _inside(disk)
        self._nameable(client, disk)
        try:
            self._rooms.folder(client, disk)  # mostly
        except OSError:
            self._make_directories(client, disk)
        return hashing.identity(self._rooms.folder(client, disk).status().st_ino)

    @_of_one_client
    def move_folder(self, client: str, disk: str, to: str, inode: int) -> int:
        self._rooms.forget()  # Windows renames no directory in which anything is open
        self._looked.forget()
        source, name = self._there(client, disk)
        st = _stat(source, name)
        if hashing.identity(st.st_ino) != inode or not stat.S_ISDIR(st.st_mode):
            raise Stale(f"'{disk}' is another directory")
        target, new = self._to_be(client, to)
        _move(source, name, target, new)
        sync.sync_names([source, target])
        self._rooms.forget()  # what lies in it has other names now
        return hashing.identity(_stat(target, new).st_ino)

    @_of_one_client
    def rename(self, client: str, disk: str, to: str, expect: Stamp) -> Stamp:
        source, name = self._there(client, disk)
        _expected(source, name, expect)
        target, new = self._to_be(client, to)
        _move(source, name, target, new)
        return hashing.stamp_of(target.stat(new))

    @_of_one_client
    def link(self, client: str, disk: str, to: str, expect: Stamp) -> None:
        source, name = self._there(client, disk)
        _expected(source, name, expect)
        target, new = self._there(client, to)
        try:
            source.link(name, target, new)
        except FileExistsError:
            raise Stale(f"'{to}' is taken") from None
        except OSError:  # no hard links on this file system: a copy, made whole before it gets its name
            temps, temp = self._engines(client, TEMP), secrets.token_hex(16)
            _copy(source.document(name), temps.create(temp))
            sync.sync_documents([(temps, temp)])
            temps.give(temp, source.belonging(name))
            _expected(source, name, expect)
            _move(temps, temp, target, new)

    @_of_one_client
    def put_aside(self, client: str, disk: str, expect: Stamp, content: Content) -> None:
        source, name = self._there(client, disk)
        _expected(source, name, expect)
        kept, out = self._engines(client, REPLACED), _kept_name(name)
        _move(source, name, kept, out)
        if _holds(kept, out) != content:
            _move(kept, out, source, name)
            raise Stale(f"'{disk}' was saved meanwhile")
        kept.keep(out)
        sync.sync_names([source, kept])

    def _make_directories(self, client: str, disk: str) -> list[Directory]:
        """Every directory on the way, made where missing; those above them."""
        at, way, done = self._rooms.client(client), [], ""
        for part in disk.split("/"):
            way.append(at)
            with contextlib.suppress(FileExistsError):
                at.make(part)
            done = paths.join(done, part)
            try:
                at = self._rooms.folder(client, done)
            except OSError as e:
                if e.errno in LINK_IN_THE_WAY:
                    raise Stale(f"'{done}' is no directory") from None
                raise
        return way

    def _there(self, client: str, disk: str) -> tuple[Directory, str]:
        """The folder of something that is there, and its name in it."""
        up, name = _inside(disk)
        try:
            return self._rooms.folder(client, up), name
        except FileNotFoundError:
            raise Stale(f"'{disk}' is gone") from None
        except OSError as e:
            if e.errno in LINK_IN_THE_WAY:
                raise Stale(f"'{disk}' lies behind a link, or a document") from None
            raise

    def _to_be(self, client: str, disk: str) -> tuple[Directory, str]:
        """The folder that something is about to be named in, made durably where it is missing; and the name."""
        up, name = _inside(disk)
        self._nameable(client, disk)
        try:
            return self._rooms.folder(client, up), name
        except FileNotFoundError:
            sync.sync_names(self._make_directories(client, up))
        except OSError as e:
            if e.errno not in LINK_IN_THE_WAY:
                raise
        return self._there(client, disk)

    def _nameable(self, client: str, disk: str) -> None:
        """What people's programs could not open by its whole path is not made, though the engine could."""
        if len(disk) > 500 and len(os.fsencode(f"{self._root}/{client}/{disk}")) > LONGEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), disk)

    def _engines(self, client: str, name: str) -> Directory:
        """One of the engine's directories, in which a name is about to change."""
        self._named_in.add((client, name))
        return self._rooms.own(client, name)

    # -- contents ------------------------------------------------------------------------------------------------

    @_of_one_client
    def temp(self, client: str, data: bytes, modified: float | None = None) -> str:
        name = secrets.token_hex(16)
        hashing.write_open(self._rooms.own(client, TEMP).create(name), data, modified_dates.kept(modified, time.time()))
        return name

    @_of_one_client
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
        sync.sync_documents(found)
        # Where they lie may be the client's again before they are placed: then, too, their bytes are on the disk.
        self._not_synced = away if away and not self._rooms.root().sync_disk() else set()

    def _synced(self, client: str, temp: str) -> None:
        """Nothing gets its name before its bytes are on the disk (RULES 6)."""
        if (client, temp) in self._not_synced:
            raise Stale(f"'{temp}' could not be made durable")

    def _without_inode(self, temps: Directory, temp: str) -> Stamp | None:
        """What else it is known by when it has its name, on a disk that may invent another inode for it then."""
        return None if self._can(self._rooms.root()).inodes else hashing.stamp_of(_stat(temps, temp))

    @_of_one_client
    def place(self, client: str, temp: str, disk: str) -> Stamp:
        self._synced(client, temp)
        folder, name = self._to_be(client, disk)
        temps = self._engines(client, TEMP)
        temp, inode = _given(temps, temp, self._rooms.gives(client, paths.parent(disk)), folder)
        was = self._without_inode(temps, temp)
        _move(temps, temp, folder, name)
        return _named(folder, name, inode, temps, was)

    @_of_one_client
    def replace(self, client: str, temp: str, disk: str, expect: Stamp, content: Content, copy: str) -> Placed:
        self._synced(client, temp)
        folder, name = self._there(client, disk)
        now = hashing.stamp_of(_stat(folder, name))
        if (now.size, now.mtime_ns, now.inode) != (expect.size, expect.mtime_ns, expect.inode):
            raise Stale(f"'{disk}' changed")
        temps, replaced = self._engines(client, TEMP), self._engines(client, REPLACED)
        temp, inode = _given(temps, temp, _had(folder, name), folder)
        was = self._without_inode(temps, temp)
        if temps.exchange(temp, folder, name):
            where, out = temps, temp
        else:  # no exchange here: the old bytes get their kept name first, then the name is free for the new ones
            where, out = replaced, _kept_name(name)
            _move(folder, name, replaced, out)
            with contextlib.suppress(
                Stale
            ):  # somebody saved at the very name: theirs stays, ours comes again next time
                _move(temps, temp, folder, name)
        came_out = _holds(where, out)
        kept = ""
        if came_out is None:  # a link or a directory, since a moment ago: it goes back where it was
            if where is not temps or not temps.exchange(out, folder, name):
                _move(where, out, folder, name)
            raise Stale(f"'{disk}' is no document any more")
        if came_out != content:  # a save came in between: it becomes a version of the cabinet (HAZARDS 37)
            kept = naming.conflict_copy(disk, copy, lambda path: folder.holds(paths.name(path)))
            _move(where, out, folder, paths.name(kept))
        else:
            if where is temps:
                out, of_temp = _kept_name(name), out
                _move(temps, of_temp, replaced, out)
            replaced.keep(out)
        return Placed(_named(folder, name, inode, temps, was), kept)

    def sync_names(self, disks: Sequence[tuple[str, str]]) -> None:
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
                sync.sync_names(found)
                found = []
        sync.sync_names(found)
        durable = not away or self._rooms.root().sync_disk()  # what was named in it may come back with it
        self._rooms.forget()
        if not durable:  # nothing is written down of it: the next run looks
            raise Stale("what was named could not be made durable")
        self._named_in -= named

    @_of_one_client
    def drop_temps(self, client: str) -> None:
        """The engine's own leftovers of a killed run; resumable large ones stay. And a look whether both places are its own."""
        with contextlib.suppress(FileNotFoundError):
            own = self._rooms.root().own(f"{client}/{markers.ENGINE}", narrow=True)
            with contextlib.suppress(FileNotFoundError):
                own.owns(REPLACED)
            temps = own.own(TEMP, narrow=True)
            for name in _own_files(
                temps
            ):  # it may be the only name of bytes that came out just before: kept, never deleted
                if not name.startswith("large-"):
                    kept = own.own(REPLACED, make=True, narrow=True)
                    temps.move(name, kept, f"{name}.{secrets.token_hex(2)}.interrupted")

    @_of_one_client
    def drop_temp(self, client: str, temp: str, content: Content) -> None:
        temps = self._rooms.own(client, TEMP, make=False)
        for name, st in _own_files(temps).items():
            its = name == temp or not name.startswith("large-")
            if its and st.st_size == content.size and _holds(temps, name) == content:
                temps.remove(name)

    @_of_one_client
    def export(self, client: str, temp: str, to: str, path: str) -> None:
        temps, (up, name) = self._rooms.own(client, TEMP), _inside(path)
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
        _copy(temps.document(temp), folder.create(part, private=False))
        sync.sync_documents([(folder, part)])
        _move(folder, part, folder, name)
        sync.sync_names([*made, folder])
        temps.remove(temp)

    def exported(self, to: str, path: str) -> Content | None:
        up, name = _inside(path)
        try:
            with Directory.at(to) as directory, directory.open(up) if up else directory as folder:
                folder.stat(name)
                return hashing.hash_open(folder.document(name))[0]
        except FileNotFoundError:
            return None

    @_of_one_client
    def kept(self, client: str, older: float) -> list[tuple[str, Stamp, Content]]:
        found, limit = [], time.time_ns() - int(older * 1e9)
        with contextlib.suppress(FileNotFoundError):
            own = self._rooms.own(client, REPLACED, make=False)
            for name, st in _own_files(own).items():
                stamp = hashing.stamp_of(st)
                if stamp.ctime_ns < limit:
                    with contextlib.suppress(OSError):  # it stays, and is looked at again another day
                        found.append((name, stamp, hashing.hash_open(own.document(name), stamp)[0]))
        self._rooms.forget()
        return found

    @_of_one_client
    def drop_kept(self, client: str, name: str, expect: Stamp) -> None:
        own = self._rooms.own(client, REPLACED, make=False)
        with contextlib.suppress(Stale):
            _expected(own, name, expect)
            own.remove(name)


# -- one document in an open directory ---------------------------------------------------------------------------------


_NO_PARTS = {"", ".", ".."}


def _inside(disk: str) -> tuple[str, str]:
    """Folder and name of something inside a client."""
    if "\0" in disk or not _NO_PARTS.isdisjoint(disk.split("/")):
        raise Stale(f"'{disk}' is not inside the client")
    up, _, name = disk.rpartition("/")
    return up, name


def _stat(folder: Directory, name: str) -> Status:
    try:
        return folder.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        raise Stale(f"'{name}' is gone") from None


def _expected(folder: Directory, name: str, expect: Stamp) -> None:
    st = _stat(folder, name)
    if hashing.stamp_of(st) != expect or not stat.S_ISREG(st.st_mode):
        raise Stale(f"'{name}' changed")


def _holds(folder: Directory, name: str) -> Content | None:
    """None: it is no document."""
    try:
        return hashing.hash_open(folder.document(name))[0]
    except NotADocument:
        return None


def _had(folder: Directory, name: str) -> Belonging:
    """Whose the document is that is about to be replaced."""
    try:
        return folder.belonging(name)
    except (FileNotFoundError, NotADocument):
        raise Stale(f"'{name}' changed") from None


def _given(temps: Directory, temp: str, what: Belonging, folder: Directory) -> tuple[str, int]:
    """A temporary file that belongs to whom it is to, under what name it is now, and its inode."""
    try:
        grouped, inode = temps.give(temp, what)
        if not grouped:  # not this account's to give; but it may be the folder's
            with contextlib.suppress(NotImplementedError, AttributeError, PermissionError, OSError):
                born = folder.nameless()
                try:
                    _copy(temps.document(temp), os.dup(born))
                    os.fsync(born)
                    other = secrets.token_hex(16)
                    temps.name(born, other)
                finally:
                    os.close(born)
                temps.remove(temp)
                return other, temps.give(other, what)[1]
    except FileNotFoundError:
        raise Stale(f"'{temp}' is gone") from None
    return temp, inode


def _named(folder: Directory, name: str, inode: int, temps: Directory, was: Stamp | None) -> Stamp:
    """The stamp of what was just given its name, if it bears it still."""
    st = _stat(folder, name)
    its = was is not None and stat.S_ISREG(st.st_mode) and (st.st_size, st.st_mtime_ns) == (was.size, was.mtime_ns)
    if st.st_ino != inode and not its:
        if not stat.S_ISREG(st.st_mode):  # put in the temporary file's place a moment before: nothing to be named
            with contextlib.suppress(OSError):
                folder.move(name, temps, f"{secrets.token_hex(16)}.strange")
        raise Stale(f"'{name}' is another document already")
    return hashing.stamp_of(st)


def _copy(source: int, target: int) -> None:
    """From one open file into another, with its date; both are closed."""
    with open(source, "rb") as f, open(target, "wb") as t:
        shutil.copyfileobj(f, t, hashing.CHUNK)
        t.flush()
        date(t.fileno(), status(f.fileno()).st_mtime_ns / 1e9)


def _own_files(directory: Directory) -> dict[str, Status]:
    """What lies in one of the engine's directories: files alone, else NotOurs and nothing is touched."""
    found: dict[str, Status] = {}
    for name in sorted(directory.names()):
        with contextlib.suppress(FileNotFoundError):
            found[name] = directory.stat(name)
            if not stat.S_ISREG(found[name].st_mode):
                raise NotOurs(f"{directory.where}/{name}", "it is no file, or a link")
    return found


def _kept_name(name: str) -> str:
    stem, ext = paths.split_ext(name)
    return naming.shorten(stem, f".{secrets.token_hex(6)}{ext}")


def _move(source: Directory, name: str, target: Directory, new: str) -> None:
    if source is target and name == new:
        return
    try:
        source.move(name, target, new)
    except FileExistsError:
        if not _one_name(source, name, target, new):
            raise Stale(f"'{new}' is taken") from None
        _respell(source, name, new)
    except FileNotFoundError:
        raise Stale(f"'{name}' is gone") from None
    else:
        if paths.key(name) == paths.key(new) and _one_name(source, name, target, new):
            _respell(source, name, new)  # a disk that takes it for done, and changed nothing


def _one_name(source: Directory, name: str, target: Directory, new: str) -> bool:
    """Whether two spellings lead to one thing, on a disk that does not tell case, or the accents' form, apart: the
    directory lists the one alone. What stat says of both is no proof: there are disks that invent inodes."""
    if paths.key(name) != paths.key(new):
        return False
    if source is not target and not same(source.status(), target.status()):
        return False
    alike = [each for each in source.names() if paths.key(each) == paths.key(new)]
    return alike == [name]


def _respell(folder: Directory, name: str, new: str) -> None:
    """Then look: many such disks take it for no change at all. In two steps then; should the second never come, what
    lies under the name in between has moved here and online, and the portal's place wins (RULES 2)."""
    folder.respell(name, new)
    if new in folder.names():
        return
    stem, ext = paths.split_ext(new)
    between = naming.shorten(stem, f" {secrets.token_hex(3)}{ext}")
    folder.move(name, folder, between)
    folder.ask_anew(new)  # else a share takes the spelling of before for the document itself
    try:
        folder.move(between, folder, new)
    except OSError:
        folder.move(between, folder, name)
        raise
    if new not in folder.names():
        raise Stale(f"'{name}' keeps its spelling")
