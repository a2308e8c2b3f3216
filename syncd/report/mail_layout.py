"""How a mail looks, the engine's and the portal's: text for any program, HTML for telephones and for Outlook.

Neither grows with what it is about: long lists end with how many more there are, and everything stays below MOST bytes as
it is sent (Gmail cuts a mail off at 102 KB).
"""

from __future__ import annotations

import quopri
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from syncd.core import words
from syncd.core.brand_colour import for_dark
from syncd.core.paths import split_ext
from syncd.core.plain_text import one_line
from syncd.report.message import Message, Row, Section

if TYPE_CHECKING:
    from jinja2 import Template

MOST = 58_000  # bytes of both parts as they are sent; their headers come to it
SUBJECT, NAME, SENTENCE = 120, 90, 400  # characters
STEPS = ((40, 40), (10, 15), (5, 15), (3, 10), (1, 5), (1, 1), (0, 0))  # lines of a section at most, sections


def subject(message: Message) -> str:
    """One line that no header breaks at, short enough for a list of mails."""
    return shortened(one_line(message.subject, 10_000, printed=True), SUBJECT)


def written(message: Message) -> tuple[str, str]:
    """Text and HTML, as much of the lists as there is room for."""
    text = page = ""
    for lines, sections in STEPS:
        cut = _cut(_clean(message), lines, sections)
        text, page = _text(cut), _html(cut)
        if _sent(text) + _sent(page) <= MOST:
            break
    return text, page


def _sent(text: str) -> int:
    return len(quopri.encodestring(text.encode()))


def shortened(name: str, most: int) -> str:
    """In the middle, so that the extension and the end that tells one from another stay."""
    if len(name) <= most:
        return name
    end = max(len(split_ext(name)[1]) + 8, most // 4)
    end = min(end, most // 2)
    return f"{name[: most - end - 1].rstrip()}…{name[-end:].lstrip()}"


def _clean(message: Message) -> Message:
    """Every piece one line of a length that people read."""

    def said(text: str, most: int = SENTENCE) -> str:
        return shortened(one_line(text, 10_000, printed=True), most)

    def line(one: str | Row) -> str | Row:
        return Row(said(one.name, NAME), said(one.note), one.href) if isinstance(one, Row) else said(one)

    return replace(
        message, subject=subject(message), heading=said(message.heading), closing=said(message.closing),
        foot=said(message.foot), lead=tuple(map(said, message.lead)), preview=said(message.preview),
        sender=replace(message.sender, name=said(message.sender.name)),
        sections=tuple(
            replace(s, title=said(s.title, SENTENCE if s.tone else NAME), lines=tuple(map(line, s.lines[: s.most])), of=max(s.of, len(s.lines)))
            for s in message.sections
        ),
    )  # fmt: skip


def _cut(message: Message, lines: int, sections: int) -> Message:
    kept = [
        replace(s, lines=s.lines[:lines], others=_others(s, lines, message.language))
        for s in message.sections[: sections + 1]
    ]
    if (left := len(message.sections) - sections) > 0:
        more = (
            words.count(left, "autre partie n'est pas montrée ici", "autres parties ne sont pas montrées ici")
            if message.language == "fr"
            else f"{words.number(left, 'en')} more not shown here"
        )
        kept = [*kept[:sections], Section("", (more,))]
    return replace(message, sections=tuple(kept))


def _others(section: Section, lines: int, language: str) -> str:
    left = section.of - min(lines, len(section.lines))
    if left <= 0:
        return ""
    if section.others:
        return section.others.replace("{n}", words.number(left, language))
    if language == "fr":
        return f"et {words.count(left, 'autre', 'autres')}"
    return f"and {words.number(left, 'en')} more"


def _text(message: Message) -> str:
    colon = f"{words.NBSP}: " if message.language == "fr" else ": "
    out = [message.heading, "", *message.lead, *([""] if message.lead else [])]
    for section in message.first:
        out += [*_part(section, colon), ""]
    if message.button:
        out += [f"{message.button.text}{colon}{message.button.href}", ""]
    for section in message.then:
        out += [*_part(section, colon), ""]
    if message.closing:
        out += [message.closing, ""]
    out += ["-- ", *([message.sender.name] if message.sender.name else []), message.foot]
    out += [f"{link.text}{colon}{link.href}" for link in message.footers]
    return "\n".join(out).rstrip() + "\n"


def _part(section: Section, colon: str) -> list[str]:
    out = [section.title, "-" * _width(section.title)] if section.title else []
    for line in section.lines:
        if isinstance(line, Row):
            out.append(f"  {line.name}{colon if line.note else ''}{line.note}")
            out += [f"    {line.href}"] if line.href else []
        else:
            out.append(f"  {line}")
    return [*out, *([f"  … {section.others}"] if section.others else [])]


def _width(title: str) -> int:
    """Columns: an emoji takes two."""
    return min(70, sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in title))


def _html(message: Message) -> str:
    return _page().render(m=message, dark=for_dark(message.sender.colour), preview=message.preview or _preview(message))


def _preview(message: Message) -> str:
    """What stands there anyway, but for the subject again."""
    return next((x for x in (*message.lead, message.heading, message.closing) if x and x != message.subject), "")


@cache
def _page() -> Template:
    from jinja2 import Environment, PackageLoader

    page = Environment(loader=PackageLoader("syncd.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page.tests["row"] = _is_row
    return page.get_template("mail.html")


def _is_row(line: Any) -> bool:
    return isinstance(line, Row)
