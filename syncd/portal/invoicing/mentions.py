"""What the law has an invoice say: data with the days each mention holds and where that was read, never a text in a template."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

FILE = Path(__file__).parent / "legal_mentions" / "fr.toml"
FACTS = frozenset(
    {
        "quote", "business", "private", "debits", "sole_trader", "franchise", "reverse_charge", "intra_eu", "export", "outside",
    }
)  # fmt: skip

Place = Literal["note", "data", "reason", "name"]


class BadMentions(ValueError):
    """The file of mentions was changed by hand, and is none any more."""


class Mention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`when`: facts that are all so; `unless`: of which none is. `verified`: somebody read the text of the law itself."""

    id: str
    text: str
    place: Place
    source: str
    seen: date
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    code: str = ""
    valid_from: date = date.min
    valid_to: date = date.max
    verified: bool = True

    def holds(self, day: date, facts: frozenset[str]) -> bool:
        return self.valid_from <= day <= self.valid_to and facts.issuperset(self.when) and facts.isdisjoint(self.unless)


def parse(text: str) -> tuple[Mention, ...]:
    """Raises BadMentions with what is wrong."""
    try:
        given = tomllib.loads(text)
        found = msgspec.convert(given.get("mention", []), tuple[Mention, ...])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as e:
        raise BadMentions(str(e)) from None
    for mention in found:
        unknown = {*mention.when, *mention.unless} - FACTS
        if unknown:
            raise BadMentions(f"{mention.id}: unknown facts {', '.join(sorted(unknown))}")
        if not mention.source.strip():
            raise BadMentions(f"{mention.id}: says no source")
        if mention.valid_to < mention.valid_from:
            raise BadMentions(f"{mention.id}: ends before it begins")
    if len({m.id for m in found}) != len(found):
        raise BadMentions("two mentions have one id")
    return found


@lru_cache(maxsize=1)
def shipped() -> tuple[Mention, ...]:
    return parse(FILE.read_text(encoding="utf-8"))


def due(day: date, facts: Iterable[str], known: Sequence[Mention] | None = None) -> list[Mention]:
    """What an invoice of that day and these facts has to say, in the order of the file."""
    said = frozenset(facts)
    return [m for m in (shipped() if known is None else known) if m.holds(day, said)]


def filled(mention: Mention, words: Mapping[str, str]) -> str:
    text = mention.text
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
