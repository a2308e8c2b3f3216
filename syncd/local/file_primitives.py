"""One document, by its name in an open directory: looked at, moved, given its name; never over another."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.disk import hashing
from syncd.disk.directory import Directory, NotADocument, NotOurs
from syncd.disk.open_document import date, status
from syncd.disk.ownership import Belonging
from syncd.disk.status import Status, same
from syncd.ports.local import Stale


def stat_of(folder: Directory, name: str) -> Status:
    try:
        return folder.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        raise Stale(f"'{name}' is gone") from None


def expected(folder: Directory, name: str, expect: Stamp) -> None:
    st = stat_of(folder, name)
    if hashing.stamp_of(st) != expect or not stat.S_ISREG(st.st_mode):
        raise Stale(f"'{name}' changed")


def holds(folder: Directory, name: str) -> Content | None:
    """None: it is no document."""
    try:
        return hashing.hash_open(folder.document(name))[0]
    except NotADocument:
        return None


def had(folder: Directory, name: str) -> Belonging:
    """Whose the document is that is about to be replaced."""
    try:
        return folder.belonging(name)
    except (FileNotFoundError, NotADocument):
        raise Stale(f"'{name}' changed") from None


def given(temps: Directory, temp: str, what: Belonging, folder: Directory) -> tuple[str, int]:
    """A temporary file that belongs to whom it is to, under what name it is now, and its inode."""
    try:
        if (inode := temps.given(temp, what)) is not None:
            return temp, inode
        grouped, inode = temps.give(temp, what)
        if not grouped:  # not this account's to give; but it may be the folder's
            with contextlib.suppress(NotImplementedError, AttributeError, PermissionError, OSError):
                born = folder.nameless()
                try:
                    copy_of(temps.document(temp), os.dup(born))
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


def named(folder: Directory, name: str, inode: int, temps: Directory, was: Stamp | None) -> Stamp:
    """The stamp of what was just given its name, if it bears it still."""
    st = stat_of(folder, name)
    its = was is not None and stat.S_ISREG(st.st_mode) and (st.st_size, st.st_mtime_ns) == (was.size, was.mtime_ns)
    if st.st_ino != inode and not its:
        if not stat.S_ISREG(st.st_mode):  # put in the temporary file's place a moment before: nothing to be named
            with contextlib.suppress(OSError):
                folder.move(name, temps, f"{secrets.token_hex(16)}.strange")
        raise Stale(f"'{name}' is another document already")
    return hashing.stamp_of(st)


def copy_of(source: int, target: int) -> None:
    """From one open file into another, with its date; both are closed."""
    with open(source, "rb") as f, open(target, "wb") as t:
        shutil.copyfileobj(f, t, hashing.CHUNK)
        t.flush()
        date(t.fileno(), status(f.fileno()).st_mtime_ns / 1e9)


def own_files(directory: Directory) -> dict[str, Status]:
    """What lies in one of the engine's directories: files alone, else NotOurs and nothing is touched."""
    found: dict[str, Status] = {}
    for name in sorted(directory.names()):
        with contextlib.suppress(FileNotFoundError):
            found[name] = directory.stat(name)
            if not stat.S_ISREG(found[name].st_mode):
                raise NotOurs(f"{directory.where}/{name}", "it is no file, or a link")
    return found


def kept_name(name: str) -> str:
    stem, ext = paths.split_ext(name)
    return naming.shorten(stem, f".{secrets.token_hex(6)}{ext}")


def move(source: Directory, name: str, target: Directory, new: str) -> None:
    if source is target and name == new:
        return
    try:
        source.move(name, target, new)
    except FileExistsError:
        if not one_name(source, name, target, new):
            raise Stale(f"'{new}' is taken") from None
        respell(source, name, new)
    except FileNotFoundError:
        raise Stale(f"'{name}' is gone") from None
    else:
        if paths.key(name) == paths.key(new) and one_name(source, name, target, new):
            respell(source, name, new)  # a disk that takes it for done, and changed nothing


def one_name(source: Directory, name: str, target: Directory, new: str) -> bool:
    """Whether two spellings lead to one thing, on a disk that does not tell case, or the accents' form, apart: the
    directory lists the one alone. What stat says of both is no proof: there are disks that invent inodes."""
    if paths.key(name) != paths.key(new):
        return False
    if source is not target and not same(source.status(), target.status()):
        return False
    alike = [each for each in source.names() if paths.key(each) == paths.key(new)]
    return alike == [name]


def respell(folder: Directory, name: str, new: str) -> None:
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
