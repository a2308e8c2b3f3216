"""Everything the planner looks at, for one client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
from syncd.core.recovery import NOTHING, Marks


@dataclass(frozen=True, slots=True)
class Local:
    """The cabinet's side as scanned. `docs` and `folders` lie below folders of the tree only.

    `held`: places taken by what is no document (links, sockets): nothing happens there, and nothing is unknown.
    `locked`: keys of documents that somebody has open, and who.
    """

    docs: Sequence[LocalDoc] = ()
    folders: Sequence[LocalFolder] = ()
    problems: Sequence[Problem] = ()
    strays: Sequence[Stray] = ()
    held: Sequence[str] = ()
    locked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remote:
    """The portal's side as observed: documents in any state, by id; live folders, by id."""

    docs: Mapping[str, RemoteDoc] = field(default_factory=dict)
    folders: Mapping[str, RemoteFolder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Base:
    """`followed`: tombstones that were followed here once (looked at only after the portal was restored)."""

    docs: Mapping[str, BaseDoc] = field(default_factory=dict)
    folders: Mapping[str, BaseFolder] = field(default_factory=dict)
    set_asides: Sequence[SetAsideRecord] = ()
    followed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`occupied`: keys of names that are taken by documents left out as settled (core.delta).

    `restored`: which sides were put back from a backup and are not reconciled yet (core.recovery).
    """

    base: Base = field(default_factory=Base)
    local: Local = field(default_factory=Local)
    remote: Remote = field(default_factory=Remote)
    occupied: frozenset[str] = frozenset()
    restored: Marks = NOTHING
