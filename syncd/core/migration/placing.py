"""Where a document of the old tree goes at its client: `<folder>/<exercise>/<old relative path>`, or why nowhere (RULES 4)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.core import fiscal_years as ex
from syncd.core import naming, paths
from syncd.core.client_classification import Card
from syncd.core.folder_rules import ClientRules, refuse
from syncd.core.migration.claims import UNKNOWN_EXERCISE, Claim, looks_like_exercise
from syncd.core.paths import ClientPath
from syncd.core.reasons import Reason

NO_FOLDER = "no_folder"
TWO_EXERCISES = "two_exercises"


class Target(msgspec.Struct, frozen=True):
    """A folder of the client's, in the portal's spelling. `renamed`: a name on the way is one that Windows can hold now."""

    folder: str
    renamed: bool = False


class Place(msgspec.Struct, frozen=True):
    path: ClientPath
    renamed: bool = False


class Listed(msgspec.Struct, frozen=True):
    """It goes nowhere. `at`: what of the old path says so; all below it is listed with it."""

    reason: str
    detail: str = ""
    at: str = ""


def scope_of(card: Card) -> ex.Scope:
    """What is brought of a client: what is open and the last closed exercise; what is open alone where the company keeps
    its own books."""
    return ex.Scope.OPEN if card.work.at_the_company else ex.Scope.OPEN_PLUS_ONE


def folder_of(claim: Claim, rules: ClientRules, scope: ex.Scope, below: str) -> Target | Listed:
    """Where documents of a directory go. `below`: its path inside the claimed directory, '' for that itself."""
    read = _Reading(claim, rules, below.split("/") if below else [])
    if (listed := read.listed()) is not None:
        return listed
    if (raw := next((part for part in read.rest if not paths.is_decoded(part)), None)) is not None:
        return Listed(Reason.BAD_NAME, "unreadable_bytes", paths.printable(raw))
    target, renamed = _named(read.folder, read.exercise, read.rest)
    if not claim.chosen and not ex.folder_in_scope(target, rules.code, scope, rules.exercises):
        return Listed(Reason.OUT_OF_SCOPE, read.label, read.at_exercise)
    if rules.is_withheld(target):
        return Listed(Reason.NO_RIGHT, read.folder, read.at_folder)
    if not rules.folder_direction(target).sends:
        return Listed(Reason.DIRECTION, read.folder, read.at_folder)
    if not rules.in_scope(target):
        return Listed(Reason.OUT_OF_SCOPE, read.label, read.at_exercise)
    return Target(target, renamed)


def document_of(target: Target, rules: ClientRules, name: str, size: int) -> Place | Listed:
    """Where a document goes in its folder, or why it may not be published there."""
    if not paths.is_decoded(name):
        return Listed(Reason.BAD_NAME, "unreadable_bytes")
    if name.startswith(naming.SUPP):  # set aside by a mirror: deleted once
        return Listed(Reason.UNKNOWN_SUPP)
    composed = paths.nfc(name)
    fine = naming.windows_safe(composed) if naming.windows_fault(composed) else composed
    path = paths.join(target.folder, fine)
    refused = refuse(rules, path, size)
    if refused is not None:
        return Listed(refused.reason, refused.detail)
    return Place(ClientPath(path), target.renamed or fine != composed)


class _Reading:
    """What the parts of a path say, from the left: an exercise or a folder of the client's, then the other, then the rest."""

    def __init__(self, claim: Claim, rules: ClientRules, parts: Sequence[str]) -> None:
        self._rules, self._parts, self._at = rules, parts, 0
        self._fault: Listed | None = None
        self.exercise = self._called(claim.exercise) if claim.exercise else None
        self.at_exercise = self.at_folder = ""
        self.folder = _spelled(rules, claim.folder) if claim.folder else ""
        if claim.folder and not self.folder:
            self._fault = Listed(Reason.UNKNOWN_FOLDER, claim.folder)
            return
        if not self.folder:
            self._take_folder() or (self._take_exercise() and self._take_folder())
        if self._fault is None and self.folder:
            self._take_exercise()
        self._doubt_the_rest()

    @property
    def rest(self) -> Sequence[str]:
        return self._parts[self._at :]

    @property
    def label(self) -> str:
        return self.exercise.label if self.exercise is not None else ""

    def listed(self) -> Listed | None:
        if self._fault is not None:
            return self._fault
        if self.folder:
            return None
        if self._at < len(self._parts):
            return Listed(Reason.UNKNOWN_FOLDER, self._parts[self._at], "/".join(self._parts[: self._at + 1]))
        return Listed(NO_FOLDER, "", "/".join(self._parts))

    def _called(self, name: str) -> ex.Exercise | None:
        return ex.of_folder(paths.nfc(name), self._rules.code, self._rules.exercises)

    def _take_folder(self) -> bool:
        """A folder of the tree, and those below it that the tree names, too."""
        if self._at >= len(self._parts):
            return False
        spelled = self._rules.tops().get(paths.key(self._parts[self._at]))
        if spelled is None:
            return False
        self.folder = spelled
        self._at += 1
        self._go_down()
        self.at_folder = "/".join(self._parts[: self._at])
        return True

    def _go_down(self) -> None:
        while self._at < len(self._parts):
            below = _spelled(self._rules, paths.join(self.folder, self._parts[self._at]))
            if not below or not self._rules.has(below):
                return
            self.folder = below
            self._at += 1

    def _take_exercise(self) -> bool:
        """The exercise that the next part names, if it names one."""
        if self._at >= len(self._parts):
            return False
        part = self._parts[self._at]
        found = self._called(part)
        at = "/".join(self._parts[: self._at + 1])
        if found is None:
            if looks_like_exercise(part, self._rules.code):
                self._fault = Listed(UNKNOWN_EXERCISE, part, at)
            return False
        if self.exercise is not None and self.exercise != found:
            self._fault = Listed(TWO_EXERCISES, f"{self.exercise.label}, {found.label}", at)
            return False
        self.exercise, self.at_exercise = found, at
        self._at += 1
        return True

    def _doubt_the_rest(self) -> None:
        """A year further below that is none of the client's belongs to no exercise either."""
        if self._fault is not None or self.exercise is not None or not self.folder:
            return
        for n, part in enumerate(self._parts[self._at :], self._at + 1):
            if self._called(part) is not None:
                self.at_exercise = "/".join(self._parts[:n])
                return
            if looks_like_exercise(part, self._rules.code):
                self._fault = Listed(UNKNOWN_EXERCISE, part, "/".join(self._parts[:n]))
                return


def _spelled(rules: ClientRules, folder: str) -> str:
    """A folder of the client's tree as the portal spells it; '' where its tree has none above it."""
    top = rules.tops().get(paths.key(paths.top(folder)))
    if top is None:
        return ""
    for rule in rules.folders:
        if paths.key(rule.path) == paths.key(folder):
            return rule.path
    rest = folder.partition("/")[2]
    return paths.join(top, paths.nfc(rest)) if rest else top


def _named(folder: str, exercise: ex.Exercise | None, rest: Sequence[str]) -> tuple[str, bool]:
    """The folder's path, each part a name that Windows can hold; whether one had to be changed."""
    renamed = False
    parts = [folder]
    if exercise is not None:
        parts.append(_safe(exercise.label))
    for part in rest:
        fine = _safe(part)
        renamed |= fine != paths.nfc(part)
        parts.append(fine)
    return "/".join(parts), renamed


def _safe(name: str) -> str:
    composed = paths.nfc(name)
    return naming.windows_safe(composed) if naming.windows_fault(composed) else composed
