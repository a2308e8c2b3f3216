"""An open directory of a POSIX system: a descriptor."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from syncd.disk import durability, rename
from syncd.disk.errors import NotADocument, NotOurs, OtherDisk
from syncd.disk.ownership import Belonging
from syncd.disk.posix import ownership
from syncd.disk.posix.open_beneath import checked, mount, open_beneath, open_directory, times

PRIVATE, SHARED = 0o600, 0o666
_READ = os.O_RDONLY
_WRITE = os.O_WRONLY
_BOTH = os.O_RDWR
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _READ |= getattr(os, _flag, 0)
    _WRITE |= getattr(os, _flag, 0)
    _BOTH |= getattr(os, _flag, 0)
_CLOSED = -2  # -1 is the working directory to whoever lists
_NO_TRACE = getattr(os, "O_NOATIME", 0)
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_IN_THE_WAY = {errno.ELOOP, errno.ENOTDIR}


def _ours(held: os.stat_result, where: str, *, look: bool = False) -> None:
    """NotOurs when it is no directory of this account's, nor (`look`) one that root only looks into."""
    if not stat.S_ISDIR(held.st_mode):
        raise NotOurs(where, "it is no directory, or a link")
    if held.st_uid != os.geteuid() and (os.geteuid() or not look):
        raise NotOurs(where, f"it belongs to account {held.st_uid}, this is account {os.geteuid()}")


class Directory:
    """`where`: how it was reached, for messages alone. Closed with the last reference to it, or by `close`.

    `listed_late`: a listing may be behind what an open document says of itself, until somebody closes that document.
    Every method raises OSError; ValueError for a name that is none.
    """

    __slots__ = ("_fd", "_unlisted", "where")

    listed_late = False

    def __init__(self, descriptor: int, where: str) -> None:
        self._fd, self.where = descriptor, where
        self._unlisted = [True]

    @classmethod
    def at(cls, path: str) -> Directory:
        """The directory at a path that somebody chose: links on the way to it are theirs, and followed."""
        return cls(open_directory(path), path)

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        descriptor, self._fd = self._fd, _CLOSED
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):  # half made
            self.close()

    # -- directories in it ---------------------------------------------------------------------------------------------

    def open(self, below: str) -> Directory:
        """The directory `below` (names joined by '/'), each of them a directory and on this disk, or OtherDisk."""
        try:
            return Directory(open_beneath(self._fd, below), f"{self.where}/{below}")
        except OtherDisk as e:
            raise OtherDisk(f"{self.where}/{e.filename}") from None

    def make(self, name: str, *, private: bool = False) -> None:
        """`private`: for the engine alone; else as people's programs would make it here. FileExistsError."""
        os.mkdir(checked(name), 0o700 if private else 0o777, dir_fd=self._fd)

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
        held = os.fstat(found._fd)
        _ours(held, found.where, look=look)
        wide = held.st_mode & 0o077
        if wide and (narrow or made):
            with contextlib.suppress(OSError):  # a disk that keeps no modes cannot be asked for one
                os.fchmod(found._fd, 0o700)
        if made or (wide and narrow):
            ownership.lists_nothing(found._fd)
        return found

    def owns(self, name: str) -> None:
        """NotOurs when what is there is no directory of this account's. FileNotFoundError."""
        _ours(self.stat(name), f"{self.where}/{name}")

    def _own(self, below: str) -> Directory:
        try:
            return self.open(below)
        except OSError as e:
            if e.errno in _IN_THE_WAY:
                raise NotOurs(f"{self.where}/{below}", "it is no directory, or a link") from None
            raise

    @property
    def mount(self) -> int:
        """Which mount it is reached through."""
        return mount(self._fd)

    def status(self) -> os.stat_result:
        return os.fstat(self._fd)

    # -- what lies in it -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def listing(self) -> Iterator[Iterator[os.DirEntry[str]]]:
        """Entries, good inside the block: `name`, and `stat(follow_symlinks=False)`, nothing else.

        Only the first by its own descriptor: that knows how far it was listed, for whoever else lists meanwhile; and the
        second list that one gives may be what was there at the first (btrfs), or empty (sshfs).
        """
        try:
            self._unlisted.pop()
        except IndexError:
            with Directory(os.open(".", _LIST, dir_fd=self._fd), self.where) as anew, anew.listing() as again:
                yield again
        else:
            with os.scandir(self._fd) as it:
                yield it

    def names(self) -> list[str]:
        """As they are now: see `listing`."""
        again = os.open(".", _LIST, dir_fd=self._fd)
        try:
            return os.listdir(again)
        finally:
            os.close(again)

    def stat(self, name: str) -> os.stat_result:
        """Of the name itself, never of what a link leads to."""
        return os.stat(checked(name), dir_fd=self._fd, follow_symlinks=False)

    def holds(self, name: str) -> bool:
        try:
            self.stat(name)
        except FileNotFoundError:
            return False
        return True

    # -- documents -----------------------------------------------------------------------------------------------------

    def document(self, name: str) -> int:
        """A read-only descriptor of a regular file, else NotADocument; the caller closes it."""
        found = self.reading(name)
        if not stat.S_ISREG(os.fstat(found).st_mode):
            os.close(found)
            raise NotADocument(f"{self.where}/{name}")
        return found

    def reading(self, name: str) -> int:
        """The same for whoever looks at what it is before reading it, as `hash_open` and `read_open` do.

        Where it may, without a trace: else the disk writes down for each document that it was read.
        """
        try:
            try:
                return os.open(checked(name), _READ | _NO_TRACE, dir_fd=self._fd)
            except PermissionError:  # only its owner may ask for that
                return os.open(name, _READ, dir_fd=self._fd)
        except OSError as e:
            if e.errno in (errno.ELOOP, errno.ENXIO):
                raise NotADocument(f"{self.where}/{name}") from None
            raise

    def synced(self, name: str) -> None:
        """Make the bytes of a closed document durable."""
        found = self.document(name)
        try:
            os.fsync(found)
        finally:
            os.close(found)

    def create(self, name: str, *, private: bool = True) -> int:
        """A descriptor for writing of a file that was not there, never one that may be executed. FileExistsError."""
        return os.open(checked(name), _WRITE | os.O_CREAT | os.O_EXCL, PRIVATE if private else SHARED, dir_fd=self._fd)

    def resume(self, name: str) -> int:
        """A descriptor for reading and writing of the engine's own file: regular, this account's, of one name. Else NotOurs."""
        found, _ = self._resume(name)
        return found

    def _resume(self, name: str) -> tuple[int, os.stat_result]:
        try:
            found = os.open(checked(name), _BOTH, dir_fd=self._fd)
        except OSError as e:
            if e.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
                raise NotOurs(f"{self.where}/{name}", "it is no file, or a link") from None
            raise
        held = os.fstat(found)
        if stat.S_ISREG(held.st_mode) and held.st_uid == os.geteuid() and held.st_nlink == 1:
            return found, held
        os.close(found)
        raise NotOurs(f"{self.where}/{name}", "it is no file of this account's alone")

    def gives(self) -> Belonging:
        """What a document that is made here gets: its folder decides."""
        return ownership.given_by(self._fd)

    def belonging(self, name: str) -> Belonging:
        """What a document has. NotADocument."""
        found = self.document(name)
        try:
            return ownership.of(found)
        finally:
            os.close(found)

    def give(self, name: str, what: Belonging) -> tuple[bool, int]:
        """Of the engine's own file, else NotOurs: False when it could not be given the group; and its inode."""
        found, held = self._resume(name)
        try:
            return ownership.put_on(found, held, what), held.st_ino
        finally:
            os.close(found)

    def give_open(self, document: int, what: Belonging) -> None:
        """The same of such a file that is open for writing, as far as it can be done."""
        ownership.put_on(document, os.fstat(document), what)

    def given(self, name: str, what: Belonging) -> int | None:
        """The inode of the engine's own file when it has all of that already, which its name tells. None: see `give`."""
        held = self.stat(name)
        its = stat.S_ISREG(held.st_mode) and held.st_uid == os.geteuid() and held.st_nlink == 1
        if its and not what.access and ownership.has(held, what):
            return held.st_ino
        return None

    def keep(self, name: str) -> None:
        """A document that the engine keeps is nobody else's from now on, unless it has another name still."""
        found = self.document(name)
        try:
            held = os.fstat(found)
            if held.st_nlink == 1 and held.st_mode & 0o077:
                with contextlib.suppress(PermissionError):  # another account's: the directory keeps others out
                    os.fchmod(found, PRIVATE)
        finally:
            os.close(found)

    def nameless(self) -> int:
        """A descriptor of a new file that has no name yet and belongs to whom this folder says. OSError where there is
        no such thing."""
        return os.open(".", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, SHARED, dir_fd=self._fd)

    def name(self, nameless: int, name: str) -> None:
        """Give such a file its name, here or in another directory of the disk. FileExistsError."""
        os.link(f"/proc/self/fd/{nameless}", checked(name), dst_dir_fd=self._fd, follow_symlinks=True)

    # -- names ---------------------------------------------------------------------------------------------------------

    def move(self, name: str, into: Directory, to: str) -> None:
        """Give it another name, here or there; FileExistsError when anything bears that one."""
        rename.move_between(self._fd, checked(name), into._fd, checked(to))

    def ask_anew(self, name: str) -> None:
        """What this computer remembers of a name is asked of the server that keeps the disk: it may be gone there."""
        with contextlib.suppress(OSError):
            times(self._fd, name)

    def respell(self, name: str, to: str) -> None:
        """A change of case or accents' form, where the disk takes both names for one."""
        os.rename(checked(name), checked(to), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def exchange(self, name: str, other: Directory, with_: str) -> bool:
        """Swap two in one step. False when this file system cannot."""
        return rename.exchange_between(self._fd, checked(name), other._fd, checked(with_))

    def link(self, name: str, into: Directory, to: str) -> None:
        """A second name for a document; never for what a link leads to."""
        os.link(checked(name), checked(to), src_dir_fd=self._fd, dst_dir_fd=into._fd, follow_symlinks=False)

    def supplant(self, name: str, to: str) -> None:
        """The engine's own file over an older one of its own: never for documents."""
        os.replace(checked(name), checked(to), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> None:
        """The engine's own file: never a document."""
        os.unlink(checked(name), dir_fd=self._fd)

    def sync(self) -> None:
        """Make the names in it durable."""
        os.fsync(self._fd)

    def sync_disk(self) -> bool:
        """Make everything on its disk durable; False where the system has no such call."""
        return durability.syncfs(self._fd)
