"""What is said of a bag, or of one part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from syncd.core import words
from syncd.core.bag.layout import Choice, Entry
from syncd.core.inventory import Kept
from syncd.core.words import bag as said


class Bag(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: when its documents were as they are in it, in the reader's time zone. `entries`: of this part; `missing`: why
    some of them are not in it, a code of core.words.bag by the version's id. `left_out`: folders that nobody here may
    hand over. `journal`, `messages`: it holds them."""

    code: str
    name: str
    cabinet: str
    at: datetime
    entries: Sequence[Entry]
    missing: Mapping[str, str] = {}
    part: int = 1
    of: int = 1
    choice: Choice = Choice()
    left_out: Sequence[str] = ()
    journal: bool = False
    messages: bool = False
    language: str = "fr"

    @property
    def zone(self) -> tzinfo | None:
        return self.at.tzinfo

    @property
    def held(self) -> list[Entry]:
        return [e for e in self.entries if e.kept.version_id not in self.missing]

    @property
    def title(self) -> str:
        return said.TITLE(self.language, code=self.code, name=self.name)

    @property
    def state(self) -> str:
        """Of when it is, whose, and which part."""
        sentences = [said.STATE_OF(self.language, at=words.date_time(self.at), cabinet=self.cabinet)]
        if self.choice.exercise:
            sentences.append(said.EXERCISE(self.language, exercise=self.choice.exercise))
        if self.of > 1:
            sentences.append(said.PART(self.language, part=self.part, of=self.of))
        return " ".join(sentences)

    @property
    def count(self) -> str:
        return counted(len(self.held), len(self.entries), self.language)

    def when(self, seconds: float) -> str:
        return words.date_time(datetime.fromtimestamp(seconds, self.zone)) if seconds else ""

    def by(self, kept: Kept) -> str:
        """Who sent it: a name where one is known."""
        if kept.origin == "engine" or not kept.by:
            return self.origin(kept)
        return kept.by

    def origin(self, kept: Kept) -> str:
        phrase = said.ORIGINS.get(kept.origin)
        return phrase(self.language) if phrase else kept.origin

    def received_by(self, kept: Kept) -> str:
        return kept.received_by or (said.CABINET(self.language) if kept.received_at else "")

    def why(self, entry: Entry) -> str:
        """Why it is not in the bag; '' where it is."""
        code = self.missing.get(entry.kept.version_id, "")
        return why(code, self.language) if code else ""


def why(code: str, language: str) -> str:
    phrase = said.WHY.get(code)
    return phrase(language) if phrase else words.reason(code, "", language)


def counted(got: int, of: int, language: str = "fr") -> str:
    """« 131 récupérés sur 132 présents »."""
    got_word, all_word = (form(language, n).partition(" ")[2] for form, n in ((said.GOT, got), (said.PRESENT, of)))
    return said.RETRIEVED(
        language, got=words.number(got, language), got_word=got_word, all=words.number(of, language), all_word=all_word
    )
