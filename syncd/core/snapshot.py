"""Everything the planner looks at, for one client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from syncd.core.entry import (
    BaseDoc,
    BaseFolder,
    LocalDoc,
    LocalFolder,
    Problem,
    RemoteDoc,
    RemoteFolder,
    SetAsideRecord,
    Stray,
)
from syncd.core.paths import ClientPath
from syncd.core.restored_backups import NOTHING, Marks


class Local(msgspec.Struct, frozen=True):
    """The cabinet's side as scanned. `docs` and `folders` lie below folders of the tree only.

    `held`: places taken by what is no document (links, sockets): nothing happens there, and nothing is unknown.
    `locked`: keys of documents that somebody has open, and who.
    """

    docs: Sequence[LocalDoc] = ()
    folders: Sequence[LocalFolder] = ()
    problems: Sequence[Problem] = ()
    strays: Sequence[Stray] = ()
    held: Sequence[ClientPath] = ()
    locked: Mapping[str, str] = msgspec.field(default_factory=dict)


class Remote(msgspec.Struct, frozen=True):
    """The portal's side as observed: documents in any state, by id; live folders, by id."""

    docs: Mapping[str, RemoteDoc] = msgspec.field(default_factory=dict)
    folders: Mapping[str, RemoteFolder] = msgspec.field(default_factory=dict)


class Base(msgspec.Struct, frozen=True):
    """`followed`: tombstones that were followed here once (looked at only after the portal was restored)."""

    docs: Mapping[str, BaseDoc] = msgspec.field(default_factory=dict)
    folders: Mapping[str, BaseFolder] = msgspec.field(default_factory=dict)
    set_asides: Sequence[SetAsideRecord] = ()
    followed: frozenset[str] = frozenset()


class Snapshot(msgspec.Struct, frozen=True):
    """`occupied`: keys of names that are taken by documents left out as settled (core.differing_entries).

    `restored`: which sides were put back from a backup and are not reconciled yet (core.restored_backups).
    """

    base: Base = msgspec.field(default_factory=Base)
    local: Local = msgspec.field(default_factory=Local)
    remote: Remote = msgspec.field(default_factory=Remote)
    occupied: frozenset[str] = frozenset()
    restored: Marks = NOTHING
