"""Trouble told at once, and its end (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from syncd.core import plan_totals, words
from syncd.core.alert_timing import Trouble
from syncd.core.reasons import STORMS, Family, family
from syncd.core.verdicts import Verdict
from syncd.report import agreements
from syncd.report.digest import Day, nameless, trouble
from syncd.report.event_sentences import what
from syncd.report.message import Link, Message, Row, Section, colon, printed
from syncd.report.open_problems import Held
from syncd.report.run_report import Nameless, who

SHOWN = 40  # names of what one request is about, before the layout's own bound


def alarm(news: Sequence[Trouble], over: Sequence[Trouble], held_back: Iterable[Held], day: Day) -> Message:
    """Trouble told at once, and what is over, in one mail. `day`: whom it is for, and when."""
    by_client = {(w.client, w.reason): w for w in held_back}
    held = [by_client[key] for t in news if (key := (t.client, t.reason)) in by_client]
    sections = [part for w in held for part in _held_sections(w, day)]
    sections += [_section(t, day) for t in news if (t.client, t.reason) not in by_client]
    answered = [t for t in over if family(t.reason) is Family.GUARD]  # nothing was broken
    if mended := [t for t in over if t not in answered]:
        lines = (f"{trouble(t, day.names, day.language)} ({_since(t, day, 'depuis le', 'since')})" for t in mended)
        sections.append(Section("C'est rétabli" if day.french else "Over", tuple(lines)))
    if answered:
        title = "N'attend plus votre accord" if day.french else "No longer waiting for your agreement"
        sections.append(Section(title, tuple(_answered(t, day) for t in answered)))
    verdict = _verdict(news)
    subject = _subject(news, over, held, day)
    message = Message(
        subject, verdict.value, subject, tuple(sections), "", day.foot, day.language, _lead(verdict, day),
        _button(news, held, day), sender=day.sender,
    )  # fmt: skip
    return printed(message, day.names.values())


def _button(news: Sequence[Trouble], held: Sequence[Held], day: Day) -> Link | None:
    if not day.portal or not news:
        return None
    here = Link("Voir la synchronisation" if day.french else "See the synchronisation", f"{day.portal}/synchronisation")
    return agreements.button([w for w in held if not w.declined_at], day.portal, day.language) or here


def _answered(t: Trouble, day: Day) -> str:
    """`SARL Dupont (007868) : première mise en ligne (demandé le 21/11/2026 14:03)`."""
    asked = words.reason(t.reason, "", day.language)
    said = asked.partition(colon(day.language))[2] or asked
    return f"{who(t.client, day.names)}{colon(day.language)}{said} ({_since(t, day, 'demandé le', 'asked')})"


def _verdict(news: Sequence[Trouble]) -> Verdict:
    if not news:
        return Verdict.DONE
    if any(t.reason == "abandoned" for t in news):
        return Verdict.ABANDONED
    waits = all(family(t.reason) is Family.GUARD or t.reason in STORMS for t in news)
    return Verdict.WARNING if waits else Verdict.ERROR


def _since(t: Trouble, day: Day, french: str, english: str) -> str:
    moment = words.date_time(datetime.fromtimestamp(t.since, day.at.tzinfo))
    return f"{french if day.french else english} {moment}"


def _section(t: Trouble, day: Day) -> Section:
    """Something that nobody agrees to: what it is, and since when."""
    since = f"{_since(t, day, 'Depuis le', 'Since')}."
    if t.reason not in STORMS:
        return Section(trouble(t, day.names, day.language), (since,), "trouble")
    # what happened, then what to do
    said, _, mend = words.reason(t.reason, t.detail, day.language).partition(colon(day.language))
    return Section(
        f"{who(t.client, day.names)}{colon(day.language)}{said}", (f"{mend[0].upper()}{mend[1:]}.", since), "trouble"
    )


def _subject(news: Sequence[Trouble], over: Sequence[Trouble], held: Sequence[Held], day: Day) -> str:
    """What to do, and of whom; what is broken goes before what only waits."""
    broken = [t for t in news if family(t.reason) is not Family.GUARD]
    if not broken and held:
        return agreements.asked(held, day.names, day.language)
    said, french = broken or list(news) or list(over), day.french
    first, more = said[0], len(said) - 1
    about = day.names.get(first.client, first.client) if first.client else ""
    about += colon(day.language) if about else ""
    rest = ((f" (et {more} de plus)" if french else f" (and {more} more)") if more else "") + (
        f" – {agreements.asked(held, day.names, day.language)}" if held else ""
    )
    return f"{_label(first, over, day)} – {about}{_short(first, day.language)}{rest}"


def _label(first: Trouble, over: Sequence[Trouble], day: Day) -> str:
    """How urgent it is, in a word."""
    if first.ended:
        mended = any(family(t.reason) is not Family.GUARD for t in over)
        return (("Rétabli" if mended else "Réglé") if day.french else ("Over" if mended else "Settled"))  # fmt: skip
    if first.reason == "abandoned":
        return "Synchronisation arrêtée" if day.french else "Synchronisation stopped"
    if family(first.reason) is Family.GUARD:
        return "À autoriser" if day.french else "To authorise"
    return "À vérifier" if day.french else "To be checked"


def _lead(verdict: Verdict, day: Day) -> tuple[str, ...]:
    date = words.date_time(day.at)
    when = f"Le {date}." if day.french else f"{date}."
    if verdict is Verdict.DONE:
        return (when,)
    if verdict is Verdict.ABANDONED:
        said = "Rien n'est perdu : tout reprend dès que ce point est réglé."
        return (said if day.french else "Nothing is lost: everything goes on once this is settled.", when)
    said = "À vous de décider ; tout le reste continue."
    return (said if day.french else "It is for you to decide; everything else goes on.", when)


def _short(t: Trouble, language: str) -> str:
    """For a subject: the reason without what to do about it."""
    if t.ended and family(t.reason) is Family.GUARD:
        return "n'attend plus votre accord" if language == "fr" else "no longer waiting for your agreement"
    if t.reason in STORMS:
        return words.reason(t.reason, t.detail, language).partition(" : ")[0].partition(": ")[0]
    why = words.reason(t.detail.partition(" ")[0] if t.reason == "abandoned" else t.reason, "", language)
    return why.partition(" ; ")[0].partition("; ")[0].removeprefix("interrompu : ").removeprefix("stopped: ")


def _held_sections(w: Held, day: Day) -> list[Section]:
    """What one guard holds back: why, how many of what in which folder, how to agree; then the first of them by name."""
    why = words.reason(w.reason, "", day.language)
    lines = [f"{why[0].upper()}{why[1:]}.", *agreements.by_folder(w, day.language)]
    if not w.declined_at and day.commands:
        lines.append(agreements.command(w.client, day.language))
    out = [Section(who(w.client, day.names), tuple(lines), "todo", most=SHOWN)]
    documents = plan_totals.counted(w.lines)
    named = [x for x in documents if not isinstance(nameless(replace(x, client=w.client), day.may_name), Nameless)]
    named = [x for x in named if x.path and x.action != "adopt"]
    if named:
        rows = tuple(
            Row(x.path, what(replace(x, action="waiting", detail=plan_totals.change(x)), day.language))
            for x in named[:SHOWN]
        )
        out.append(Section("Les documents" if day.french else "The documents", rows, of=len(documents)))
    return out
