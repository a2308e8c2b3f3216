"""The entries the planner compares: what each side holds, and what both last agreed on (RULES 1).

Paths are canonical: NFC, `/`, the portal's spelling of the top-level folder. `disk` is the spelling on disk.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from syncd.core.content import Content, Stamp
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.wire_types import Count, Id, OptionalId, Path, Sha256, Text


class RemoteState(StrEnum):
    """A document asked for that is none of these is missing."""

    LIVE = "live"
    DELETED = "deleted"
    WITHDRAWN = "withdrawn"


class LocalDoc(msgspec.Struct, frozen=True, gc=False):
    """`racing`: it was read last within the grain of its times: that they are the same does not say that nobody edited it."""

    path: ClientPath
    disk: DiskPath
    content: Content
    stamp: Stamp
    racing: bool = False


class Known(msgspec.Struct, frozen=True, gc=False):
    """What is remembered of a document that was scanned. `hashed_ns`: when it was read (nanoseconds since 1970)."""

    stamp: Stamp
    content: Content
    hashed_ns: int


class LocalFolder(msgspec.Struct, frozen=True, gc=False):
    path: ClientPath
    disk: DiskPath
    inode: int


class RemoteDoc(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What has its default does not cross the wire: most of a document, thousands of times.

    `earlier`: SHA-256 of the versions before this one that the portal still keeps.

    `left`: the portal remembers that it was taken away at the cabinet (read only when the state was lost).
    """

    id: Id
    path: Path
    content: Content
    version: Count
    version_id: OptionalId = ""
    state: RemoteState = RemoteState.LIVE
    by_company: bool = False
    earlier: tuple[Sha256, ...] = ()
    tombstone: OptionalId = ""
    deleted_by: Text = ""
    left: bool = False


class RemoteFolder(msgspec.Struct, frozen=True, gc=False):
    id: Id
    path: Path


class BaseDoc(msgspec.Struct, frozen=True, gc=False):
    """The last agreed state of a document; `left`: taken away here, still online, not fetched again.

    `earlier`: SHA-256 of the versions that came before it, known only after the portal was restored (RULES 7).
    """

    id: str
    path: ClientPath
    disk: DiskPath
    content: Content
    version: int
    stamp: Stamp
    left: bool = False
    by_company: bool = False
    earlier: tuple[bytes, ...] = ()


class BaseFolder(msgspec.Struct, frozen=True, gc=False):
    """`closed`: deleted online; the directory stays and is made again online only when a document goes in."""

    id: str
    path: ClientPath
    disk: DiskPath
    inode: int
    closed: bool = False


class Tombstone(msgspec.Struct, frozen=True, gc=False):
    """A deletion that the portal told of, by its id."""

    id: str


class Undone(msgspec.Struct, frozen=True, gc=False):
    """A deletion that was undone online while the state was lost: nothing tells of it any more. `at`: the set-aside's key."""

    at: str


class Hidden(msgspec.Struct, frozen=True, gc=False):
    """A deletion, if it was one, in a folder that is withheld from this engine. `at`: the set-aside's key."""

    at: str


Deletion = Tombstone | Undone | Hidden


class SetAsideRecord(msgspec.Struct, frozen=True, gc=False):
    """A document renamed `supp_…` because of a deletion online (RULES 3). `doc` is '' for a hidden one.

    `to`, `inode` and `size` are its place, inode and size as last seen; `content` is what it held when set aside.
    """

    doc: str
    deletion: Deletion
    origin: ClientPath
    to: DiskPath
    content: Content
    inode: int
    size: int
    done: bool = True


class Problem(msgspec.Struct, frozen=True, gc=False):
    """A place that is not known. `subtree`: everything below is unknown too."""

    path: ClientPath
    reason: str
    detail: str = ""
    subtree: bool = False


class Stray(msgspec.Struct, frozen=True, gc=False):
    """A document seen out of reach: a `none` folder, an unknown folder, another client's directory."""

    where: DiskPath
    content: Content
    inode: int
