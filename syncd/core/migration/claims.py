"""Which client a directory of the old tree belongs to: by its name, or as a mapping says. Nothing is ever guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from syncd.core import fiscal_years as ex
from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.migration.mapping import MapRow
from syncd.core.words import migration as said

UNKNOWN_CODE = "unknown_code"
UNKNOWN_EXERCISE = "unknown_exercise"
LOOSE = "loose"
_NAMED = re.compile(r"(\S+)\s+[-–—]\s*\S")  # `007868 - SARL Dupont`
_YEAR = re.compile(r"(?:19|20)\d\d(?:-(?:19|20)\d\d|(?:0[1-9]|1[0-2]))?")

Exercises = Mapping[str, Sequence[ex.Exercise]]


class Claim(msgspec.Struct, frozen=True):
    """A directory of the old tree (`source`, relative to it) that is one client's.

    `folder`: where its documents go, '' where their own path says so. `exercise`: a label, '' likewise; `chosen`: somebody
    named the exercise in a mapping, so it is taken however old it is.
    """

    source: str
    code: str
    folder: str = ""
    exercise: str = ""
    chosen: bool = False


class Unclaimed(msgspec.Struct, frozen=True):
    """What belongs to no client. `reason`: UNKNOWN_CODE, UNKNOWN_EXERCISE or LOOSE (a file beside the directories)."""

    source: str
    reason: str
    detail: str = ""


class Claims(msgspec.Struct, frozen=True):
    claims: tuple[Claim, ...] = ()
    unclaimed: tuple[Unclaimed, ...] = ()

    @property
    def by_client(self) -> dict[str, list[Claim]]:
        found: dict[str, list[Claim]] = {}
        for claim in self.claims:
            found.setdefault(claim.code, []).append(claim)
        return found


def looks_like_exercise(name: str, code: str) -> bool:
    """Whether somebody meant a fiscal year by it, known or not."""
    text = name.strip()
    if code and text.startswith(code + "_"):
        text = text[len(code) + 1 :]
    return _YEAR.fullmatch(text) is not None


def by_name(names: Iterable[str], exercises: Exercises) -> Claims:
    """`names`: directories at the top of the old tree. `exercises`: those of each client, by code.

    Raises UsageError where one name is the directory of two clients.
    """
    claims: list[Claim] = []
    unclaimed: list[Unclaimed] = []
    for name in names:
        found = list(_readings(name, exercises))
        if len({claim.code for claim in found if isinstance(claim, Claim)}) > 1:
            codes = ", ".join(sorted({c.code for c in found if isinstance(c, Claim)}))
            raise UsageError(said.CLASH.of(source=paths.printable(name), codes=codes), mend=said.CLASH_MEND.of())
        certain = next((c for c in found if isinstance(c, Claim)), None)
        if certain is not None:
            claims.append(certain)
        else:
            unclaimed.append(next((u for u in found if isinstance(u, Unclaimed)), Unclaimed(name, UNKNOWN_CODE)))
    return Claims(tuple(claims), tuple(unclaimed))


def _readings(name: str, exercises: Exercises) -> Iterator[Claim | Unclaimed]:
    """`007868`, `007868 - SARL Dupont`, `007868_2023`: letter by letter, a zero counts."""
    text = paths.nfc(name)
    named = _NAMED.match(text)
    head = named[1] if named is not None else text
    if head in exercises:
        yield Claim(name, head)
    for at in (n for n, c in enumerate(head) if c == "_"):
        code, year = head[:at], head[at + 1 :]
        if code not in exercises:
            continue
        exercise = ex.of_folder(year, "", exercises[code])
        if exercise is not None:
            yield Claim(name, code, exercise=exercise.label)
        else:
            yield Unclaimed(name, UNKNOWN_EXERCISE, year)


def by_map(rows: Sequence[MapRow], exercises: Exercises) -> Claims:
    """Raises UsageError where a directory is given to two clients, or twice to one in different ways."""
    _refuse_clashes(rows)
    claims: list[Claim] = []
    unclaimed: list[Unclaimed] = []
    for row in {(r.source, r.code, r.folder, r.exercise): r for r in reversed(rows)}.values():
        if row.code not in exercises:
            unclaimed.append(Unclaimed(row.source, UNKNOWN_CODE, row.code))
            continue
        exercise = ex.of_folder(row.exercise, row.code, exercises[row.code]) if row.exercise else None
        if row.exercise and exercise is None:
            unclaimed.append(Unclaimed(row.source, UNKNOWN_EXERCISE, row.exercise))
            continue
        label = exercise.label if exercise is not None else ""
        claims.append(Claim(row.source, row.code, row.folder, label, chosen=bool(label)))
    return Claims(tuple(claims), tuple(unclaimed))


def _refuse_clashes(rows: Sequence[MapRow]) -> None:
    """Between two rows of one client the deeper one counts below it; two clients never share a directory."""
    by_source: dict[str, MapRow] = {}
    for row in rows:
        first = by_source.setdefault(row.source, row)
        if (first.code, first.folder, first.exercise) != (row.code, row.folder, row.exercise):
            raise _clash(row.source, first, row)
    for source, row in by_source.items():
        for above in paths.ancestors(source):
            other = by_source.get(above)
            if other is not None and other.code != row.code:
                raise _clash(source, other, row)


def _clash(source: str, first: MapRow, second: MapRow) -> UsageError:
    codes = first.code if first.code == second.code else f"{first.code}, {second.code}"
    return UsageError(
        said.MAP_CLASH.of(source=paths.printable(source), codes=codes, rows=f"{first.row}, {second.row}"),
        mend=said.MAP_CLASH_MEND.of(),
    )
