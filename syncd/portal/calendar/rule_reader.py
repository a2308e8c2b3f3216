"""Fiscal rules from TOML text, checked whole: every mistake at once, each with its line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from syncd.core import fiscal_facts
from syncd.core.errors import UsageError
from syncd.core.templates import KINDS as FOLDER_KINDS
from syncd.core.toml_reader import BadToml, Mistake, Mistakes, Toml
from syncd.portal.calendar import due_dates
from syncd.portal.calendar.rules import Basis, DayRow, Due, Every, Rule, Rulebook

_RULE = (
    "id", "title", "title_en", "every", "due", "source", "seen", "kind", "applies", "forms", "documents", "shift", "valid_from", "valid_to",
    "basis", "verified_on", "note",
)  # fmt: skip
_DUE = tuple(f.name for f in msgspec.structs.fields(Due))
_ROW = ("table", "day", "departments", "legal_forms", "initials", "siren")
_NEEDED = {
    "after_period": ("months", "day"), "in_month": ("month", "day"), "working_day": ("after", "n"), "open_day": ("months", "n"), "ten_days": (),
    "instalments": ("day", "first"),
}  # fmt: skip
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PREDICATES = (*fiscal_facts.WORDS, "closing_day", "department", "flags")
MONTHS = range(1, 13)
SHORTEST = 28  # days that every month has


class RuleError(UsageError):
    def __init__(self, source: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(m.sentence(source) for m in mistakes))


def parse(text: str, source: str) -> Rulebook:
    """The rules and tables of one file. Raises RuleError."""
    try:
        toml = Toml(text)
    except BadToml as e:
        raise RuleError(source, [e.mistake]) from None
    reader = _Reader(toml)
    book = reader.read()
    if reader.mistakes:
        raise RuleError(source, sorted(reader.mistakes.found, key=lambda m: m.line))
    return book


def joined(books: Iterable[tuple[str, Rulebook]]) -> Rulebook:
    """Files as one, by source. Raises RuleError where two rules of one id hold at once, or a table is nowhere."""
    rules, tables, mistakes = list[Rule](), dict[str, tuple[DayRow, ...]](), list[Mistake]()
    for source, book in books:
        for rule in book.rules:
            for other in rules:
                if other.id == rule.id and other.valid_from <= rule.valid_to and rule.valid_from <= other.valid_to:
                    said = f"two rules '{rule.id}' hold at once."
                    mistakes.append(Mistake(0, said, "End the first one before: valid_to.", source))
            rules.append(rule)
        tables |= book.tables
    for rule in rules:
        if isinstance(rule.due.day, str) and rule.due.day not in ("last", "same", *tables):
            said = f"rule '{rule.id}' names the table '{rule.due.day}', which is nowhere."
            mistakes.append(Mistake(0, said, f"Known: {', '.join(tables) or 'none'}."))
    if mistakes:
        raise RuleError("fiscal rules", mistakes)
    return Rulebook(tuple(rules), tables)


class _Reader:
    def __init__(self, toml: Toml) -> None:
        self.toml, self.mistakes, self.nth = toml, Mistakes(), 0

    def read(self) -> Rulebook:
        for key in self.toml.values:
            if key not in ("rule", "day"):
                self.mistakes.unknown("table", key, ("rule", "day"), self.toml.line("", key) or self.toml.line(key))
        rules = []
        for n, item in enumerate(self.toml.values.get("rule", [])):
            self.nth = n
            rule = self.rule(item)
            if rule is not None:
                rules.append(rule)
        if not self.mistakes:
            try:
                joined([("", Rulebook(tuple(rules), dict.fromkeys(_named(rules), ())))])
            except RuleError as e:
                self.mistakes.found += e.mistakes
        return Rulebook(tuple(rules), self.tables())

    def line(self, key: str = "") -> int:
        return self.toml.line("rule", key, self.nth)

    def wrong(self, key: str, said: str, hint: str) -> None:
        self.mistakes.add(self.line(key), said, hint)

    def rule(self, item: dict[str, Any]) -> Rule | None:
        before = len(self.mistakes.found)
        self.keys(item)
        if len(self.mistakes.found) > before:
            return None
        applies = self.applies(item.get("applies", {}))
        every, basis = self.word(Every, item, "every", ""), self.word(Basis, item, "basis", Basis.PERIOD)
        due = self.due(item.get("due"))
        if due is not None and due.kind == "instalments" and every != Every.EXERCISE:
            self.wrong("every", "instalments follow an exercise.", 'Write every = "exercise".')
        if len(self.mistakes.found) > before or due is None:
            return None
        given = {k: v for k, v in item.items() if k not in ("applies", "due", "every", "basis")}
        try:
            return msgspec.convert(given | {"applies": applies, "due": due, "every": every, "basis": basis}, Rule)
        except msgspec.ValidationError as e:
            self.wrong("id", f"rule '{item['id']}': {e}.", "See the other rules.")
        return None

    def keys(self, item: dict[str, Any]) -> None:
        for key in item:
            if key not in _RULE:
                self.mistakes.unknown("key", key, _RULE, self.line(key))
        for key in ("id", "title", "title_en", "source", "kind"):
            if not isinstance(item.get(key), str) or not item[key].strip():
                self.wrong(key, f"a rule has no {key}.", f'Add: {key} = "…".')
        for key in ("seen", "valid_from", "valid_to", "verified_on"):
            if (key in item or key == "seen") and type(item.get(key)) is not date:
                self.wrong(key, f"{key} is no date.", f"Write {key} = 2026-11-28.")
                return
        if not _ID.fullmatch(str(item.get("id"))):
            self.wrong("id", f"'{item.get('id')}' is no id.", "Use small letters, digits and '-'.")
        if item.get("kind") not in FOLDER_KINDS:
            self.mistakes.unknown("kind", str(item.get("kind")), FOLDER_KINDS, self.line("kind"))
        if item.get("valid_to", date.max) < item.get("valid_from", date.min):
            self.wrong("valid_to", "valid_to is before valid_from.", "Swap them.")

    def word(self, words: type[StrEnum], item: dict[str, Any], key: str, default: str) -> str:
        value = item.get(key, default)
        if value not in tuple(words):
            self.mistakes.unknown(key, str(value), tuple(words), self.line(key))
        return str(value)

    def applies(self, given: Any) -> dict[str, tuple[str, ...]]:
        if not isinstance(given, dict):
            self.wrong("applies", "applies is no table.", 'Write applies = { vat_regime = ["monthly"] }.')
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for name, words in given.items():
            fact = name.removesuffix("_not")
            if fact not in _PREDICATES:
                self.mistakes.unknown("fact", name, _PREDICATES, self.line("applies"))
            elif not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
                self.wrong("applies", f"{name} is no list of words.", f'Write {name} = ["…"].')
            else:
                known = fiscal_facts.FLAGS if fact == "flags" else fiscal_facts.WORDS.get(fact, ())
                for word in words if known else ():
                    if word not in known:
                        self.mistakes.unknown(fact, word, known, self.line("applies"))
                found[name] = _departments(words) if fact == "department" else tuple(words)
        return found

    def due(self, given: Any) -> Due | None:
        if not isinstance(given, dict) or given.get("kind") not in due_dates.KINDS:
            kinds = ", ".join(due_dates.KINDS)
            self.wrong("due", "due has no known kind.", f'Write due = {{ kind = "…" }} with one of: {kinds}.')
            return None
        for key in given:
            if key not in _DUE:
                self.mistakes.unknown("key", key, _DUE, self.line("due"))
        for key in _NEEDED[given["kind"]]:
            if key not in given:
                self.wrong("due", f"{given['kind']} says no {key}.", f"Add {key}.")
        try:
            due = msgspec.convert(given, Due)
        except msgspec.ValidationError as e:
            self.wrong("due", f"due: {e}.", "See the other rules.")
            return None
        self.days(due)
        return due

    def days(self, due: Due) -> None:
        """A day that some month lacks would silently be another one."""
        if isinstance(due.day, int) and not 0 <= due.day <= SHORTEST:
            self.wrong("due", f"day {due.day} is not in every month.", 'Use a day up to 28, or "last".')
        if due.kind == "in_month" and due.month not in MONTHS:
            self.wrong("due", f"there is no month {due.month}.", "Use 1 to 12.")
        for text in (due.after,) if due.kind == "working_day" else ():
            if not _month_day(text):
                self.wrong("due", f"'{text}' is no day of a year.", "Write it as 05-01.")
        for start, end, month in due.first:
            if not (_month_day(start) and _month_day(end)) or month not in MONTHS:
                self.wrong(
                    "due", f"first: {start}, {end}, {month} are no days and a month.", 'Write ["11-20", "02-19", 3].'
                )

    def tables(self) -> dict[str, tuple[DayRow, ...]]:
        found: dict[str, tuple[DayRow, ...]] = {}
        for n, item in enumerate(self.toml.values.get("day", [])):
            line = self.toml.line("day", "", n)
            for key in item:
                if key not in _ROW:
                    self.mistakes.unknown("key", key, _ROW, self.toml.line("day", key, n))
            name = item.get("table", "")
            values = {k: v for k, v in item.items() if k != "table"} | {
                "departments": _departments(item.get("departments", []))
            }
            try:
                row = msgspec.convert(values, DayRow)
            except msgspec.ValidationError as e:
                self.mistakes.add(line, f"day: {e}.", "See the other rows.")
                continue
            if not isinstance(name, str) or not name or not 1 <= row.day <= SHORTEST:
                self.mistakes.add(
                    line, "a row of a table names it, and a day from 1 to 28.", 'Write table = "…", day = 19.'
                )
            else:
                found[name] = (*found.get(name, ()), row)
        return found


def _named(rules: Iterable[Rule]) -> set[str]:
    return {rule.due.day for rule in rules if isinstance(rule.due.day, str)}


def _month_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        return False
    return True


def _departments(words: Iterable[str]) -> tuple[str, ...]:
    """« 01-19 » as each of them; Corsica is 20."""
    found: list[str] = []
    for word in words:
        first, _, last = word.partition("-")
        if last and first.isdecimal() and last.isdecimal():
            for n in range(int(first), int(last) + 1):
                found += ["2A", "2B"] if n == 20 else [f"{n:02}"]
        else:
            found.append(word)
    return tuple(found)
