"""Trouble told at once, and its end (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from syncd.core import agreements, words
from syncd.core.outcomes import VANISHED
from syncd.core.telling import Trouble
from syncd.core.verdicts import Verdict
from syncd.report.digest import Day, agreement, nameless, trouble
from syncd.report.lines import waiting
from syncd.report.message import Message, Section
from syncd.report.run_report import who
from syncd.report.standing import Held

SHOWN = 40


def alarm(
    news: Sequence[Trouble],
    over: Sequence[Trouble],
    held_back: Iterable[Held],
    names: Mapping[str, str],
    may_name: Callable[[str, str], bool],
    at: datetime,
    language: str = "fr",
    foot: str = "",
) -> Message:
    """Trouble told at once, and what is over, in one mail."""
    french = language == "fr"
    day = Day((), (), (), (), names, may_name, at, language)
    sections = []
    by_client = {(w.client, w.reason): w for w in held_back}
    for t in news:
        w = by_client.get((t.client, t.reason))
        if w is not None:
            sections.append(_held_section(w, day))
        else:
            since = (
                f"{'Depuis le' if french else 'Since'} {words.date_time(datetime.fromtimestamp(t.since, at.tzinfo))}."
            )
            title = trouble(t, names, language)
            told: tuple[str, ...] = (since,)
            if t.reason == VANISHED:  # what happened, then what to do
                what, _, mend = words.reason(t.reason, t.detail, language).partition(" : " if french else ": ")
                title, told = f"{who(t.client, names)} : {what}", (f"{mend[0].upper()}{mend[1:]}.", since)
            sections.append(Section(title, told, "trouble"))
    if over:
        lines = [
            f"{trouble(t, names, language)} ({'depuis le' if french else 'since'} {words.date_time(datetime.fromtimestamp(t.since, at.tzinfo))})"
            for t in over
        ]
        sections.append(Section("C'est rétabli" if french else "Over", tuple(lines)))
    verdict = Verdict.DONE
    if news:
        verdict = (
            Verdict.ABANDONED
            if any(t.reason == "abandoned" for t in news)
            else Verdict.WARNING
            if all(t.reason.startswith("guard_") or t.reason == VANISHED for t in news)
            else Verdict.ERROR
        )
    label = words.label(verdict, language) if news else ("Rétabli" if french else "Over")
    first = (news or over)[0]
    about = names.get(first.client, first.client) if first.client else ""
    what = (
        ("en attente de votre accord" if french else "waiting for your agreement")
        if first.reason.startswith("guard_")
        else _short(first, language)
    )
    more = len(news or over) - 1
    subject = f"{label} – synchronisation du {at:%d/%m} – {about + ' : ' if about else ''}{what}" + (
        f" (et {more} de plus)" if more else ""
    )
    if not french:
        subject = f"{label} – synchronisation of {at:%d/%m} – {about + ': ' if about else ''}{what}" + (
            f" (and {more} more)" if more else ""
        )
    heading = f"{label} – {'le' if french else ''} {words.date_time(at)}".replace("  ", " ")
    lead: tuple[str, ...] = ()
    if verdict is Verdict.ABANDONED:
        lead = (
            "Rien n'est perdu : tout reprend dès que ce point est réglé."
            if french
            else "Nothing is lost: everything goes on once this is settled.",
        )
    elif news:
        lead = (
            "Ces points demandent quelqu'un. Le reste continue."
            if french
            else "These need somebody. Everything else goes on.",
        )
    return Message(subject, verdict.value, heading, tuple(sections), "", foot, language, lead)


def _short(t: Trouble, language: str) -> str:
    """For a subject: the reason without what to do about it."""
    if t.reason == VANISHED:
        return words.reason(t.reason, t.detail, language).partition(" : ")[0].partition(": ")[0]
    why = words.reason(t.detail.partition(" ")[0] if t.reason == "abandoned" else t.reason, "", language)
    return why.partition(" ; ")[0].partition("; ")[0].removeprefix("interrompu : ").removeprefix("stopped: ")


def _held_section(w: Held, day: Day) -> Section:
    """What one guard holds back: why, how many of what, how to agree, then their names."""
    french = day.french
    why = words.reason(w.reason, "", day.language)
    lines = [why[0].upper() + why[1:] + ".", agreement(w, day.names, day.language)[1].strip()]
    documents = [(x, nameless({**x, "client": w.client}, day.may_name)) for x in agreements.counted(w.lines)]
    named = [x for x, told in documents if not told.get("hidden")]
    alike = len({agreements.change(x) for x, _ in documents}) == 1
    for x in named[:SHOWN]:
        lines.append(str(x["path"]) if alike else waiting(x, day.language))
    if more := len(documents) - min(len(named), SHOWN):
        lines.append(
            f"… et {words.count(more, 'autre document', 'autres documents')}" if french else f"… and {more} more"
        )
    return Section(who(w.client, day.names), tuple(lines), "todo")
