"""What becomes of a scan, as far as names and rules decide it: whose it is, which folder, which exercise. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from syncd.core import naming, paths
from syncd.core.fiscal_years import Exercise, of_folder
from syncd.core.folder_rules import ClientRules, refuse
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.reasons import Reason

TRIES = 3  # looks at a file that cannot be taken, before it is put away with a note
INBOX = "inbox"  # the kind of folder for whoever hesitates
ENTRIES, ENTRIES_FILES = "ecritures", (".dex", ".ecr")  # the kind of folder for entries, and what they are called
_DATED = re.compile(r"^(\d{4})(\d\d)(\d\d)(?!\d)"), re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")


class Dossier(msgspec.Struct, frozen=True):
    """Whose a directory of the share is. `exercise`: as its name says it, '' where it says none."""

    code: str
    exercise: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where a scan goes in its client's directory. `unsure`: it was not told which exercise, and none is guessed."""

    folder: str
    name: str
    unsure: bool = False

    @property
    def path(self) -> str:
        return paths.join(self.folder, self.name)


class Unplaced(msgspec.Struct, frozen=True):
    """Why it has no place with this client."""

    reason: str
    detail: str = ""


def dossier(name: str, codes: Mapping[str, object]) -> Dossier | None:
    """`007868` or `007868_2025`, letter for letter: no zero is added, no blank or case is overlooked. None: nobody's."""
    if name in codes:
        return Dossier(name)
    code, line, exercise = name.rpartition("_")
    return Dossier(code, exercise) if line and exercise and code in codes else None


def place(rules: ClientRules, told: Dossier, parts: Sequence[str], name: str, size: int) -> Place | Unplaced:
    """Where a scan of that name goes that lay below `parts` in its dossier's directory."""
    name = naming.windows_safe(name)
    found = _folder(rules, told, [naming.windows_safe(p) for p in parts], name)
    if found is None:
        return Unplaced(Reason.UNKNOWN_FOLDER)
    at = Place(found.folder, name, found.unsure)
    if BUILTIN.anywhere(at.path):
        return Unplaced(Reason.BAD_NAME)
    if refusal := refuse(rules, at.path, size):
        return Unplaced(refusal.reason, refusal.detail)
    if not rules.folder_direction(at.folder).sends:
        return Unplaced(Reason.DIRECTION)
    if not rules.published(at.folder):
        return Unplaced(Reason.OUT_OF_SCOPE)
    return at


def _folder(rules: ClientRules, told: Dossier, parts: list[str], name: str) -> Place | None:
    """The folder alone; None where the client has not even one to file from."""
    inbox = next((rule.path for rule in rules.folders if rule.kind == INBOX), "")
    tops = rules.tops()
    said = told.exercise
    while parts and not said and paths.key(parts[0]) not in tops and _named(rules, parts[0]):
        said = parts.pop(0)  # 2025/Achats
    exercise = _named(rules, said) if said else None
    if (not parts or paths.key(parts[0]) not in tops) and is_entries(name) and (own := _entries(rules)):
        return Place(own, "")
    if not parts or paths.key(parts[0]) not in tops or (said and exercise is None):
        unsure = bool(said) and exercise is None
        return Place(_below(inbox, exercise), "", unsure) if inbox else None
    top, rest = tops[paths.key(parts[0])], parts[1:]
    if any(_named(rules, part) for part in rest):
        return Place(_spelled(rules, top, rest), "")
    rule = rules.rule(top)
    if exercise is None and rule is not None and rule.per_exercise and rules.exercises:
        exercise = _dated(name, rules.exercises)
        if exercise is None:
            return Place(inbox, "", True) if inbox else None
    return Place(_spelled(rules, _below(top, exercise), rest), "")


def is_entries(name: str) -> bool:
    return paths.split_ext(name)[1].lower() in ENTRIES_FILES


def holds_entries(rules: ClientRules, path: str) -> bool:
    """Whether a document lies in the client's folder of entries, at any depth, and is one."""
    rule = rules.rule(paths.parent(path))
    return rule is not None and rule.kind == ENTRIES and is_entries(path)


def _entries(rules: ClientRules) -> str:
    return next((rule.path for rule in rules.folders if rule.kind == ENTRIES), "")


def _named(rules: ClientRules, text: str) -> Exercise | None:
    return of_folder(text, rules.code, rules.exercises)


def _below(folder: str, exercise: Exercise | None) -> str:
    return paths.join(folder, exercise.label) if exercise is not None else folder


def _spelled(rules: ClientRules, folder: str, rest: Sequence[str]) -> str:
    """The folder below, as the client's tree writes those that it names."""
    named = {paths.key(rule.path): rule.path for rule in rules.folders}
    for part in rest:
        below = paths.join(folder, part)
        folder = named.get(paths.key(below), below)
    return folder


def _dated(name: str, exercises: Sequence[Exercise]) -> Exercise | None:
    """The one exercise that the day in a name lies in: `20251231 …`, `… 2025-12-31 …`. Never the file's own date."""
    for pattern in _DATED:
        for year, month, day in pattern.findall(name):
            try:
                on = date(int(year), int(month), int(day))
            except ValueError:
                continue
            inside = [e for e in exercises if e.start <= on <= e.end]
            return inside[0] if len(inside) == 1 else None
    return None
