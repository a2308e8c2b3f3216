"""What a migration needs: the old tree, which it only reads; the mirror, as a person fills it; its own memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from syncd.core.content import Content, Stamp
from syncd.core.migration.report import MigrationReport
from syncd.core.paths import DiskPath


class SourceAway(OSError):
    """The old tree cannot be reached, or another lies in its place: nothing can be said of what was in it."""


class OldFolder(msgspec.Struct, frozen=True):
    """A directory of the old tree. `path`: from the tree's root; `below`: from the claimed directory, '' for that itself.

    `documents`: name and stamp of each. `links`: names of what is neither document nor directory. `fault`: why it could
    not be listed; then nothing is known of it.
    """

    path: str
    below: str
    documents: tuple[tuple[str, Stamp], ...] = ()
    links: tuple[str, ...] = ()
    fault: str = ""


class Dealt(msgspec.Struct, frozen=True):
    """What came of a claimed directory of which every document was dealt with. `digests`: SHA-256 of those that are settled, one
    after the other. `refused`: (path, reason, detail, size); `listed`: (place, reason, detail, documents)."""

    digests: bytes = b""
    refused: tuple[tuple[str, str, str, int], ...] = ()
    listed: tuple[tuple[str, str, str, int], ...] = ()


class Look(msgspec.Struct, frozen=True):
    """How a claimed directory looked then, and (`by`) a digest of all that decided what came of it."""

    look: bytes
    by: bytes
    dealt: Dealt


class OldTree(Protocol):
    """Never written to. Raises SourceAway."""

    def top(self) -> tuple[list[str], list[str]]:
        """Directories and files at its root, by name."""
        ...

    def find(self, path: str) -> str | None:
        """A directory as it is spelled on disk, for a path in anybody's spelling of accents; None: there is none."""
        ...

    def walk(self, source: str, but: Collection[str] = ()) -> Iterator[OldFolder]:
        """A directory and all below it but those, one at a time, by name. Of a bag (BagIt) what it carries alone."""
        ...

    def look(self, source: str) -> bytes:
        """How a directory looked while it was walked last, all below it included; b"" where that cannot be said."""
        ...

    def expect(self, looks: Mapping[str, bytes]) -> None:
        """That these directories will be asked about by `same`, in this order."""
        ...

    def same(self, source: str) -> bool:
        """Whether a directory looks as was expected."""
        ...

    def read(self, path: str, expect: Stamp) -> int:
        """A read-only descriptor of a document; the caller closes it. Raises OSError (FileNotFoundError: it alone is gone)."""
        ...

    def close(self) -> None: ...


class Copy(msgspec.Struct, frozen=True):
    """A copy that has no name in the client's folders yet."""

    temp: str
    content: Content


class MirrorCopies(Protocol):
    """Clients' directories as a person fills them: nothing there is replaced, renamed or removed. `client`: its directory.

    Raises OSError (ClientStopped: the whole client's), MirrorError for the root.
    """

    def check(self, cabinet: str) -> None:
        """Raises MirrorError when the root is not this cabinet's."""
        ...

    def begin(self, client: str, id_: str) -> bool:
        """Drop what a killed migration left half copied; whether the directory is this client's still."""
        ...

    def copy(self, client: str, document: int, expect: Stamp) -> Copy:
        """A copy of an open document, which is closed; it shares the bytes where the disk can. Raises Changed."""
        ...

    def sync(self, copies: Sequence[tuple[str, str]]) -> None:
        """Make (client, temp) durable."""
        ...

    def place(self, client: str, temp: str, disk: DiskPath) -> None:
        """Raises Stale when the name is taken."""
        ...

    def sync_names(self, disks: Sequence[tuple[str, DiskPath]]) -> None: ...

    def drop(self, client: str, temp: str) -> None: ...

    def names(self, client: str, folder: str) -> list[str]:
        """What lies in a folder; nothing where it is not there."""
        ...

    def size(self, client: str, disk: DiskPath) -> int | None:
        """Bytes of a document; None where there is none."""
        ...

    def content(self, client: str, disk: DiskPath) -> Content | None:
        """None: there is no document."""
        ...

    def free_bytes(self) -> int: ...

    def rest(self) -> None: ...


class Settled(msgspec.Struct, frozen=True):
    """A document of the old tree that is done with, as it was then. `client`: id. `placed`: where at the client, on disk; ''
    where the client had its content already."""

    path: str
    stamp: Stamp
    client: str
    sha256: bytes
    placed: str = ""


class MigrationMemory(Protocol):
    """A database of its own. Raises StateFailed."""

    def settled(self, tree: str, source: str) -> dict[str, Settled]:
        """Of a directory of the old tree at `tree` and all below it, by path."""
        ...

    def settle(self, tree: str, documents: Sequence[Settled]) -> None: ...

    def looks(self, tree: str) -> dict[str, Look]:
        """Of the directories of an old tree that were dealt with whole."""
        ...

    def remember(self, tree: str, looks: Mapping[str, Look]) -> None: ...

    def placed(self, client: str) -> dict[bytes, DiskPath]:
        """Where each content lies that was ever placed at the client."""
        ...

    def turns(self) -> Mapping[str, int]:
        """The number of the last turn of each client, by id."""
        ...

    def take_turn(self, client: str) -> None: ...

    def begin_run(self, tree: str, started: float) -> int: ...

    def end_run(self, report: MigrationReport) -> None: ...

    def reports(self, most: int) -> list[MigrationReport]:
        """The newest first. One that was killed has its verdict `running`."""
        ...

    def close(self) -> None: ...
