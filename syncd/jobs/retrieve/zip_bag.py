"""A bag as a ZIP, which goes on where it was killed: a list beside it says where each member ends that is whole.

Members are stored as they are: documents hardly shrink, and what is stored can be cut off behind any of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
import time
import zipfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import msgspec

from syncd.core.bag.layout import DATA, Entry
from syncd.disk.directory import Directory
from syncd.jobs.retrieve.holder import Settling, SinkMaker, partial
from syncd.jobs.retrieve.small_files import read_whole
from syncd.ports.remote import Sink

ENDING, UNFINISHED = ".zip", ".zip.part"
_LARGE = 2**31
_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), 2107  # what a ZIP's dates can say
_CHUNK = 1024 * 1024


class Member(msgspec.Struct, frozen=True):
    """A document in the ZIP: `end`: the byte behind it. `settled`: how many members up to here a power cut leaves."""

    version: str = ""
    name: str = ""
    date: tuple[int, int, int, int, int, int] = _FIRST
    offset: int = 0
    crc: int = 0
    size: int = 0
    end: int = 0
    settled: int = 0


class ZipBag:
    """`name`: without its ending; the folder that the ZIP unpacks into bears it, too."""

    def __init__(
        self, target: Directory, work: Directory, name: str, key: str, entries: Sequence[Entry], sinks: SinkMaker
    ) -> None:
        self._target, self._work, self._sinks = target, work, sinks
        self.place, self._inside, self._unfinished = name + ENDING, name, name + UNFINISHED
        self._contents = {e.kept.version_id: e.kept.content for e in entries}
        self._writing = threading.Lock()
        self._list_name = f"{key}.members"
        if target.holds(self.place) and not target.holds(self._unfinished):  # some were missing: it is gone on with
            target.move(self.place, target, self._unfinished)
        with contextlib.ExitStack() as opened:
            self._file = opened.enter_context(_opened(target, self._unfinished))
            self._members = self._whole(_members(read_whole(work, self._list_name) or b""))
            self._list = opened.enter_context(_opened(work, self._list_name))
            self._go_on()
            self._zip = opened.enter_context(self._zip_with(self._members))
            opened.pop_all()

    def _go_on(self) -> None:
        """Behind the last member that is whole, with a list of those alone."""
        self._list.truncate(0)
        for member in self._members:
            self._write_down(member)
        end = self._members[-1].end if self._members else 0
        self._file.truncate(end)
        self._file.seek(end)

    def held(self) -> set[str]:
        return {m.version for m in self._members}

    def take(self, entry: Entry, data: bytes, modified: float | None) -> None:
        info = self._info(entry, modified)
        self._zip.writestr(info, data)
        self._added(entry, info)

    def sink(self, entry: Entry) -> Sink:
        return self._sinks(self._work, partial(entry))

    def came(self, entry: Entry) -> None:
        fd = self._work.document(partial(entry))
        with os.fdopen(fd, "rb") as source:
            info = self._info(entry, os.fstat(source.fileno()).st_mtime)
            info.file_size = entry.kept.content.size
            with self._zip.open(info, "w", force_zip64=info.file_size >= _LARGE) as into:
                shutil.copyfileobj(source, into, _CHUNK)
        self._added(entry, info)
        self._work.remove(partial(entry))

    def settle(self) -> Settling:
        count = len(self._members)
        return lambda: self._synced(count)

    def _synced(self, count: int) -> dict[str, str]:
        os.fsync(self._file.fileno())
        self._write_down(Member(settled=count))
        os.fsync(self._list.fileno())
        return {}

    def close(self, files: Iterable[tuple[str, bytes]]) -> None:
        if not self._members:
            self._zip.mkdir(f"{self._inside}/{DATA}")
        for place, data in files:
            self._zip.writestr(zipfile.ZipInfo(f"{self._inside}/{place}", time.localtime()[:6]), data)
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self.release()  # Windows renames nothing that is open
        self._target.move(self._unfinished, self._target, self.place)
        self._target.sync()

    def release(self) -> None:
        """A ZIP that is not whole gets its directory, too: behind the last member, where it is cut off when it goes on."""
        for each in (self._zip, self._file, self._list):
            with contextlib.suppress(OSError, ValueError):
                each.close()

    def _info(self, entry: Entry, modified: float | None) -> zipfile.ZipInfo:
        at = time.localtime(modified if modified is not None else entry.kept.at)[:6]
        info = zipfile.ZipInfo(f"{self._inside}/{entry.place}", at if _FIRST[0] <= at[0] <= _LAST else _FIRST)
        info.external_attr = 0o644 << 16
        return info

    def _added(self, entry: Entry, info: zipfile.ZipInfo) -> None:
        self._file.flush()
        member = Member(
            entry.kept.version_id,
            info.filename,
            info.date_time,
            info.header_offset,
            info.CRC,
            info.file_size,
            self._file.tell(),
        )
        self._members.append(member)
        self._write_down(member)

    def _write_down(self, member: Member) -> None:
        with self._writing:
            self._list.write(msgspec.json.encode(member) + b"\n")
            self._list.flush()

    def _whole(self, members: Sequence[Member]) -> list[Member]:
        """Those that are in the file: what was not settled is read again."""
        settled = max((m.settled for m in members), default=0)
        found = list[Member]()
        size = os.fstat(self._file.fileno()).st_size
        for n, member in enumerate(m for m in members if m.version):
            if member.end > size or (n >= settled and not self._holds(member)):
                break
            found.append(member)
        return found

    def _holds(self, member: Member) -> bool:
        content = self._contents.get(member.version)
        if content is None or content.size != member.size:
            return False
        self._file.seek(member.end - member.size)
        left, sha = member.size, hashlib.sha256()
        while left and (chunk := self._file.read(min(left, _CHUNK))):
            sha.update(chunk)
            left -= len(chunk)
        return not left and sha.digest() == content.sha256

    def _zip_with(self, members: Iterable[Member]) -> zipfile.ZipFile:
        made = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        for member in members:
            info = zipfile.ZipInfo(member.name, member.date)
            info.external_attr = 0o644 << 16
            info.header_offset, info.CRC = member.offset, member.crc
            info.file_size = info.compress_size = member.size
            made.filelist.append(info)
            made.NameToInfo[info.filename] = info
        return made


def _opened(directory: Directory, name: str) -> BinaryIO:
    """For reading and writing; made where it is missing."""
    with contextlib.suppress(FileExistsError):
        os.close(directory.create(name, private=False))
        directory.sync()
    return os.fdopen(directory.resume(name), "r+b", _CHUNK)


def _members(data: bytes) -> list[Member]:
    """As far as the list is whole."""
    found = list[Member]()
    for line in data.split(b"\n")[:-1]:
        try:
            found.append(msgspec.json.decode(line, type=Member))
        except msgspec.MsgspecError:
            break
    return found
