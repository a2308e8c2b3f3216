"""Lists of what is asked for together, from TOML text: `lists/README.md` describes the format. Pure; `own_lists` reads the files."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core.errors import UsageError
from syncd.core.plain_text import one_line
from syncd.core.templates import KINDS
from syncd.core.toml_reader import BadToml, Mistakes, Toml
from syncd.portal.messages.requests.cadence import Cadence
from syncd.portal.messages.requests.periods import Period

MOST, EXPECTED, DAYS = 60, 99, 365
LABEL, NOTE, TITLE = 200, 500, 100
ASKED_KINDS = tuple(k for k in KINDS if k not in ("internal", "information", "ecritures", "fec", "inbox"))
_TOP = ("name", "title", "description", "due_in", "monthly", "remind_before", "remind_after", "remind_every", "item")
_ITEM = ("label", "kind", "period", "expected", "note")


class ListItem(msgspec.Struct, frozen=True):
    """`expected`: how many documents; `kind`: of the folder they belong into."""

    label: str
    kind: str = "other"
    period: Period = Period.NONE
    expected: int = 1
    note: str = ""


class RequestList(msgspec.Struct, frozen=True):
    """`due_in`: days that people have; `monthly`: it is made again every month unless somebody says otherwise; `own`: the cabinet's."""

    name: str
    title: str
    items: tuple[ListItem, ...]
    description: str = ""
    due_in: int = 15
    monthly: bool = False
    cadence: Cadence = Cadence()
    own: bool = False


def parse(text: str, source: str = "list") -> RequestList:
    """Raises UsageError with every mistake, its line and what to write instead."""
    try:
        toml = Toml(text)
    except BadToml as e:
        raise UsageError(e.mistake.sentence(source)) from None
    reader = _Reader(toml)
    found = reader.read(toml.values)
    if reader.mistakes:
        raise UsageError(reader.mistakes.sentences(source))
    return found


class _Reader:
    def __init__(self, toml: Toml) -> None:
        self.toml, self.mistakes = toml, Mistakes()

    def read(self, data: dict[str, Any]) -> RequestList:
        for key in data:
            if key not in _TOP:
                self.mistakes.unknown("key", key, _TOP, self.toml.line("", key))
        name, title = self.text(data, "name", 40), self.text(data, "title", TITLE)
        raw = data.get("item", [])
        if not isinstance(raw, list) or not raw or len(raw) > MOST:
            self.mistakes.add(1, f"the list has no [[item]], or more than {MOST}.", 'Add [[item]] with label = "…".')
            raw = []
        items = [self.item(one, n) for n, one in enumerate(raw)]
        monthly = data.get("monthly", False)
        if not isinstance(monthly, bool):
            self.mistakes.add(self.toml.line("", "monthly"), f"monthly is {monthly!r}.", "Write true or false.")
        cadence = Cadence(self.days(data, "remind_before", (7, 1)), self.days(data, "remind_after", (3,)),
                          self.number(data, "remind_every", 7, 0, DAYS, self.toml.line("", "remind_every")))  # fmt: skip
        due_in = self.number(data, "due_in", 15, 1, DAYS, self.toml.line("", "due_in"))
        said = one_line(str(data.get("description", "")), 300)
        return RequestList(name, title, tuple(items), said, due_in, monthly is True, cadence)

    def item(self, one: object, nth: int) -> ListItem:
        def line(key: str = "") -> int:
            return self.toml.line("item", key, nth)

        if not isinstance(one, dict):
            self.mistakes.add(line(), "an item is not a table.", "Write [[item]].")
            return ListItem("")
        for key in one:
            if key not in _ITEM:
                self.mistakes.unknown("key", key, _ITEM, line(key))
        label = one_line(str(one.get("label", "")), LABEL)
        if not label:
            self.mistakes.add(line("label"), "an item has no label.", 'Add: label = "Relevés bancaires".')
        kind, period = one.get("kind", "other"), one.get("period", "none")
        if kind not in ASKED_KINDS:
            self.mistakes.unknown("kind", str(kind), ASKED_KINDS, line("kind"))
        if period not in tuple(Period):
            self.mistakes.unknown("period", str(period), tuple(Period), line("period"))
            period = "none"
        expected = self.number(one, "expected", 1, 1, EXPECTED, line("expected"))
        return ListItem(label, str(kind), Period(period), expected, one_line(str(one.get("note", "")), NOTE))

    def text(self, data: dict[str, Any], key: str, most: int) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not one_line(value, most):
            self.mistakes.add(self.toml.line("", key) or 1, f"the list has no {key}.", f'Add: {key} = "…".')
            return ""
        return one_line(value, most)

    def number(self, data: dict[str, Any], key: str, default: int, least: int, most: int, line: int) -> int:
        value = data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.mistakes.add(line, f"{key} is {value!r}.", f"Write a number from {least} to {most}.")
            return default
        return value

    def days(self, data: dict[str, Any], key: str, default: tuple[int, ...]) -> tuple[int, ...]:
        value = data.get(key, list(default))
        fine = isinstance(value, list) and len(value) <= 6
        if not fine or not all(type(n) is int and 1 <= n <= DAYS for n in value):
            line = self.toml.line("", key)
            self.mistakes.add(line, f"{key} is {value!r}.", f"Write days from 1 to {DAYS}: {key} = [7, 1].")
            return default
        return tuple(value)
