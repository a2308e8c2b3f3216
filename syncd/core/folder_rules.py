"""The rules a folder gives its documents: direction, limits, extensions, removals (RULES 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property, lru_cache

import msgspec

from syncd.core import fiscal_years as ex
from syncd.core import paths
from syncd.core.paths import ClientPath
from syncd.core.reasons import Reason, Sizes

MB = 1_000_000
DEFAULT_MAX_SIZE = 20 * MB
DEFAULT_EXTENSIONS = frozenset(
    [
        "pdf",
        "jpg",
        "jpeg",
        "jfif",
        "png",
        "gif",
        "bmp",
        "heic",
        "heif",
        "webp",
        "tif",
        "tiff",
        "doc",
        "docx",
        "odt",
        "rtf",
        "xls",
        "xlsx",
        "ods",
        "csv",
        "ppt",
        "pptx",
        "odp",
        "txt",
        "xml",
        "msg",
        "eml",
        "ofx",
        "qif",
        "cfonb",
        "afb",
        "edi",
        "dsn",
        "fec",
        "asc",
        "dex",
        "zip",
        "7z",
        "p7s",
        "p7m",
    ]
)
MACROS = frozenset(["docm", "dotm", "xlsm", "xltm", "xlsb", "pptm", "potm"])  # taken only where a folder's rules say so
NEVER = frozenset(
    [
        "exe",
        "com",
        "bat",
        "cmd",
        "msi",
        "scr",
        "pif",
        "cpl",
        "dll",
        "sys",
        "jar",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "wsh",
        "ps1",
        "psm1",
        "hta",
        "lnk",
        "reg",
        "sh",
        "py",
        "pl",
        "php",
        "rb",
        "app",
        "dmg",
        "apk",
        "iso",
        "img",
    ]
)


class Direction(StrEnum):
    BOTH = "both"
    TO_PORTAL = "to_portal"
    TO_CABINET = "to_cabinet"
    NONE = "none"

    @property
    def sends(self) -> bool:
        """Local changes go online."""
        return self in (Direction.BOTH, Direction.TO_PORTAL)

    @property
    def takes(self) -> bool:
        """Online changes come to the cabinet."""
        return self in (Direction.BOTH, Direction.TO_CABINET)


class OnLocalRemoval(StrEnum):
    LEAVE = "leave"
    RESTORE = "restore"
    REMOVE = "remove"


class Expected(StrEnum):
    """How often something is to come into a folder. MONTHLY: within each month or soon after it; STATEMENT: of each month, once
    it is over; QUARTERLY: within each quarter or soon after it."""

    NEVER = "never"
    MONTHLY = "monthly"
    STATEMENT = "statement"
    QUARTERLY = "quarterly"


class FolderRule(msgspec.Struct, frozen=True):
    """Sizes in bytes (0: no limit); extensions in lower case without their dot, empty: any but executables.

    `restricted`: names of its documents are told only to people whose rights cover it (mail to a bare address counts them).
    `per_exercise`: a new exercise gets a folder of its name in it. `expected`: what a cabinet waits for (core.expected_documents);
    no document is treated otherwise for it.
    """

    path: str
    kind: str = "other"
    direction: Direction = Direction.BOTH
    max_size: int = DEFAULT_MAX_SIZE
    on_local_removal: OnLocalRemoval = OnLocalRemoval.LEAVE
    extensions: frozenset[str] = DEFAULT_EXTENSIONS
    restricted: bool = False
    per_exercise: bool = False
    expected: Expected = Expected.NEVER


@lru_cache(maxsize=512)
def _by_key(folders: tuple[FolderRule, ...]) -> Mapping[str, FolderRule]:
    """Shared by all clients whose trees are alike."""
    return {paths.key(rule.path): rule for rule in folders}


@lru_cache(maxsize=512)
def _kept_here(folders: tuple[FolderRule, ...], direction: Direction) -> tuple[str, ...]:
    rules = ClientRules("", folders, direction)
    return tuple(rule.path for rule in folders if rules.folder_direction(rule.path) is Direction.NONE)


class ClientRules(msgspec.Struct, frozen=True, dict=True):
    """What one client's tree allows. Every folder below a ruled one inherits the nearest rule above it.

    `withheld`: keys of folders that the engine's rights do not cover, with all below.
    """

    code: str = ""
    folders: Sequence[FolderRule] = ()
    direction: Direction = Direction.BOTH
    scope: ex.Scope = ex.Scope.ALL
    exercises: Sequence[ex.Exercise] = ()
    withheld: frozenset[str] = frozenset()

    @cached_property
    def _by_key(self) -> Mapping[str, FolderRule]:
        return _by_key(tuple(self.folders))

    @cached_property
    def _directions(self) -> dict[str, Direction]:
        return {}

    def tops(self) -> dict[str, ClientPath]:
        """Key → spelling of the client's top-level folders, those of direction `none` included."""
        return {paths.key(paths.top(r.path)): ClientPath(paths.top(r.path)) for r in self.folders}

    def kept_here(self) -> tuple[str, ...]:
        """Folders of the template that do not exist online."""
        return _kept_here(tuple(self.folders), self.direction)

    @cached_property
    def _nearest(self) -> dict[str, FolderRule | None]:
        return {}

    def rule(self, folder: str) -> FolderRule | None:
        """The nearest rule at or above `folder`; None outside the tree."""
        try:
            return self._nearest[folder]  # asked of the same few folders for each of their documents
        except KeyError:
            found = self._nearest[folder] = self._rule(folder)
            return found

    def _rule(self, folder: str) -> FolderRule | None:
        at = paths.key(folder)
        while at:
            if at in self._by_key:
                return self._by_key[at]
            at = paths.parent(at)
        return None

    def has(self, folder: str) -> bool:
        """True when the template itself names this folder."""
        return paths.key(folder) in self._by_key

    def folder_direction(self, folder: str) -> Direction:
        """Direction of a folder within its client; a `none` anywhere above it stays `none`."""
        known = self._directions.get(folder)  # asked of the same few folders for each of their documents
        if known is None:
            known = self._directions[folder] = self._direction(folder)
        return known

    def _direction(self, folder: str) -> Direction:
        rule = self.rule(folder)
        if rule is None or self.direction is Direction.NONE:
            return Direction.NONE
        if any(
            (r := self._by_key.get(paths.key(f))) and r.direction is Direction.NONE for f in paths.ancestors(folder)
        ):
            return Direction.NONE
        if rule.direction is Direction.BOTH:
            return self.direction
        if self.direction in (Direction.BOTH, rule.direction):
            return rule.direction
        return Direction.NONE

    def is_withheld(self, folder: str) -> bool:
        if not self.withheld:
            return False
        at = paths.key(folder)
        return at in self.withheld or any(a in self.withheld for a in paths.ancestors(at))

    def published(self, folder: str) -> bool:
        """True when a *new* document or folder there may go online: direction and exercise both allow it."""
        return (
            self.folder_direction(folder).sends
            and not self.is_withheld(folder)
            and ex.folder_in_scope(folder, self.code, self.scope, self.exercises)
        )

    def is_restricted(self, folder: str) -> bool:
        rule = self.rule(folder)
        return rule is None or rule.restricted

    def in_scope(self, folder: str) -> bool:
        return ex.folder_in_scope(folder, self.code, self.scope, self.exercises)


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """One document that may not be published, and why: a code of DESIGN 2 and what fills its sentence."""

    path: str
    reason: str
    detail: str = ""


def refuse(rules: ClientRules, path: str, size: int) -> Refusal | None:
    """Why a document of `size` bytes may not be published at `path`; None when it may (RULES 4)."""
    if refusal := refuse_name(rules, path):
        return refusal
    rule = rules.rule(paths.parent(path))
    if size == 0:
        return Refusal(path, Reason.EMPTY)
    if rule is not None and rule.max_size and size > rule.max_size:
        return Refusal(path, Reason.TOO_LARGE, str(Sizes(size, rule.max_size)))
    return None


def refuse_move(rules: ClientRules, old: str, new: str) -> Refusal | None:
    """Why a document that is online at `old` may not be called `new`: as a deposit there, unless what is wrong with the
    new name was so with the old one. None when it may.
    """
    refusal = refuse_name(rules, new)
    before = refuse_name(rules, old) if refusal is not None else None
    if refusal is None or (before is not None and (before.reason, before.detail) == (refusal.reason, refusal.detail)):
        return None
    return refusal


def refuse_name(rules: ClientRules, path: str) -> Refusal | None:
    """Why no document may be published at `path`, whatever its size."""
    from syncd.core import naming

    folder, _, name = path.rpartition("/")
    rule = rules.rule(folder)
    if rule is None or rules.is_withheld(folder):
        return Refusal(path, Reason.NO_RIGHT)
    if fault := naming.path_fault(path):
        return Refusal(path, *fault)
    ext = paths.split_ext(name)[1].lstrip(".").lower()
    if ext in NEVER or (rule.extensions and ext not in rule.extensions):
        return Refusal(path, Reason.EXTENSION_NOT_ALLOWED, f".{ext}" if ext else "")
    return None
