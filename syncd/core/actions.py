"""The closed union of what a run may do. No action deletes a local document (DESIGN 5).

`path` is canonical (NFC, inside the client); `disk` is the spelling on the cabinet's disk. `expect` is what the
planner saw on the side that will change: an adapter that sees anything else refuses, and the next run plans anew.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

import msgspec

from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, SetAsideRecord


class Side(StrEnum):
    LOCAL = "local"
    REMOTE = "remote"


class Upload(msgspec.Struct, frozen=True, gc=False):
    """Send the local document. `doc` None: a new document; else a new version over `version`.

    `lost`: id of the base document that the portal lost, replaced by this new one.
    """

    path: str
    disk: str
    content: Content
    expect: Stamp
    doc: str | None = None
    version: int = 0
    lost: str = ""


class Download(msgspec.Struct, frozen=True, gc=False):
    """Bring the portal's version. `expect` None: the name must be free; else the document it replaces.

    `vacate`: where on disk the document lies now, when a cycle of renames makes it come by a download instead.
    """

    doc: str
    path: str
    disk: str
    content: Content
    version: int
    version_id: str
    expect: Stamp | None = None
    expect_content: Content | None = None
    vacate: str = ""
    by_company: bool = False
    emptied: bool = False


class SetAside(msgspec.Struct, frozen=True, gc=False):
    """Deleted online: rename to `to` (canonical), never delete. `edited`: local bytes differ from the base."""

    doc: str
    path: str
    disk: str
    to: str
    content: Content
    expect: Stamp
    tombstone: str
    edited: bool = False
    by: str = ""


class Fetch(msgspec.Struct, frozen=True, gc=False):
    """The portal's version that takes the name in a KeepBoth."""

    doc: str
    content: Content
    version: int
    version_id: str
    by_company: bool = False


class KeepBoth(msgspec.Struct, frozen=True, gc=False):
    """The local document gets the name `copy`; the portal's content, if any, takes `path`; the copy goes online."""

    path: str
    disk: str
    copy: str
    content: Content
    expect: Stamp
    fetch: Fetch | None = None
    publish: bool = True


class RestoreSetAside(msgspec.Struct, frozen=True, gc=False):
    """Restored from the bin: rename the unchanged set-aside back, no transfer."""

    doc: str
    disk: str
    path: str
    to_disk: str
    content: Content
    expect: Stamp
    version: int
    by_company: bool = False


class MoveLocal(msgspec.Struct, frozen=True, gc=False):
    """Rename at the cabinet from `disk` to `to_disk`. `set_aside`: it is a set-aside that makes room."""

    doc: str
    from_path: str
    disk: str
    path: str
    to_disk: str
    content: Content
    expect: Stamp
    set_aside: bool = False


class MoveRemote(msgspec.Struct, frozen=True, gc=False):
    """Rename on the portal: same document, its history and receipts kept."""

    doc: str
    from_path: str
    path: str
    disk: str
    version: int
    stamp: Stamp


class Withdraw(msgspec.Struct, frozen=True, gc=False):
    """Moved out of reach here what the cabinet had published: into the portal's bin (RULES 2)."""

    doc: str
    path: str
    version: int
    where: str


class RemoveRemote(msgspec.Struct, frozen=True, gc=False):
    """Removed here in a folder whose rule is `remove`: into the portal's bin."""

    doc: str
    path: str
    version: int


class Leave(msgspec.Struct, frozen=True, gc=False):
    """Removed here, stays online, not fetched again. `reason` is '' or `moved_out`."""

    doc: str
    path: str
    reason: str = ""


class MakeFolder(msgspec.Struct, frozen=True, gc=False):
    side: Side
    path: str
    disk: str = ""
    id: str = ""


class MoveFolder(msgspec.Struct, frozen=True, gc=False):
    """`side` is the one that changes. `disk` is where the directory lies now, `to_disk` where it will (local side)."""

    side: Side
    id: str
    from_path: str
    path: str
    disk: str
    to_disk: str
    inode: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """Both sides agree already: write it down. `quiet`: only hints of stat moved; nobody is told.

    `moved_from`: where a folder was that lies at its new place on both sides.
    """

    doc: BaseDoc | None = None
    folder: BaseFolder | None = None
    set_aside: SetAsideRecord | None = None
    quiet: bool = False
    moved_from: str = ""


class Forget(msgspec.Struct, frozen=True, gc=False):
    """Gone on both sides."""

    path: str
    doc: str = ""
    folder: str = ""


Action = (
    Upload | Download | SetAside | KeepBoth | RestoreSetAside | MoveLocal | MoveRemote | Withdraw | RemoveRemote
    | Leave | MakeFolder | MoveFolder | Record | Forget
)  # fmt: skip

NAMES: dict[type, str] = {
    Upload: "upload", Download: "download", SetAside: "set_aside", KeepBoth: "keep_both", RestoreSetAside: "restore",
    MoveLocal: "move", MoveRemote: "move", Withdraw: "withdraw", RemoveRemote: "remove", Leave: "leave",
    MakeFolder: "make_folder", MoveFolder: "move", Record: "record", Forget: "forget",
}  # fmt: skip

# What does not say *what* is agreed to: names stamped by the run's start, hints of stat.
_NOT_SHOWN = {"expect", "stamp", "copy", "vacate", "inode", "disk", "to_disk", "to", "version_id"}


def digest(action: Action) -> str:
    """Identifies an action with its `expect` contents across runs: what an agreement lists (RULES 5)."""
    shown: list[object] = [NAMES[type(action)]]
    for name in action.__struct_fields__:
        if name not in _NOT_SHOWN:
            value = getattr(action, name)
            if isinstance(value, Content):
                value = [value.size, value.hex]
            elif isinstance(value, Fetch):
                value = [value.doc, value.content.hex, value.version]
            shown.append([name, value])
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:32]


def path_of(action: Action) -> str:
    """The canonical place an action is about."""
    if not isinstance(action, Record):
        return action.path
    if action.doc is not None:
        return action.doc.path
    return action.folder.path if action.folder is not None else ""


def side(action: Action) -> Side | None:
    """The side an action changes; None when it only writes down."""
    match action:
        case Upload() | MoveRemote() | Withdraw() | RemoveRemote() | Leave():
            return Side.REMOTE
        case Download() | SetAside() | KeepBoth() | RestoreSetAside() | MoveLocal():
            return Side.LOCAL
        case MakeFolder() | MoveFolder():
            return action.side
        case _:
            return None
