"""What people at the portal order of exchange packages, and what became of it at the engine, which alone has keys and chains."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from syncd.core.content import Content
from syncd.core.wire_types import Count, Handle, Hex, Id, LongText, Moment, Text, Word

MOST_LINES = 500  # of a package's plan that are shown


class Act(StrEnum):
    """What the engine is to do with a package."""

    MAKE = "make"
    LOOK = "look"  # what it is, and what it would do here
    APPLY = "apply"
    DISCARD = "discard"


class Result(StrEnum):
    """What became of an order. FAILED: for another reason than the package's own."""

    DONE = "done"
    NOTHING = "nothing"
    UNKNOWN_KEY = "unknown_key"
    REFUSED = "refused"
    FAILED = "failed"


class PackageOrder(msgspec.Struct, frozen=True):
    """`number`: counts the orders of this package. MAKE: `full`, `purpose`, `comment`. Otherwise `name` and `content` of the file at
    the portal; `folders`: those that are chosen, all when empty. `trust`: the key that somebody compared, when it signed the
    package."""

    id: Id
    number: Count
    act: Word
    client: Id
    full: bool = False
    purpose: LongText = ""
    comment: LongText = ""
    name: Text = ""
    content: Content | None = None
    folders: tuple[LongText, ...] = ()
    trust: Text = ""


class PackageLine(msgspec.Struct, frozen=True):
    """One change that the package would make. `action`: as of an event."""

    action: Word
    path: LongText
    to: LongText = ""
    size: Count = 0
    replaces: bool = False


class PackageNote(msgspec.Struct, frozen=True):
    """A place of which something is not taken, and why."""

    path: LongText
    reason: Word = ""
    detail: Text = ""


class FolderLines(msgspec.Struct, frozen=True):
    folder: LongText
    lines: Count


class PackageAnswer(msgspec.Struct, frozen=True):
    """The company dealt with the package whose list has this `digest`: what its rules do not take, and what comes again."""

    digest: Hex
    refused: tuple[PackageNote, ...] = ()
    later: tuple[PackageNote, ...] = ()


class PackageFacts(msgspec.Struct, frozen=True):
    """Of a package's list. `digest`: SHA-256 of it; `key`: that signed it, both halves; `created`: by its maker's clock."""

    sequence: Count = 0
    digest: Hex = ""
    created: Moment = 0.0
    purpose: LongText = ""
    comment: LongText = ""
    key: Text = ""
    documents: Count = 0
    sealed: bool = False


class PackageDone(msgspec.Struct, frozen=True):
    """`why`, `french`: the sentence where it was not done. `lines`: the first of `changes` that it would make, or made;
    `folders`: how many of each. `waits`: changes that the guards will hold. `left`: documents that are not inside, or not taken; `later`: those that
    come again. `answers`: what it says of earlier packages. `acknowledged`: number of the last one that the company dealt with."""

    id: Id
    number: Count
    act: Word
    result: Word
    why: Text = ""
    french: Text = ""
    name: Text = ""
    content: Content | None = None
    facts: PackageFacts = PackageFacts()
    changes: Count = 0
    lines: tuple[PackageLine, ...] = ()
    folders: tuple[FolderLines, ...] = ()
    waits: Count = 0
    left: tuple[PackageNote, ...] = ()
    later: tuple[PackageNote, ...] = ()
    answers: tuple[PackageAnswer, ...] = ()
    acknowledged: Count = 0


class PackageReport(msgspec.Struct, frozen=True):
    """What an engine tells when it asks for the orders. `instance`: of the service that asks; `key`: the cabinet's public one."""

    instance: Handle
    key: Text = ""
    done: tuple[PackageDone, ...] = ()


class PackageOrders(msgspec.Struct, frozen=True):
    """Those that are not answered. `revision`: grows with each new one."""

    revision: Count
    orders: tuple[PackageOrder, ...] = ()
