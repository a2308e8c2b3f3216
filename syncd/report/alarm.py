"""Trouble told at once, and its end (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from syncd.core import plan_totals, words
from syncd.core.alerts import Trouble
from syncd.core.reasons import STORMS, Family, family
from syncd.core.verdicts import Verdict
from syncd.report.digest import Day, agreement, nameless, trouble
from syncd.report.event_sentences import waiting
from syncd.report.message import Message, Section
from syncd.report.open_problems import Held
from syncd.report.run_report import Nameless, who

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
    day = Day((), (), (), (), names, may_name, at, language)
    by_client = {(w.client, w.reason): w for w in held_back}
    sections = [
        _held_section(held, day) if (held := by_client.get((t.client, t.reason))) is not None else _section(t, day)
        for t in news
    ]
    answered = [t for t in over if family(t.reason) is Family.GUARD]  # nothing was broken
    if mended := [t for t in over if t not in answered]:
        lines = (f"{trouble(t, names, language)} ({_since(t, day, 'depuis le', 'since')})" for t in mended)
        sections.append(Section("C'est rétabli" if day.french else "Over", tuple(lines)))
    if answered:
        title = "N'attend plus votre accord" if day.french else "No longer waiting for your agreement"
        sections.append(Section(title, tuple(_answered(t, day) for t in answered)))
    verdict = _verdict(news)
    label = words.label(verdict, language) if news else _ended_label(bool(mended), day.french)
    heading = f"{label} – {'le ' if day.french else ''}{words.date_time(at)}"
    subject = _subject(label, news or over, day)
    return Message(subject, verdict.value, heading, tuple(sections), "", foot, language, _lead(verdict, day))


def _ended_label(mended: bool, french: bool) -> str:
    if mended:
        return "Rétabli" if french else "Over"
    return "Réglé" if french else "Settled"


def _answered(t: Trouble, day: Day) -> str:
    """`SARL Dupont (007868) : première mise en ligne (demandé le 21/11/2026 14:03)`."""
    colon = " : " if day.french else ": "
    asked = words.reason(t.reason, "", day.language)
    what = asked.partition(colon)[2] or asked
    return f"{who(t.client, day.names)}{colon}{what} ({_since(t, day, 'demandé le', 'asked')})"


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
    what, _, mend = words.reason(t.reason, t.detail, day.language).partition(" : " if day.french else ": ")
    return Section(f"{who(t.client, day.names)} : {what}", (f"{mend[0].upper()}{mend[1:]}.", since), "trouble")


def _subject(label: str, said: Sequence[Trouble], day: Day) -> str:
    first, more = said[0], len(said) - 1
    what = _short(first, day.language)
    if family(first.reason) is Family.GUARD and first.ended:
        what = "n'attend plus votre accord" if day.french else "no longer waiting for your agreement"
    elif family(first.reason) is Family.GUARD:
        what = "en attente de votre accord" if day.french else "waiting for your agreement"
    about = day.names.get(first.client, first.client) if first.client else ""
    if day.french:
        rest = f" (et {more} de plus)" if more else ""
        return f"{label} – synchronisation du {day.at:%d/%m} – {about + ' : ' if about else ''}{what}{rest}"
    rest = f" (and {more} more)" if more else ""
    return f"{label} – synchronisation of {day.at:%d/%m} – {about + ': ' if about else ''}{what}{rest}"


def _lead(verdict: Verdict, day: Day) -> tuple[str, ...]:
    if verdict is Verdict.DONE:
        return ()
    if verdict is Verdict.ABANDONED:
        said = "Rien n'est perdu : tout reprend dès que ce point est réglé."
        return (said if day.french else "Nothing is lost: everything goes on once this is settled.",)
    said = "Ces points demandent quelqu'un. Le reste continue."
    return (said if day.french else "These need somebody. Everything else goes on.",)


def _short(t: Trouble, language: str) -> str:
    """For a subject: the reason without what to do about it."""
    if t.reason in STORMS:
        return words.reason(t.reason, t.detail, language).partition(" : ")[0].partition(": ")[0]
    why = words.reason(t.detail.partition(" ")[0] if t.reason == "abandoned" else t.reason, "", language)
    return why.partition(" ; ")[0].partition("; ")[0].removeprefix("interrompu : ").removeprefix("stopped: ")


def _held_section(w: Held, day: Day) -> Section:
    """What one guard holds back: why, how many of what, how to agree, then their names."""
    french = day.french
    why = words.reason(w.reason, "", day.language)
    lines = [why[0].upper() + why[1:] + ".", agreement(w, day.names, day.language, day.at.tzinfo)[1].strip()]
    documents = [(x, nameless(replace(x, client=w.client), day.may_name)) for x in plan_totals.counted(w.lines)]
    named = [x for x, told in documents if not isinstance(told, Nameless)]
    alike = len({plan_totals.change(x) for x, _ in documents}) == 1
    for x in named[:SHOWN]:
        lines.append(x.path if alike else waiting(x, day.language))
    if more := len(documents) - min(len(named), SHOWN):
        lines.append(
            f"… et {words.count(more, 'autre document', 'autres documents')}" if french else f"… and {more} more"
        )
    return Section(who(w.client, day.names), tuple(lines), "todo")
