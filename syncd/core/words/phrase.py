"""What one thing is called in both languages, and how it is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Phrase(NamedTuple):
    """A sentence, or a piece of one; `{name}` stands for a value."""

    french: str
    english: str

    def __call__(self, language: str, /, **values: object) -> str:
        return (self.english if language == "en" else self.french).format(**values)

    def of(self, **values: object) -> Sentence:
        return Sentence(self, values)


class Sentence(NamedTuple):
    """A phrase that is filled in already; as text it is English, in a language when it is called with it."""

    phrase: Phrase
    values: Mapping[str, object]

    def __call__(self, language: str, /) -> str:
        return self.phrase(language, **self.values)

    def __str__(self) -> str:
        return self("en")


class Counted(NamedTuple):
    """A number of things, (one, several) in each language: French says 0 as one, English as several."""

    french: tuple[str, str]
    english: tuple[str, str]

    def __call__(self, language: str, number: int, /) -> str:
        if language == "en":
            return f"{number} {self.english[number != 1]}"
        return f"{number} {self.french[number > 1]}"
