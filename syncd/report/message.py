"""A mail as data: what to do first, then client by client, totals last; rendered as text and as HTML for a phone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from jinja2 import Template


class Section(msgspec.Struct, frozen=True):
    """`lines`: sentences, one each. `tone`: `todo`, `trouble` or ''."""

    title: str
    lines: tuple[str, ...]
    tone: str = ""


class Message(msgspec.Struct, frozen=True):
    """`verdict`: its code. What to do comes first, then `lead`, then the rest, `closing`: totals, `foot`: where it is from."""

    subject: str
    verdict: str
    heading: str
    sections: tuple[Section, ...]
    closing: str = ""
    foot: str = ""
    language: str = "fr"
    lead: tuple[str, ...] = msgspec.field(default_factory=tuple)

    @property
    def first(self) -> list[Section]:
        return [s for s in self.sections if s.tone]

    @property
    def then(self) -> list[Section]:
        return [s for s in self.sections if not s.tone]


def as_text(message: Message) -> str:
    out = [message.heading, ""]
    for section in message.first:
        out += [section.title, *(f"  {line}" for line in section.lines), ""]
    out += [*message.lead, *([""] if message.lead else [])]
    for section in message.then:
        out += [section.title, "-" * len(section.title), *(f"  {line}" for line in section.lines), ""]
    if message.closing:
        out += [message.closing, ""]
    return "\n".join([*out, "-- ", message.foot]).rstrip() + "\n"


def as_html(message: Message) -> str:
    return _page().render(m=message)


@cache
def _page() -> Template:
    from jinja2 import Environment, PackageLoader

    return Environment(
        loader=PackageLoader("syncd.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("mail.html")


def foot(where: str, language: str = "fr") -> str:
    """The last line of every mail: who wrote it, and where there is more. `where`: the portal's address."""
    if language == "fr":
        return f"Message automatique de la synchronisation avec {where}. Détails : syncd report, syncd status."
    return f"An automatic message of the synchronisation with {where}. Details: syncd report, syncd status."
