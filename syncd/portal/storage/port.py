"""Where bytes lie: of versions for good, of uploads while they come. One contract suite holds every adapter to this
(tests/contracts/test_storage.py). Nobody outside `storage` knows a place or a file's name.

Both raise OSError when the storage fails, NoRoom (an OSError too) when it has no room but its reserve.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NewType, Protocol

from syncd.core.content import Content

if TYPE_CHECKING:
    from django.db.models import Q

Staged = NewType("Staged", str)  # bytes that have come and are no version yet; what it says is its store's own


class NoRoom(OSError):
    """What would be written touches the reserve. To whoever writes, the disk is full."""

    def __init__(self) -> None:
        super().__init__(errno.ENOSPC, "The portal's disk has no room but its reserve.")


class Gone(FileNotFoundError):
    """There is no such upload, or none any more."""

    def __init__(self) -> None:
        super().__init__(errno.ENOENT, "there is no such upload")


class Away(OSError):
    """The storage does not answer now: nothing is known of what it holds, and whoever asks again may be told."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, f"the storage does not answer ({why})")


class Elsewhere(Exception):
    """The upload is at `offset`, not where it was said to be."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TooMany(Exception):
    """One person, or one client, has begun too much and not finished it."""


def most_announced(left: int, own: int, others: int) -> int:
    """Bytes that one person, or one company, may have announced and not sent: half of what all others have left, so that
    however many announce there is room for one more. Where nobody has announced anything, one document may take nearly
    all. `left`: of the disk, with what makes way; `own`, `others`: what is announced by now."""
    room = left - others
    return room // 2 if own or others else room - room // 10


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes under a name of a version. `since`: when they got it, seconds since 1970. `where`: for whoever hosts the portal."""

    name: str
    since: float
    where: str


class BlobStore(Protocol):
    """Bytes of versions, by the version's id; they never change, and are deleted by nobody.

    Order: `stage` each → `publish` all, durably → the caller's transaction. FileNotFoundError: it holds no such version.
    """

    def stage(self, data: bytes) -> Staged: ...

    def stage_from(self, source: BinaryIO) -> tuple[Staged, Content]:
        """A stream of any size, a chunk at a time, and what it held."""
        ...

    def drop_staged(self, staged: Staged) -> None:
        """Of a body that is no version, or that has its name by now. Absent: nothing."""
        ...

    def used_up(self, staged: Staged) -> AbstractContextManager[None]:
        """Whatever comes of it, nothing is left of it at the end."""
        ...

    def publish(self, named: Sequence[tuple[Staged, str]]) -> None:
        """Give each (staged, version id) its name, durably. FileExistsError: one of them has bytes."""
        ...

    def take_back(self, named: Sequence[tuple[Staged, str]]) -> None:
        """Of what was given to `publish`: each is staged again. Absent: nothing."""
        ...

    def read(self, version_id: str) -> bytes: ...

    def open(self, version_id: str) -> BinaryIO:
        """At its beginning, and seekable; whoever opens it closes it."""
        ...

    def size(self, version_id: str) -> int: ...

    def is_there(self, version_id: str, size: int) -> bool:
        """Whether there are as many bytes as there should be; whether they are the right ones, only reading tells."""
        ...

    def prove(self, version_id: str) -> tuple[Content, str]:
        """What it holds, and the XXH3-128 (hex) that tells from now on whether it still does."""
        ...

    def mark(self, version_id: str) -> str:
        """The XXH3-128 alone."""
        ...

    def held(self) -> Iterator[Held]:
        """All that has, or looks as if it had, a version's name."""
        ...

    def move_away(self, name: str, why: str) -> None:
        """Out of the way, never deleted: kept beside, under the word `why`. Absent: nothing."""
        ...

    def sweep(self, older: float) -> None:
        """What was staged by whoever ended in the middle; `older`: seconds since anybody wrote to it."""
        ...

    def available(self) -> bool:
        """False when the storage is missing: the portal then answers 503, never an empty list (HAZARDS 2)."""
        ...

    def try_writing(self) -> None:
        """Raises OSError when what comes in could not be kept."""
        ...


class PictureStore(Protocol):
    """What was made of contents to be looked at: by a key of letters, digits, '-' and '.'. Anything of it may be gone at any time,
    and is made again; it is no part of a backup. Nothing of it is written where room is short, and nothing raises.
    """

    def get(self, key: str) -> bytes | None:
        """b'': it is known that nothing can be made."""
        ...

    def put(self, key: str, data: bytes) -> None: ...

    def sweep(self) -> None:
        """The longest unused beyond what it may hold; what could not be made, after a day: it is tried again."""
        ...


class Spool(Protocol):
    """A body that comes in one request, beyond what memory holds."""

    @property
    def file(self) -> BinaryIO:
        """What was written; whoever asks for it closes it."""
        ...

    def write(self, pieces: Sequence[bytes]) -> None: ...


class UploadStore(Protocol):
    """Uploads that were begun, by a key of the caller's, and how much may be announced and not come (HAZARDS 50).

    Every method may be called from any thread; where several processes share it, from any of them. Raises Gone.
    """

    @property
    def piece(self) -> int:
        """Bytes that are best appended at a time."""
        ...

    def begin(self, key: str, person: str, client: str, size: int, about: bytes) -> int:
        """`size` bytes are announced. Bytes that have come: a repeated beginning goes on. `person` '': the cabinet's engine.

        Raises TooMany.
        """
        ...

    def about(self, key: str) -> bytes:
        """What it was begun with."""
        ...

    def arrived(self, key: str) -> int:
        """Bytes that have come."""
        ...

    def take_up(self, key: str) -> None:
        """Somebody goes on with it. Raises NoRoom when what it held was given to others since."""
        ...

    def append(self, key: str, at: int, pieces: Sequence[bytes]) -> int:
        """More of it, from `at`: all, or nothing. Bytes that have come. Raises Elsewhere: another process went on with it."""
        ...

    def cut(self, key: str, size: int) -> None:
        """It holds the first `size` bytes, and no more."""
        ...

    def open(self, key: str) -> BinaryIO:
        """What has come; whoever opens it closes it."""
        ...

    def staged(self, key: str) -> Staged:
        """What has come, for `BlobStore.publish`; still to be `over` afterwards."""
        ...

    def finishing(self, key: str) -> AbstractContextManager[bool]:
        """Whether no other process is at its end now; then none comes to it until this one has left it, or died."""
        ...

    def over(self, key: str) -> None:
        """Nothing of it is left, whether it became a document or not. Absent: nothing."""
        ...

    def spool(self, size: int) -> AbstractContextManager[Spool]:
        """For a body of that size that comes in one request; its file goes when it is closed."""
        ...

    def put(self, key: str, source: BinaryIO, size: int) -> None:
        """A file of its own, all at once, that is looked at and then is over; none of the same beginning up to its last '-'
        is left beside it."""
        ...

    def to_come(self) -> int:
        """Bytes that are announced by whoever is still sending."""
        ...

    def sweep(self) -> None:
        """What nobody went on with for a week; what was `put`, after a day."""
        ...

    def try_writing(self) -> None:
        """Raises OSError when nothing could come."""
        ...


class PackageStore(Protocol):
    """Exchange packages, by their id; a backup is without them. FileNotFoundError: it holds no such package."""

    def keep(self, name: str, source: BinaryIO, size: int) -> None:
        """All of it, durably; what had the name is gone."""
        ...

    def open(self, name: str) -> BinaryIO:
        """At its beginning, and seekable; whoever opens it closes it."""
        ...

    def drop(self, name: str) -> None:
        """Absent: nothing."""
        ...

    def held(self) -> Iterator[tuple[str, float]]:
        """Each, and since when, in seconds since 1970."""
        ...

    def sweep(self) -> None:
        """What a kill left half."""
        ...


class TextIndex(Protocol):
    """What documents say, by the id of their version, to be found by its words. All of it can be made again from the versions'
    bytes: it is no part of a backup, and may be gone at any time.

    The caller keeps to: `expect` → `take` → (the text is read) → `put`. One process at a time writes. Nothing raises but NoRoom,
    where the disk's reserve would be touched, and OSError.
    """

    def expect(self, versions: Sequence[tuple[str, str]]) -> None:
        """(version, its client): their texts are wanted. Those that are there stay."""
        ...

    def forget(self, versions: Sequence[str]) -> None:
        """Nothing of them is left. Absent: nothing."""
        ...

    def known(self) -> Iterator[str]:
        """All that are expected or there, in order."""
        ...

    def take(self) -> str:
        """The version to be read next, the latest that came first, clients in turn; '' for none. What is taken and not `put` comes
        again later, three times at most: what kills whoever reads it is then left alone."""
        ...

    def put_back(self, version: str) -> None:
        """It was not tried: as before `take`."""
        ...

    def put(self, version: str, text: str) -> None:
        """'': it says nothing."""
        ...

    def waiting(self) -> int:
        """How many are still to be read."""
        ...

    def mark(self, name: str) -> str:
        """What was kept under that name; '' for nothing."""
        ...

    def keep_mark(self, name: str, said: str) -> None: ...

    def holding(self, word: str, clients: Collection[str] | None) -> Q | None:
        """Of documents: whose current version's text has the folded word, or one that begins like it. `clients`: by id, only their
        texts are looked at; None: all. None: there is nothing to look in, or no word."""
        ...

    def texts(self, versions: Sequence[str]) -> dict[str, tuple[str, str]]:
        """By version: the text, and the same folded."""
        ...

    def mend(self) -> bool:
        """Now and then. Whether it was broken: then it is empty now, and is filled anew. No word is left of what was forgotten."""
        ...

    def clear(self) -> None:
        """Nothing is left of any."""
        ...
