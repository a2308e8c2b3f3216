"""The closed union of what a run may do. No action deletes a local document (DESIGN 5).

`path` is canonical (NFC, inside the client); `disk` is the spelling on the cabinet's disk. `expect` is what the
planner saw on the side that will change: an adapter that sees anything else refuses, and the next run plans anew.

Each kind has its row in the one table, `table`; what depends on the very action is a property of it.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

import msgspec

from syncd.core import paths
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, SetAsideRecord
from syncd.core.paths import NOWHERE, TOP, ClientPath, DiskPath


class Side(StrEnum):
    LOCAL = "local"
    REMOTE = "remote"


Counted = Literal["set_asides", "overwrites_here", "overwrites_online", "removals", "renames"]
FETCHES = 12  # the phase in which versions come from the portal


class Kind(msgspec.Struct, frozen=True):
    """What is so of every action of a kind.

    `name`: in events. `phase`: its turn in a run; what frees a name comes before what takes it. `side`: the one that changes;
    None: the action itself says it, or it only writes down. `counter`: under which name a run's result counts it, '' when
    it does not. `covers`: the fields that say *what* is agreed to; a name stamped by the run's start or a hint of stat does not.
    """

    name: str
    phase: int
    side: Side | None = None
    counter: str = ""
    covers: tuple[str, ...] = ()


if TYPE_CHECKING:

    class _Placed(Protocol):
        @property
        def path(self) -> ClientPath: ...


class _Action(msgspec.Struct, frozen=True, gc=False):
    """`path`: the place it is about. `source`, `target`: where the document or folder is before, and after."""

    table: ClassVar[Kind]

    @property
    def source(self: _Placed) -> ClientPath | DiskPath:
        return self.path

    @property
    def target(self: _Placed) -> ClientPath:
        return self.path

    @property
    def counted(self) -> Counted | None:
        """Which of the changes that the guards count it is."""
        return None

    @property
    def publishes(self) -> bool:
        """Whether a document that was not online goes online."""
        return False

    @property
    def phase(self) -> int:
        return self.table.phase


class Upload(_Action, frozen=True, gc=False):
    """Send the local document. `doc` None: a new document; else a new version over `version`.

    `lost`: id of the base document that the portal lost, replaced by this new one.
    """

    table = Kind("upload", 13, Side.REMOTE, "uploaded", ("path", "content", "doc", "version", "lost"))
    path: ClientPath
    disk: DiskPath
    content: Content
    expect: Stamp
    doc: str | None = None
    version: int = 0
    lost: str = ""

    @property
    def counted(self) -> Counted | None:
        return "overwrites_online" if self.doc is not None else None

    @property
    def publishes(self) -> bool:
        return self.doc is None


class Download(_Action, frozen=True, gc=False):
    """Bring the portal's version. `expect` None: the name must be free; else the document it replaces.

    `vacate`: where on disk the document lies now, when a cycle of renames makes it come by a download instead.
    """

    table = Kind(
        "download",
        FETCHES,
        Side.LOCAL,
        "downloaded",
        ("doc", "path", "content", "version", "expect_content", "by_company", "emptied"),
    )
    doc: str
    path: ClientPath
    disk: DiskPath
    content: Content
    version: int
    version_id: str
    expect: Stamp | None = None
    expect_content: Content | None = None
    vacate: DiskPath = NOWHERE
    by_company: bool = False
    emptied: bool = False

    @property
    def counted(self) -> Counted | None:
        return "overwrites_here" if self.expect is not None and not self.emptied else None


class SetAside(_Action, frozen=True, gc=False):
    """Deleted online: rename to `to` (canonical), never delete. `edited`: local bytes differ from the base."""

    table = Kind("set_aside", 4, Side.LOCAL, "set_aside", ("doc", "path", "content", "tombstone", "edited", "by"))
    doc: str
    path: ClientPath
    disk: DiskPath
    to: ClientPath
    content: Content
    expect: Stamp
    tombstone: str
    edited: bool = False
    by: str = ""

    @property
    def target(self) -> ClientPath:
        return self.to

    @property
    def counted(self) -> Counted | None:
        return "set_asides"


class Fetch(msgspec.Struct, frozen=True, gc=False):
    """The portal's version that takes the name in a KeepBoth."""

    doc: str
    content: Content
    version: int
    version_id: str
    by_company: bool = False


class KeepBoth(_Action, frozen=True, gc=False):
    """The local document gets the name `copy`; the portal's content, if any, takes `path`; the copy goes online."""

    table = Kind("keep_both", 5, Side.LOCAL, "kept_both", ("path", "content", "fetch", "publish"))
    path: ClientPath
    disk: DiskPath
    copy: ClientPath
    content: Content
    expect: Stamp
    fetch: Fetch | None = None
    publish: bool = True

    @property
    def target(self) -> ClientPath:
        return self.copy

    @property
    def counted(self) -> Counted | None:
        return "overwrites_here" if self.fetch is not None else None

    @property
    def publishes(self) -> bool:
        return self.publish

    @property
    def phase(self) -> int:
        """One that fetches belongs with the downloads."""
        return FETCHES if self.fetch is not None else self.table.phase


class RestoreSetAside(_Action, frozen=True, gc=False):
    """Restored from the bin: rename the unchanged set-aside back, no transfer."""

    table = Kind("restore", 7, Side.LOCAL, "restored", ("doc", "path", "content", "version", "by_company"))
    doc: str
    disk: DiskPath
    path: ClientPath
    to_disk: DiskPath
    content: Content
    expect: Stamp
    version: int
    by_company: bool = False

    @property
    def source(self) -> DiskPath:
        return self.disk


class MoveLocal(_Action, frozen=True, gc=False):
    """Rename at the cabinet from `disk` to `to_disk`. `set_aside`: it is a set-aside that makes room."""

    table = Kind("move", 6, Side.LOCAL, "moved", ("doc", "source", "path", "content", "set_aside"))
    doc: str
    source: ClientPath
    disk: DiskPath
    path: ClientPath
    to_disk: DiskPath
    content: Content
    expect: Stamp
    set_aside: bool = False


class MoveRemote(_Action, frozen=True, gc=False):
    """Rename on the portal: same document, its history and receipts kept."""

    table = Kind("move", 10, Side.REMOTE, "moved", ("doc", "source", "path", "version"))
    doc: str
    source: ClientPath
    path: ClientPath
    disk: DiskPath
    version: int
    stamp: Stamp

    @property
    def counted(self) -> Counted | None:
        return "renames" if _type(self.source) != _type(self.path) else None


class Withdraw(_Action, frozen=True, gc=False):
    """Moved out of reach here what the cabinet had published: into the portal's bin (RULES 2)."""

    table = Kind("withdraw", 8, Side.REMOTE, "withdrawn", ("doc", "path", "version", "where"))
    doc: str
    path: ClientPath
    version: int
    where: DiskPath

    @property
    def counted(self) -> Counted | None:
        return "removals"


class RemoveRemote(_Action, frozen=True, gc=False):
    """Removed here in a folder whose rule is `remove`: into the portal's bin."""

    table = Kind("remove", 9, Side.REMOTE, "removed", ("doc", "path", "version"))
    doc: str
    path: ClientPath
    version: int

    @property
    def counted(self) -> Counted | None:
        return "removals"


class Leave(_Action, frozen=True, gc=False):
    """Removed here, stays online, not fetched again. `reason` is '' or `moved_out`."""

    table = Kind("leave", 11, Side.REMOTE, "left", ("doc", "path", "reason"))
    doc: str
    path: ClientPath
    reason: str = ""


class MakeFolder(_Action, frozen=True, gc=False):
    table = Kind("make_folder", 3, None, "folders", ("side", "path", "id"))
    side: Side
    path: ClientPath
    disk: DiskPath = NOWHERE
    id: str = ""


class MoveFolder(_Action, frozen=True, gc=False):
    """`side` is the one that changes. `disk` is where the directory lies now, `to_disk` where it will (local side)."""

    table = Kind("move", 2, None, "moved", ("side", "id", "source", "path"))
    side: Side
    id: str
    source: ClientPath
    path: ClientPath
    disk: DiskPath
    to_disk: DiskPath
    inode: int


class Record(_Action, frozen=True, gc=False):
    """Both sides agree already: write it down. `quiet`: only hints of stat moved; nobody is told.

    `moved_from`: where a folder was that lies at its new place on both sides.
    """

    table = Kind("record", 0, covers=("doc", "folder", "set_aside", "quiet", "moved_from"))
    doc: BaseDoc | None = None
    folder: BaseFolder | None = None
    set_aside: SetAsideRecord | None = None
    quiet: bool = False
    moved_from: ClientPath = TOP

    @property
    def path(self) -> ClientPath:
        if self.doc is not None:
            return self.doc.path
        return self.folder.path if self.folder is not None else TOP

    @property
    def source(self) -> ClientPath:
        return self.moved_from or self.path


class Forget(_Action, frozen=True, gc=False):
    """Gone on both sides."""

    table = Kind("forget", 1, covers=("path", "doc", "folder"))
    path: ClientPath
    doc: str = ""
    folder: str = ""


Action = (
    Upload | Download | SetAside | KeepBoth | RestoreSetAside | MoveLocal | MoveRemote | Withdraw | RemoveRemote
    | Leave | MakeFolder | MoveFolder | Record | Forget
)  # fmt: skip
KINDS: tuple[type[_Action], ...] = (
    Upload, Download, SetAside, KeepBoth, RestoreSetAside, MoveLocal, MoveRemote, Withdraw, RemoveRemote, Leave, MakeFolder,
    MoveFolder, Record, Forget,
)  # fmt: skip
COUNTERS: dict[str, str] = {kind.table.name: kind.table.counter for kind in KINDS if kind.table.counter}

_NAMED = {"source": "from_path"}  # as digests that people agreed to earlier have it


def _type(path: str) -> str:
    return paths.split_ext(paths.name(path))[1].lower()


def digest(action: Action) -> str:
    """Identifies an action with its `expect` contents across runs: what an agreement lists (RULES 5)."""
    shown: list[object] = [action.table.name]
    for name in action.table.covers:
        value = getattr(action, name)
        if isinstance(value, Content):
            value = [value.size, value.hex]
        elif isinstance(value, Fetch):
            value = [value.doc, value.content.hex, value.version]
        shown.append([_NAMED.get(name, name), value])
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:32]


def side(action: Action) -> Side | None:
    """The side an action changes; None when it only writes down."""
    return action.side if isinstance(action, MakeFolder | MoveFolder) else action.table.side
