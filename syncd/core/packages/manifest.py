"""A package's manifest: the list that is signed. The same facts are always the same bytes, and no other bytes are taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.errors import SyncdError
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.paths import ClientPath
from syncd.core.words import packages as said
from syncd.core.words.phrase import Phrase

FORMAT = 1
MOST_ENTRIES, MOST_BYTES = 250_000, 100_000_000
MOST_TEXT, MOST_WORD = 2000, 64  # of a comment, of a reason's code
_ID, _SHA = re.compile(r"[0-9a-f]{32}\Z"), re.compile(r"[0-9a-f]{64}\Z")
EARLIEST, LATEST = -62135510400, 253402214399  # dates of documents: whole days within what any zone's calendar has
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")
_KEY, _AGE = re.compile(r"[0-9A-Za-z+/=]{56}\Z"), re.compile(r"(age1[0-9a-z]{1,100})?\Z")
_CODE = re.compile(r"[^\x00-\x20/\\:*?\"<>|\x7f]{1,50}\Z")


class PackageRefused(SyncdError):
    """This file is not taken, and nothing of it was: what is wrong, and what to do."""

    exit_code = 3


class Change(StrEnum):
    ADD = "add"
    UPDATE = "update"
    MOVE = "move"
    DELETE = "delete"


class Way(StrEnum):
    """Which way a package goes."""

    TO_COMPANY = "to_company"
    TO_CABINET = "to_cabinet"

    @property
    def back(self) -> Way:
        return Way.TO_CABINET if self is Way.TO_COMPANY else Way.TO_COMPANY


class _Strict(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    pass


class Entry(_Strict, frozen=True, gc=False):
    """One change. `base`: SHA-256 of what the receiver is known to hold there, '' for nothing. `source`: where a document
    that moved was. `at`: its own date, seconds since 1970. `doc`: its id online, where it has one."""

    change: Change
    path: str
    source: str = ""
    base: str = ""
    sha256: str = ""
    size: int = 0
    at: int = 0
    doc: str = ""

    @property
    def carried(self) -> bool:
        """Whether its bytes are inside."""
        return self.change in (Change.ADD, Change.UPDATE)

    @property
    def content(self) -> Content | None:
        """What the sender holds there now."""
        return Content(self.size, bytes.fromhex(self.sha256)) if self.sha256 else None


class Prior(_Strict, frozen=True, gc=False):
    """A package by its number, and the SHA-256 of its manifest. `created`: as its sender's clock said."""

    sequence: int
    manifest: str
    created: str = ""


class NotTaken(_Strict, frozen=True, gc=False):
    path: str
    reason: str
    detail: str = ""


class Receipt(_Strict, frozen=True, gc=False):
    """The sender of this one has integrated that one. `folders`: of it alone these, all when empty. `refused`: what its rules
    do not take; `later`: what could not be done, and is to be told again."""

    sequence: int
    manifest: str
    folders: tuple[str, ...] = ()
    refused: tuple[NotTaken, ...] = ()
    later: tuple[str, ...] = ()


class Folder(_Strict, frozen=True, gc=False):
    """One of the client's tree, as the cabinet has it now."""

    path: str
    kind: str = "other"
    direction: Direction = Direction.BOTH
    max_size: int = 0
    extensions: tuple[str, ...] = ()
    restricted: bool = False

    @classmethod
    def of(cls, rule: FolderRule) -> Folder:
        return cls(rule.path, rule.kind, rule.direction, rule.max_size, tuple(sorted(rule.extensions)), rule.restricted)

    def rule(self) -> FolderRule:
        return FolderRule(
            self.path, self.kind, self.direction, self.max_size, extensions=frozenset(self.extensions), restricted=self.restricted
        )  # fmt: skip


class Manifest(_Strict, frozen=True, gc=False, kw_only=True):
    """`id`: of this package; `cabinet`, `client`: ids. `key`, `age`: the sender's public keys. `prerequisite`: the last one that
    the receiver acknowledged. `full`: it holds everything, whatever was acknowledged. `tree`: from the cabinet alone."""

    format: int
    id: str
    cabinet: str
    client: str
    code: str
    name: str
    way: Way
    key: str
    age: str = ""
    sequence: int
    prerequisite: Prior | None = None
    full: bool = False
    created: str
    purpose: str = ""
    comment: str = ""
    tree: tuple[Folder, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    entries: tuple[Entry, ...] = ()
    count: int = 0
    size: int = 0

    @property
    def trusted_comment(self) -> str:
        """What the signature says in the clear; it is signed, too."""
        return f"dossier:{self.code} seq:{self.sequence} {self.way.value} {self.created}"

    @property
    def restricted(self) -> bool:
        return any(f.restricted for f in self.tree)


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Manifest).decode


def encode(manifest: Manifest) -> bytes:
    return _encode(manifest) + b"\n"


def date(seconds: int) -> int:
    """A document's own, as a manifest can say it: disks have had odder ones."""
    return min(max(seconds, EARLIEST), LATEST)


def totals(entries: Iterable[Entry]) -> tuple[int, int]:
    """How many documents are carried, and their bytes."""
    carried = [e.size for e in entries if e.carried]
    return len(carried), sum(carried)


def decode(data: bytes) -> Manifest:
    """Raises PackageRefused for what no sender writes: another format, a key twice, a place no document may have."""
    if len(data) > MOST_BYTES:
        raise PackageRefused(said.TOO_MANY.of(), mend=said.ASK_ANOTHER.of())
    try:
        found = _decode(data)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise PackageRefused(_other_format(data).of(), mend=said.ASK_ANOTHER.of()) from None
    _check(found)
    if encode(found) != data:
        raise PackageRefused(said.NOT_OURS.of(), mend=said.ASK_ANOTHER.of())
    return found


def _other_format(data: bytes) -> Phrase:
    """Whether a later version made it."""
    match = re.search(rb'"format":([0-9]{1,9})[,}]', data[:4096])
    return said.LATER if match and int(match[1]) > FORMAT else said.NOT_OURS


def _check(found: Manifest) -> None:
    if found.format != FORMAT:
        raise PackageRefused(said.LATER.of(), mend=said.UPDATE_SYNCD.of())
    if len(found.entries) > MOST_ENTRIES:
        raise PackageRefused(said.TOO_MANY.of(), mend=said.ASK_ANOTHER.of())
    if not _facts(found):
        raise PackageRefused(said.NOT_OURS.of(), mend=said.ASK_ANOTHER.of())
    for place in (*(f.path for f in found.tree), *(f for r in found.receipts for f in r.folders)):
        check_place(place)
    _check_entries(found.entries)


def _facts(found: Manifest) -> bool:
    texts = (found.name, found.purpose)
    priors: list[Receipt | Prior] = [*found.receipts, *([found.prerequisite] if found.prerequisite else [])]
    tree = [w for f in found.tree for w in (f.kind, *f.extensions)]
    return (
        all(_ID.match(i) for i in (found.id, found.cabinet, found.client))
        and bool(_CODE.match(found.code)) and _is_date(found.created)
        and bool(_KEY.match(found.key)) and bool(_AGE.match(found.age))
        and 1 <= found.sequence < 2**31
        and (found.prerequisite is None or _is_date(found.prerequisite.created))
        and all(_receipt(r) for r in found.receipts)
        and all(1 <= p.sequence < 2**31 and _SHA.match(p.manifest) for p in priors)
        and all(len(t) <= 255 and paths.is_plain(t) for t in (*texts, *tree))
        and len(found.comment) <= MOST_TEXT and all(paths.is_plain(line) for line in found.comment.split("\n"))
        and all(0 <= f.max_size < 2**62 for f in found.tree)
        and (found.count, found.size) == totals(found.entries)
        and not (found.tree and found.way is Way.TO_CABINET)
        and all(_entry(e) for e in found.entries)
    )  # fmt: skip


def _is_date(text: str) -> bool:
    """As `created` writes it, in years that every zone's calendar has."""
    if not _AT.match(text):
        return False
    try:
        return 1 < datetime.fromisoformat(text).year < 9999
    except ValueError:
        return False


def _receipt(r: Receipt) -> bool:
    """Of texts that are shown as they are."""
    words = (w for n in r.refused for w in (n.path, n.reason, n.detail))
    return all(len(w) <= paths.MAX_PATH_BYTES and paths.is_plain(w) for w in (*r.later, *words)) and all(
        len(n.reason) <= MOST_WORD for n in r.refused
    )


def _entry(e: Entry) -> bool:
    base, sha, source = bool(e.base), bool(e.sha256), bool(e.source)
    shapes = {
        Change.ADD: (False, True, False), Change.UPDATE: (True, True, False),
        Change.MOVE: (True, True, True), Change.DELETE: (True, False, False),
    }  # fmt: skip
    return (
        shapes[e.change] == (base, sha, source)
        and all(_SHA.match(s) for s in (e.base, e.sha256) if s)
        and 0 <= e.size < 2**62 and (sha or not e.size) and EARLIEST <= e.at <= LATEST and (not e.doc or bool(_ID.match(e.doc)))
    )  # fmt: skip


def check_place(path: str) -> ClientPath:
    """Raises PackageRefused for a place that could lie elsewhere, or that a disk of one of the two sides cannot have."""
    shown = paths.printable(path[:120])
    if not paths.is_sound(path) or BUILTIN.anywhere(path) or any(p.startswith(".syncd") for p in path.split("/")):
        raise PackageRefused(said.BAD_PLACE.of(path=shown), mend=said.NOTHING_TAKEN.of())
    if any(naming.windows_fault(part) for part in path.split("/")) or paths.is_too_long(path, paths.MAX_NEW_BYTES):
        raise PackageRefused(said.BAD_PLACE.of(path=shown), mend=said.NOTHING_TAKEN.of())
    return path


def is_portable(path: str) -> bool:
    """Whether a package can name the place."""
    try:
        check_place(path)
    except PackageRefused:
        return False
    return True


def _check_entries(entries: tuple[Entry, ...]) -> None:
    """Each place once, whatever its case and accents, none a folder of another's; in the order of their places."""
    seen = set[str]()
    places = list[str]()
    for e in entries:
        for place in (e.path, e.source) if e.source else (e.path,):
            check_place(place)
        places.append(e.path)
        key = paths.key(e.path)
        if key in seen:
            raise PackageRefused(said.TWICE.of(path=paths.printable(e.path)), mend=said.NOTHING_TAKEN.of())
        seen.add(key)
    sources = [paths.key(e.source) for e in entries if e.source]
    if len(set(sources)) != len(sources) or seen & set(sources):
        raise PackageRefused(said.NOT_OURS.of(), mend=said.ASK_ANOTHER.of())
    if places != sorted(places):
        raise PackageRefused(said.NOT_OURS.of(), mend=said.ASK_ANOTHER.of())
    held = {paths.key(e.path): e.path for e in entries if e.change is not Change.DELETE}
    for key, path in held.items():
        if any(up in held for up in paths.ancestors(key)):
            raise PackageRefused(said.TWICE.of(path=paths.printable(path)), mend=said.NOTHING_TAKEN.of())
