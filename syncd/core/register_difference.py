"""What clients' cards would become by the accounting software's files: created, changed, and what nobody knows. Pure: the
portal's cards and the files in, changes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from syncd.core.client_cards import NAME, RESPONSIBLE, CardChange, Cards, ClientCard
from syncd.core.client_register import TEMPLATE, Dossier, Member, Register
from syncd.core.fiscal_years import Exercise
from syncd.core.search_folding import fold

SHRINKS = 0.2  # a file that lost more than this share of its lines is held back
_DIGITS = ("siren", "siret", "ape", "vat")
LONGEST_YEAR = timedelta(days=731)


class Why(StrEnum):
    """Why something that a file says is not done."""

    NO_CODE = "no_code"  # a line without anything to go by
    TWICE = "twice"  # two lines of one code that differ
    TWIN = "twin"  # a code that differs from a client's by case alone
    NO_NAME = "no_name"  # a new client without one
    CLOSED = "closed"
    NO_RIGHT = "no_right"  # of the engine
    PERSON = "person"  # nobody of the cabinet is called so
    CLIENT = "client"  # no client has this code
    EXERCISE = "exercise"  # it does not follow those that there are


class Unknown(msgspec.Struct, frozen=True):
    """`what`: the code, the name or the date in question. `where`: file and line."""

    why: Why
    what: str
    where: str
    code: str = ""


class Changed(msgspec.Struct, frozen=True):
    """`before`: what the card says now, by field of the change."""

    change: CardChange
    before: Mapping[str, str]


class Difference(msgspec.Struct, frozen=True):
    """`same`: how many lines say what is there already."""

    created: tuple[CardChange, ...] = ()
    changed: tuple[Changed, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    same: int = 0

    @property
    def changes(self) -> list[CardChange]:
        return [*self.created, *(c.change for c in self.changed)]

    @property
    def wants_right(self) -> bool:
        """Whether anything is left undone because the engine may not."""
        return any(u.why is Why.NO_RIGHT for u in self.unknown)


def shrunk(before: Mapping[str, float], now: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Files that lost more than a fifth of their lines: how many there were, and are."""
    return {
        file: (int(before[file]), lines) for file, lines in now.items() if lines < before.get(file, 0) * (1 - SHRINKS)
    }  # fmt: skip


def difference(register: Register, known: Cards) -> Difference:
    return _Comparison(known).of(register)


class _Comparison:
    def __init__(self, known: Cards) -> None:
        self._known = known
        self._cards = {card.code: card for card in known.clients}
        self._folded = {card.code.casefold(): card.code for card in known.clients}
        self._people = {fold(n) for c in known.colleagues for n in (c.sign_in, c.name, c.email) if n}
        self._created: list[CardChange] = []
        self._changed: list[Changed] = []
        self._unknown: list[Unknown] = []
        self._same = 0

    def of(self, register: Register) -> Difference:
        self._unknown += [Unknown(Why.NO_CODE, fault.text, fault.where) for fault in register.faults]
        listed, more = self._listed(register.dossiers), _latest(register.parameters)
        for code, dossier in listed.items():
            self._dossier(_added(dossier, more.pop(code, None)), listed=True)
        for dossier in more.values():
            self._dossier(dossier, listed=False)
        named = {c.code for c in self._created}
        for member in register.members:
            self._member(member, named)
        return Difference(tuple(self._created), tuple(self._changed), tuple(self._unknown), self._same)

    def _listed(self, dossiers: Iterable[Dossier]) -> dict[str, Dossier]:
        """One of each code; of two lines that differ, neither."""
        found: dict[str, Dossier] = {}
        twice: set[str] = set()
        for one in dossiers:
            first = found.setdefault(one.code, one)
            if (first.values, first.ends) != (one.values, one.ends):
                twice.add(one.code)
                self._unknown.append(Unknown(Why.TWICE, one.code, one.where, one.code))
        return {code: one for code, one in found.items() if code not in twice}

    def _dossier(self, dossier: Dossier, *, listed: bool) -> None:
        card = self._cards.get(dossier.code)
        if card is None:
            self._new(dossier, listed=listed)
        elif card.closed:
            self._unknown.append(Unknown(Why.CLOSED, dossier.code, dossier.where, dossier.code))
        else:
            self._there(dossier, card)

    def _new(self, dossier: Dossier, *, listed: bool) -> None:
        def left(why: Why) -> None:
            self._unknown.append(Unknown(why, dossier.code, dossier.where, dossier.code))

        if dossier.code.casefold() in self._folded:
            left(Why.TWIN)
        elif not listed:
            left(Why.CLIENT)  # a file of parameters alone makes no client
        elif not dossier.values.get(NAME):
            left(Why.NO_NAME)
        elif not self._known.creates:
            left(Why.NO_RIGHT)
        else:
            values = self._known_values(dossier)
            template = values.pop(TEMPLATE, "")
            exercise = _exercise((), dossier.ends)
            self._folded[dossier.code.casefold()] = dossier.code
            self._created.append(CardChange(dossier.code, "", values, exercise, template))

    def _there(self, dossier: Dossier, card: ClientCard) -> None:
        values = {
            f: text for f, text in self._known_values(dossier).items() if f != TEMPLATE and not _says(card, f, text)
        }
        exercise = None
        if dossier.ends is not None and all(e.end != dossier.ends for e in card.exercises):
            exercise = _exercise(card.exercises, dossier.ends)
            if exercise is None:
                self._unknown.append(Unknown(Why.EXERCISE, dossier.ends.isoformat(), dossier.where, card.code))
        if not values and exercise is None:
            self._same += 1
        elif not card.changeable:
            self._unknown.append(Unknown(Why.NO_RIGHT, card.code, dossier.where, card.code))
        else:
            before = {
                f: next(iter(card.responsible), "") if f == RESPONSIBLE else card.values.get(f, "") for f in values
            }
            self._changed.append(Changed(CardChange(card.code, card.client, values, exercise), before))

    def _known_values(self, dossier: Dossier) -> dict[str, str]:
        """What the file says, without a person whom nobody knows."""
        values = dict(dossier.values)
        who = values.get(RESPONSIBLE, "")
        if who and fold(who) not in self._people:
            self._unknown.append(Unknown(Why.PERSON, who, dossier.where, dossier.code))
            del values[RESPONSIBLE]
        return values

    def _member(self, member: Member, created: set[str]) -> None:
        if not any(fold(name) in self._people for name in member.names):
            self._unknown.append(Unknown(Why.PERSON, member.names[0], member.where))
        for code in member.clients:
            if code not in self._cards and code not in created:
                self._unknown.append(Unknown(Why.CLIENT, code, member.where))


def _latest(parameters: Iterable[Dossier]) -> dict[str, Dossier]:
    """By code: that of the last exercise."""
    return {one.code: one for one in sorted(parameters, key=lambda one: one.ends or date.min)}


def _added(line: Dossier, more: Dossier | None) -> Dossier:
    """A file of `Export_PAR` adds what the list does not say."""
    if more is None:
        return line
    return Dossier(line.where, line.code, {**more.values, **line.values}, line.ends or more.ends)


def _says(card: ClientCard, field: str, text: str) -> bool:
    """Whether the card says it already, as it would be kept."""
    if field == RESPONSIBLE:
        return fold(text) in {fold(name) for name in card.responsible}
    return _plain(field, card.values.get(field, "")) == _plain(field, text)


def _plain(field: str, text: str) -> str:
    if field in _DIGITS:
        return "".join(c for c in text if c.isalnum()).upper()
    if field.startswith("kind_of_") or field == "contact_email":
        return fold(text)
    return " ".join(text.split())


def _exercise(there: Sequence[Exercise], ends: date | None) -> Exercise | None:
    """The one that ends then, where it follows those that there are, or is the first; None where nobody could say."""
    if ends is None:
        return None
    last = max((e.end for e in there), default=None)
    start = _year_before(ends) if last is None else last + timedelta(days=1)
    if not timedelta() < ends - start <= LONGEST_YEAR:
        return None
    label = f"{ends:%Y}"
    return None if any(e.label == label for e in there) else Exercise(label, start, ends)


def _year_before(ends: date) -> date:
    """The day after the same one a year before; of the last of a February, the first of March."""
    after = ends + timedelta(days=1)
    return after.replace(year=after.year - 1)
