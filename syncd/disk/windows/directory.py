"""An open directory of Windows: a handle, with which its own name may change meanwhile, and what lies in it not."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from syncd.disk.errors import NotADocument, NotOurs, OtherDisk
from syncd.disk.ownership import Belonging
from syncd.disk.windows import access, api, ownership, scandir, security_descriptors, status
from syncd.disk.windows.names import checked, parts
from syncd.disk.windows.open_document import descriptor
from syncd.disk.windows.scandir import Entry
from syncd.disk.windows.status import Status

T = TypeVar("T")

_DIRECTORY = api.READ | api.TRAVERSE | api.READ_CONTROL
_READS, _WRITES = api.READ | api.READ_CONTROL, api.WRITE | api.APPEND | api.WRITE_ATTRIBUTES
_TIMES, _RENAME, _LINK, _REMOVE, _RENAME_EX, _REMOVE_EX = 4, 10, 11, 13, 65, 64
_AT_ONCE = 0x1 | 0x2 | 0x10  # remove: though somebody holds it open, though it is write-protected
_OVER_AT_ONCE = 0x1 | 0x2 | 0x40  # rename: over what is there, though somebody holds that open
_PATIENCE, _PAUSE = 1.0, 0.02  # seconds for which a scanner of viruses may hold what was just written
_NO_ROOT = {50, 87}  # not supported, invalid parameter
_HELD = {api.IN_USE, api.LOCKED, api.DENIED}
_ELOOP = 114
_CLOSED = 0x7FFF_FFFC  # what no handle is: without one, a name would be taken for one elsewhere


class Directory:
    """`where`: how it was reached, for messages alone. Closed with the last reference to it, or by `close`.

    `listed_late`: a listing may be behind what an open document says of itself, until somebody closes that document.
    Every method raises OSError; ValueError for a name that is none.
    """

    __slots__ = ("_disk", "_handle", "_own_things", "where")

    listed_late = True

    def __init__(self, handle: int, where: str, *, own: bool = False) -> None:
        self._handle, self.where, self._own_things = handle, where, own
        self._disk = status.named(handle)[0]

    @classmethod
    def at(cls, path: str) -> Directory:
        """The directory at a path that somebody chose: links on the way to it are theirs, and followed."""
        found = cls(api.opened_at(os.path.abspath(path), _DIRECTORY), path)
        if not stat.S_ISDIR(found.status().st_mode):
            raise NotADirectoryError(20, "not a directory", path)
        if status.is_short(found._disk) is None:
            found.names()  # which ids its listings have
        return found

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        handle, self._handle = self._handle, _CLOSED
        if handle != _CLOSED:
            api.close(handle)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, TypeError):  # half made, or the interpreter ends
            self.close()

    def _at(self, name: str) -> str:
        return f"{self.where}/{name}"

    def _opened(self, name: str, rights: int, kind: int = 0, *, links: bool = False) -> api.Handle:
        """Itself; what a disk shows in its stead (deduplicated, kept elsewhere) is the same thing, or it is a link."""
        where = self._at(name)
        found = api.opened(self._handle, name, rights, kind, where=where)
        try:
            tag = status.tag(found.value)
            if not tag or (status.is_link(tag) and links):
                return found
            if status.is_link(tag):
                if api.leads_to_a_disk(found.value, tag):
                    raise OtherDisk(where)
                raise OSError(_ELOOP, "it is a link", where)
            shown = api.opened(self._handle, name, rights, kind, through=True, where=where)
            if status.named(shown.value) != status.named(found.value):
                shown.__exit__()
                raise OSError(_ELOOP, "it became a link", where)
        except BaseException:
            found.__exit__()
            raise
        found.__exit__()
        return shown

    def _patient(self, do: Callable[[], T]) -> T:
        """The engine's own things are nobody else's business: whoever holds one for a moment is waited for."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return do()
            except OSError as e:
                if not self._own_things or e.winerror not in _HELD or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE)

    # -- directories in it ---------------------------------------------------------------------------------------------

    def open(self, below: str) -> Directory:
        """The directory `below` (names joined by '/'), each of them a directory and on this disk, or OtherDisk."""
        at, where = self, self.where
        for name in parts(below):
            where = f"{where}/{name}"
            at = Directory(at._opened(name, _DIRECTORY, api.DIRECTORY).kept(), where)
            if at._disk != self._disk:
                raise OtherDisk(where)
        return at

    def make(self, name: str, *, private: bool = False) -> None:
        """`private`: for the engine alone; else as people's programs would make it here. FileExistsError."""
        security = access.private().value if private else None
        hidden = api.HIDDEN if private and name.startswith(".") else api.NORMAL
        with api.opened(
            self._handle, checked(name), api.READ, api.DIRECTORY, make=True, security=security, attributes=hidden,
            where=self._at(name),
        ):  # fmt: skip
            pass

    def own(self, below: str, *, make: bool = False, narrow: bool = False, look: bool = False) -> Directory:
        """A directory of the engine's alone: a directory, and this account's. Else NotOurs.

        `narrow`: others who might enter may not from now on; older versions made wider ones. `look`: nothing will be
        written, and an administrator may look into what is the service's.
        """
        made = False
        try:
            found = self._own(below)
        except FileNotFoundError:
            if not make:
                raise
            made = True
            with contextlib.suppress(FileExistsError):
                self.make(below, private=True)
            found = self._own(below)
        held = access.described(found._handle, access.OWNER | access.LIST)
        _mine(held, found.where, look=look)
        if narrow and not made and security_descriptors.inherits(held):
            with contextlib.suppress(OSError), api.opened(found._handle, "", api.WRITE_DAC) as handle:
                access.narrow(handle.value, directory=True)
        found._own_things = True
        return found

    def _own(self, below: str) -> Directory:
        try:
            return self.open(below)
        except OtherDisk:
            raise
        except OSError as e:
            if isinstance(e, NotADirectoryError) or e.errno == _ELOOP:
                raise NotOurs(self._at(below), "it is no directory, or a link") from None
            raise

    def owns(self, name: str) -> None:
        """NotOurs when what is there is no directory of this account's. FileNotFoundError."""
        with api.opened(self._handle, checked(name), api.READ_CONTROL, where=self._at(name)) as found:
            if not stat.S_ISDIR(status.of(found.value).st_mode):
                raise NotOurs(self._at(name), "it is no directory, or a link")
            _mine(access.described(found.value, access.OWNER), self._at(name))

    @property
    def mount(self) -> int:
        """Which disk it is on."""
        return self._disk

    def status(self) -> Status:
        return status.of(self._handle, self.where)

    # -- what lies in it -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def listing(self) -> Iterator[Iterator[Entry]]:
        """Entries, good inside the block: `name`, and `stat(follow_symlinks=False)`, nothing else."""
        with api.opened(self._handle, "", api.READ, api.DIRECTORY, where=self.where) as anew:  # one listing each
            found = scandir.entries(anew.value, self._disk, self.where)
        yield iter(found)

    def names(self) -> list[str]:
        with self.listing() as it:
            return [entry.name for entry in it]

    def stat(self, name: str) -> Status:
        """Of the name itself, never of what a link leads to."""
        with self._opened(checked(name), 0, links=True) as found:
            return status.of(found.value)

    def holds(self, name: str) -> bool:
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    # -- documents -----------------------------------------------------------------------------------------------------

    def _document(self, name: str, rights: int) -> api.Handle:
        try:
            return self._opened(checked(name), rights, api.DOCUMENT)
        except OSError as e:
            if isinstance(e, IsADirectoryError | OtherDisk) or e.errno == _ELOOP:
                raise NotADocument(self._at(name)) from None
            raise

    def document(self, name: str) -> int:
        """A read-only descriptor of a regular file, else NotADocument; the caller closes it."""
        return self.reading(name)

    def reading(self, name: str) -> int:
        """The same for whoever looks at what it is before reading it, as `hash_open` and `read_open` do."""
        return descriptor(self._patient(lambda: self._document(name, _READS)), os.O_RDONLY)

    def synced(self, name: str) -> None:
        """Make the bytes of a closed document durable: only who may write to it can ask for that."""
        with self._patient(lambda: self._document(name, api.WRITE)) as found:
            api.flushed(found.value, self._at(name))

    def create(self, name: str, *, private: bool = True) -> int:
        """A descriptor for writing of a file that was not there, never one that may be executed. FileExistsError."""
        security = access.private(directory=False).value if private else None
        found = api.opened(
            self._handle, checked(name), _WRITES, api.DOCUMENT, make=True, security=security, where=self._at(name)
        )
        return descriptor(found, os.O_WRONLY)

    def resume(self, name: str) -> int:
        """A descriptor for reading and writing of the engine's own file: regular, this account's, of one name. Else NotOurs."""
        return descriptor(self._resumed(name, _READS | _WRITES)[0], os.O_RDWR)

    def _resumed(self, name: str, rights: int) -> tuple[api.Handle, Status]:
        try:
            found = self._patient(lambda: self._document(name, rights))
        except NotADocument:
            raise NotOurs(self._at(name), "it is no file, or a link") from None
        try:
            held = status.of(found.value)
            if held.st_nlink != 1 or not access.mine(access.owner(access.described(found.value, access.OWNER))):
                raise NotOurs(self._at(name), "it is no file of this account's alone")
        except BaseException:
            found.__exit__()
            raise
        return found, held

    def gives(self) -> Belonging:
        """What a document that is made here gets: its folder decides."""
        return ownership.given_by(self._handle)

    def belonging(self, name: str) -> Belonging:
        """What a document has. NotADocument."""
        with self._document(name, api.READ_CONTROL) as found:
            return ownership.of(found.value)

    def give(self, name: str, what: Belonging) -> tuple[bool, int]:
        """Of the engine's own file, else NotOurs: False when it could not be given the group; and its inode."""
        found, held = self._resumed(name, api.READ_CONTROL | api.WRITE_DAC)
        with found:
            ownership.put_on(found.value, what)
        return True, held.st_ino

    def give_open(self, document: int, what: Belonging) -> None:
        """The same of such a file that is open for writing, as far as it can be done: not here, where a handle for
        writing may not change the access list."""

    def given(self, name: str, what: Belonging) -> int | None:
        """The inode of the engine's own file when it has all of that already, which its name tells: never here."""
        return None

    def probed(self, name: str) -> api.Handle:
        """The engine's own file, whose times are to be set."""
        return self._document(name, api.WRITE_ATTRIBUTES)

    def file_system(self) -> str:
        """As Windows calls it: NTFS, ReFS, FAT32…; '' where it does not say."""
        return api.file_system(self._handle)

    def keep(self, name: str) -> None:
        """A document that the engine keeps is nobody else's from now on, unless it has another name still."""
        with (
            contextlib.suppress(PermissionError),  # another account's: the directory keeps others out
            self._document(name, api.READ_CONTROL | api.WRITE_DAC) as found,
        ):
            if status.of(found.value).st_nlink == 1:
                access.narrow(found.value, directory=False)

    def nameless(self) -> int:
        """There is no such thing."""
        raise NotImplementedError

    def name(self, nameless: int, name: str) -> None:
        raise NotImplementedError

    # -- names ---------------------------------------------------------------------------------------------------------

    def move(self, name: str, into: Directory, to: str) -> None:
        """Give it another name, here or there; FileExistsError when anything bears that one."""
        self._patient(lambda: self._moved(checked(name), into, checked(to)))

    def ask_anew(self, name: str) -> None:
        """Windows' redirector does so by itself."""

    def respell(self, name: str, to: str) -> None:
        """A change of case or accents' form, where the disk takes both names for one."""
        self.move(name, self, to)

    def _moved(self, name: str, into: Directory, to: str) -> None:
        with api.opened(self._handle, name, api.DELETE, where=self._at(name)) as found:
            try:
                self._named(found, _RENAME, into, to)
            except PermissionError as e:
                if e.winerror != api.DENIED or not stat.S_ISDIR(status.of(found.value).st_mode):
                    raise
                with api.opened(into._handle, "", api.APPEND, api.DIRECTORY, where=into.where):
                    pass  # else this account may not make a directory there, and that is said
                raise api.fault(api.IN_USE, self._at(name)) from None  # somebody has a document in it open

    def _named(self, found: api.Handle, what: int, into: Directory, to: str, flags: int = 0) -> None:
        """A disk that takes no open directory to name things in still takes a new name where they are. Elsewhere it
        would take a path, which anybody may turn meanwhile: there it is refused."""
        try:
            api.told(found.value, what, _named(into._handle, to, flags), into._at(to))
        except OSError as e:
            if e.winerror not in _NO_ROOT or status.named(into._handle) != status.named(self._handle):
                raise
            api.told(found.value, what, _named(0, to, flags), into._at(to))

    def exchange(self, name: str, other: Directory, with_: str) -> bool:
        """There is no such call."""
        checked(name), checked(with_)
        return False

    def link(self, name: str, into: Directory, to: str) -> None:
        """A second name for a document; never for what a link leads to."""
        with api.opened(self._handle, checked(name), api.READ | api.WRITE_ATTRIBUTES, where=self._at(name)) as found:
            self._named(found, _LINK, into, checked(to))

    def supplant(self, name: str, to: str) -> None:
        """The engine's own file over an older one of its own: never for documents."""
        self._patient(lambda: self._supplanted(checked(name), checked(to)))

    def _supplanted(self, name: str, to: str) -> None:
        with api.opened(self._handle, name, api.DELETE, api.DOCUMENT, where=self._at(name)) as found:
            try:
                self._named(found, _RENAME_EX, self, to, _OVER_AT_ONCE)
            except OSError as e:
                if e.winerror in _HELD:
                    raise
                self._named(found, _RENAME, self, to, 1)

    def remove(self, name: str) -> None:
        """The engine's own file: never a document."""
        self._patient(lambda: self._removed(checked(name)))

    def _removed(self, name: str) -> None:
        with api.opened(self._handle, name, api.DELETE | api.WRITE_ATTRIBUTES, api.DOCUMENT, where=self._at(name)) as f:
            try:
                api.told(f.value, _REMOVE_EX, struct.pack("<I", _AT_ONCE), self._at(name))
            except OSError as e:
                if e.winerror in _HELD:
                    raise
                api.told(f.value, _TIMES, struct.pack("<qqqqI4x", 0, 0, 0, 0, api.NORMAL), self._at(name))
                api.told(f.value, _REMOVE, b"\1", self._at(name))

    def sync(self) -> None:
        """Make the names in it durable. Where a disk does not do that for a directory, its journal keeps their order."""
        with contextlib.suppress(OSError), api.opened(self._handle, "", api.WRITE, api.DIRECTORY) as found:
            api.flushed(found.value)

    def sync_disk(self) -> bool:
        """There is no such call for who is no administrator."""
        return False


def _mine(described: bytes, where: str, *, look: bool = False) -> None:
    who = access.owner(described)
    if not access.mine(who) and not (look and access.administrator()):
        raise NotOurs(where, f"it belongs to account {who}, this is account {access.account()}")


def _named(into: int, name: str, flags: int = 0) -> bytes:
    """What FileRenameInformation and FileLinkInformation are told: the name, and the open directory it is in."""
    text = name.encode("utf-16-le", "surrogatepass")
    return struct.pack("<QQI", flags, into, len(text)) + text + b"\0\0\0\0"
