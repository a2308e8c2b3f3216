"""A mail as data, the same for the engine's and the portal's: what to do, one button, then what it is about."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from syncd.core.brand_colour import OWN
from syncd.core.typography import french
from syncd.core.web_address import parse


class Link(msgspec.Struct, frozen=True):
    """What a button or a line of the foot says, and where it leads."""

    text: str
    href: str


def colon(language: str) -> str:
    """As it stands between what is spoken of and what is said of it."""
    return " : " if language == "fr" else ": "


class Row(msgspec.Struct, frozen=True):
    """One document: its name as it is, what is said of it, and where it is."""

    name: str
    note: str = ""
    href: str = ""


class Section(msgspec.Struct, frozen=True):
    """`lines`: sentences and documents, one each, of which up to `most` are shown. `tone`: `todo`, `trouble` or ''. `of`: how
    many there are, where `lines` are the first of more; `others` says the rest (« et {n} autres dossiers »)."""

    title: str
    lines: tuple[str | Row, ...]
    tone: str = ""
    of: int = 0
    others: str = ""
    most: int = 10


class Sender(msgspec.Struct, frozen=True):
    """Whose mail it is: `home`: the portal's address, '' where nobody who reads can reach it; `logo`: its address."""

    name: str = ""
    colour: str = OWN
    logo: str = ""
    home: str = ""


class Message(msgspec.Struct, frozen=True):
    """`verdict`: its code, for filters. `lead`: one sentence or two; `button`: the very thing to do; `closing`: totals;
    `preview`: what a list of mails shows after the subject, else the first of `lead`; `foot`: where it is from;
    `footers`: where these mails are set, and who else has them.
    """

    subject: str
    verdict: str
    heading: str
    sections: tuple[Section, ...]
    closing: str = ""
    foot: str = ""
    language: str = "fr"
    lead: tuple[str, ...] = msgspec.field(default_factory=tuple)
    button: Link | None = None
    preview: str = ""
    footers: tuple[Link, ...] = ()
    sender: Sender = Sender()

    @property
    def first(self) -> list[Section]:
        return [s for s in self.sections if s.tone]

    @property
    def then(self) -> list[Section]:
        return [s for s in self.sections if not s.tone]


def foot(where: str, language: str = "fr", *, commands: bool = False) -> str:
    """The last line of the engine's mails: who wrote it. `where`: the portal's address; `commands`: to the operator."""
    if language == "fr":
        said = f"Message automatique de la synchronisation avec {where}."
        return f"{said} Détails : syncd report, syncd status." if commands else said
    said = f"An automatic message of the synchronisation with {where}."
    return f"{said} Details: syncd report, syncd status." if commands else said


def reachable(url: str) -> str:
    """The portal's address where a reader's own machine reaches it; '' where it is this very machine's."""
    try:
        address = parse(url)
    except ValueError:
        return ""
    return "" if address.loopback else str(address)


def printed(message: Message, names: Iterable[str] = ()) -> Message:
    """With French as it is printed; names of documents, and `names` within sentences, stay as they are."""
    if message.language != "fr":
        return message
    kept = [name for name in names if french(name) != name]

    def said(text: str) -> str:
        here = [name for name in kept if name in text]
        for n, name in enumerate(here):
            text = text.replace(name, f"{{{n}}}")
        text = french(text)
        for n, name in enumerate(here):
            text = text.replace(f"{{{n}}}", name)
        return text

    def line(one: str | Row) -> str | Row:
        return Row(one.name, said(one.note), one.href) if isinstance(one, Row) else said(one)

    return msgspec.structs.replace(
        message, subject=said(message.subject), heading=said(message.heading), closing=said(message.closing),
        foot=said(message.foot), lead=tuple(map(said, message.lead)), preview=said(message.preview),
        button=message.button and Link(said(message.button.text), message.button.href),
        footers=tuple(Link(said(f.text), f.href) for f in message.footers),
        sections=tuple(
            msgspec.structs.replace(s, title=said(s.title), lines=tuple(map(line, s.lines)), others=said(s.others))
            for s in message.sections
        ),
    )  # fmt: skip
