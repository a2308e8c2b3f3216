"""The digest of a day: what to do, what is still so, then client by client (DESIGN 4). Composed here, sent elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from syncd.core import words
from syncd.core.alert_timing import Trouble
from syncd.core.events import Event
from syncd.core.reasons import HAPPENED, OF_THE_CABINET, STORMS, TECHNICAL, Family, Reason, family
from syncd.core.verdicts import Verdict, counts_of
from syncd.report import agreements
from syncd.report.event_sentences import what
from syncd.report.message import Link, Message, Row, Section, Sender, colon, foot, printed
from syncd.report.open_problems import Held, Refused, by_cause, named
from syncd.report.run_report import Nameless, client_section, who

NAMED = 5  # documents that a line names
CLIENTS = 40  # clients that have a line of their own
MayName = Callable[[str, str], bool]


class Over(Event, frozen=True, gc=False):
    """A storm that is over by now."""


class News(msgspec.Struct, frozen=True):
    """What happened of one client ('': of none of them) since the last digest, as it is told.

    `refused`: (path, reason) of what newly is, or could not be done. `warns`: whether somebody should look. `lines`: what
    somebody should look at, of `title`; what went as it should is in `counts` alone. `rebuilt`: the state was made anew
    meanwhile, and what it had not kept is told nowhere here.
    """

    client: str
    counts: Mapping[str, int]
    refused: frozenset[tuple[str, str]]
    warns: bool
    lines: tuple[str | Row, ...]
    title: str = ""
    rebuilt: bool = False


class Day(msgspec.Struct, frozen=True):
    """What a digest tells. `may_name(code, path)`: whether people are told the names below that path. `portal`: its address
    where readers reach it, else ''. `commands`: to somebody who has the machine's command line."""

    news: Sequence[News]
    waiting: Sequence[Held]
    refused: Sequence[Refused]
    troubles: Sequence[Trouble]
    names: Mapping[str, str]
    may_name: MayName
    at: datetime
    language: str = "fr"
    where: str = ""
    portal: str = ""
    commands: bool = False
    sender: Sender = Sender()

    @property
    def french(self) -> bool:
        return self.language == "fr"

    @property
    def foot(self) -> str:
        return foot(self.where, self.language, commands=self.commands) if self.where else ""


def news(client: str, events: Sequence[Event], names: Mapping[str, str], may_name: MayName, language: str) -> News:
    """From the events of one client, in their order."""
    elsewhere = (*STORMS, Reason.CLOCK_SKEW)
    told = [
        nameless(e, may_name) for e in events if e.action not in ("waiting", "stopped") and e.reason not in elsewhere
    ]
    told = [e for e in told if not client or _warns(e)]
    lines: list[str | Row] = [_over(e, language) for e in events if isinstance(e, Over)]
    lines += [Row(e.path, what(e, language)) for e in told if client and not isinstance(e, Nameless)]
    title, *section = client_section(
        client, [e for e in told if not client or isinstance(e, Nameless)], names, language
    ) or [""]
    lines += [x.strip() for x in section[1:] if x.strip()]
    refused = frozenset(
        (e.path, e.reason)
        for e in events
        if e.action in ("refused", "problem") and not isinstance(e, Over) and e.reason not in HAPPENED
    )
    return News(
        client, counts_of(events), refused, any(_warns(e) for e in events), tuple(lines), title,
        any(e.reason == Reason.RESTORED_STATE for e in events),
    )  # fmt: skip


def still(events: Iterable[Event], holds: Container[tuple[str, str]]) -> Iterator[Event]:
    """Without what was refused, waited or could not be done, and is over: an evening's mail is the state of the evening.
    A storm that is over is told as such. `holds`: (path, reason) of what still is so."""
    for event in events:
        lasting = event.action in ("refused", "problem", "waiting", "stopped") and event.reason not in HAPPENED
        if not lasting or (event.path, event.reason) in holds:
            yield event
        elif event.reason in STORMS:
            yield Over(**asdict(event))


def _over(event: Over, language: str) -> str:
    said = words.reason(event.reason, event.detail, language).partition(colon(language))[0]
    return f"{said}{colon(language)}{'réglé depuis' if language == 'fr' else 'settled since'}"


def _warns(event: Event) -> bool:
    return (
        event.action in ("refused", "keep_both", "withdraw", "waiting", "stopped") or event.warning
        or (event.action == "problem" and not event.notice)
    )  # fmt: skip


def nameless(event: Event, may_name: MayName) -> Event:
    """With the document's name taken out where it may not be told."""
    if not event.client or not event.path or event.folder or may_name(event.client, event.path):
        return event
    return Nameless(
        event.client, event.action, event.path.partition("/")[0], event.side, reason=event.reason,
        detail=event.detail if event.action == "waiting" else "",
    )  # fmt: skip


def digest(day: Day) -> Message:
    counts: Counter[str] = Counter()
    for n in day.news:
        counts.update(n.counts)
    verdict = _verdict(day)
    todo, known = _todo(day), _known(day)
    sections = [Section("À faire" if day.french else "To do", tuple(todo), "todo")] if todo else []
    if known:
        sections.append(Section("Toujours en cours" if day.french else "Still the case", tuple(known), "trouble"))
    sections += _by_client(day)
    asked = _asked(day, counts)
    numbers = ", ".join(
        t for k in ("downloaded", "uploaded") for t in words.totals({k: counts.get(k, 0)}, day.language)
    )
    subject = " – ".join([*asked, *([numbers] if numbers else [])])
    heading = " – ".join(asked)
    message = Message(
        subject, verdict.value, heading, tuple(sections), _closing(day, counts), day.foot, day.language,
        _lead(day, verdict, bool(todo or known)), _button(day, bool(todo or known)), sender=day.sender,
    )  # fmt: skip
    return printed(message, day.names.values())


def _asked(day: Day, counts: Mapping[str, int]) -> list[str]:
    """What the reader has to do, the most urgent first; that all is well where nothing is."""
    french, out = day.french, []
    abandoned = next((t for t in day.troubles if t.reason == "abandoned" and not t.ended), None)
    if abandoned is not None:
        out.append(trouble(abandoned, day.names, day.language).partition(" : ")[0].partition(": ")[0])
    if agreed := agreements.asked([w for w in day.waiting if not w.declined_at], day.names, day.language):
        out.append(agreed)
    if new := counts.get("refused", 0):
        said = words.count(new, "refus à voir", "refus à voir") if french else f"{words.number(new, 'en')} refused"
        out.append(said + _of_one(_refused(day), day))
    elif old := len(day.refused):
        many = words.count(old, "refus toujours à voir", "refus toujours à voir")
        out.append(
            (many if french else f"{words.number(old, 'en')} still refused")
            + _of_one({r.client for r in day.refused}, day)
        )
    lasting = [t for t in day.troubles if not t.ended and t is not abandoned and family(t.reason) is not Family.GUARD]
    if lasting and not out:
        out.append(
            words.count(len(lasting), "point à voir", "points à voir") if french else f"{len(lasting)} to look at"
        )
    if not out and (any(n.warns for n in day.news) or day.waiting):
        out.append("À lire" if french else "Please read")
    return out or ["Tout est à jour" if french else "Everything is up to date"]


def _of_one(codes: Collection[str], day: Day) -> str:
    """` chez SARL Dupont` where it is one client's."""
    if len(codes) != 1:
        return ""
    (code,) = codes
    return f" {'chez' if day.french else 'at'} {day.names.get(code, code)}"


def _lead(day: Day, verdict: Verdict, asks: bool) -> tuple[str, ...]:
    below = any(family(reason) is not Family.REFUSAL for n in day.news for _, reason in n.refused)  # as they came up
    lead: tuple[str, ...] = ()
    if below or any(t.reason == "abandoned" and not t.ended for t in day.troubles):
        pass
    elif asks:
        lead = ("Tout le reste est à jour." if day.french else "Everything else is up to date.",)
    elif verdict is Verdict.DONE:
        lead = ("Vous n'avez rien à faire." if day.french else "You have nothing to do.",)
    else:  # something out of the ordinary was done, and nobody has to do anything
        lead = (
            "Tout est à jour ; ce qui suit est à lire." if day.french else "Everything is up to date; please read on.",
        )
    if any(n.rebuilt for n in day.news):
        lead += (_REBUILT[not day.french],)
    date = words.date_time(day.at)
    return (f"Synchronisation du {date}." if day.french else f"Synchronisation of {date}.", *lead)


_REBUILT = (
    "La mémoire de la synchronisation a été refaite : ce qui s'était fait juste avant n'est pas compté ici, les comptes "
    "rendus et les journaux l'ont.",
    "The state was rebuilt: what had been done just before is not counted here, the reports and journals have it.",
)


def _button(day: Day, asks: bool) -> Link | None:
    if not day.portal:
        return None
    if button := agreements.button([w for w in day.waiting if not w.declined_at], day.portal, day.language):
        return button
    if asks:
        return Link("Voir ce qu'il faut faire" if day.french else "See what to do", f"{day.portal}/a-faire")
    said = "Voir les comptes rendus" if day.french else "See the reports"
    return Link(said, f"{day.portal}/synchronisation/comptes-rendus")


def _closing(day: Day, counts: Mapping[str, int]) -> str:
    totals = words.totals(dict(counts), day.language)
    if old := len(day.refused):
        totals.append(
            words.count(old, "document toujours refusé", "documents toujours refusés")
            if day.french
            else f"{old} still refused"
        )
    return ((("Au total : " if day.french else "In total: ") + ", ".join(totals)) + ".") if totals else ""


def _by_client(day: Day) -> list[Section]:
    """What is to be looked at, document by document; then the others, a line of numbers each."""
    urgent = {n.client for n in day.news if n.refused} | {w.client for w in day.waiting}
    news = sorted(day.news, key=lambda n: (n.client == "", n.client not in urgent, n.client))
    out, others = list[Section](), "Autres dossiers" if day.french else "Other directories"
    for n in news:
        if n.lines:
            out.append(Section(who(n.client, day.names) if n.client else n.title or others, n.lines))
    quiet = [
        Row(who(n.client, day.names), said, f"{day.portal}/dossiers/{n.client}" if day.portal else "")
        for n in news
        if n.client and (said := ", ".join(words.totals(dict(n.counts), day.language)))
    ]
    if quiet:
        more = ("et {n} autres clients", "and {n} more clients")[not day.french]
        out.append(Section("Par client" if day.french else "By client", tuple(quiet), most=CLIENTS, others=more))
    return out


def _verdict(day: Day) -> Verdict:
    open_ = [t for t in day.troubles if not t.ended]
    if any(t.reason == "abandoned" for t in open_):
        return Verdict.ABANDONED
    if any(t.reason in TECHNICAL or family(t.reason) is Family.STOP for t in open_):
        return Verdict.ERROR
    warns = any(n.warns for n in day.news)
    return Verdict.WARNING if warns or day.waiting or open_ else Verdict.DONE


def _refused(day: Day) -> dict[str, int]:
    return {n.client: n.counts["refused"] for n in day.news if n.counts["refused"]}


def _todo(day: Day) -> list[str]:
    out = [f"{trouble(t, day.names, day.language)}." for t in day.troubles if t.reason in STORMS and not t.ended]
    now = day.at.timestamp()
    for t in day.troubles:
        if t.reason in OF_THE_CABINET and not t.ended:
            said = trouble(t, day.names, day.language)
            out.append(f"{said[0].upper()}{said[1:]}, {words.age(now - t.since, day.language)}.")
    for w in day.waiting:
        out += agreements.lines(w, day.names, day.language, day.at.tzinfo, commands=day.commands)
    for code, n in sorted(_refused(day).items()):
        text = words.count(n, "document refusé", "documents refusés") if day.french else f"{n} refused"
        out.append(
            f"{who(code, day.names)}{colon(day.language)}{text}, {'voir ci-dessous' if day.french else 'see below'}."
        )
    return out


def _known(day: Day) -> list[str]:
    """Trouble people were told of before, with its age."""
    now = day.at.timestamp()
    out = []
    listed = {(r.client, r.reason) for r in day.refused}
    for t in day.troubles:
        if (
            not t.ended
            and family(t.reason) is not Family.GUARD
            and t.reason not in (*STORMS, *OF_THE_CABINET)
            and (t.client, t.reason) not in listed
        ):
            out.append(f"{trouble(t, day.names, day.language)}, {words.age(now - t.since, day.language)}.")
    for alike in by_cause([r for r in day.refused if r.reason not in STORMS]):
        open_ = all(not r.path or day.may_name(alike.client, r.path) for r in alike.of)
        shown = named(alike.of, day.language, NAMED) if open_ else words.count(len(alike.of), "document", "documents")
        why = words.reason(alike.reason, alike.cause if open_ else "", day.language)
        out.append(
            f"{who(alike.client, day.names)}, {shown}{colon(day.language)}{why}, {words.age(now - alike.since, day.language)}."
        )
    return out


def trouble(t: Trouble, names: Mapping[str, str], language: str = "fr") -> str:
    """`SARL Dupont (007868) : illisible (droits ou disque)`."""
    if t.reason == "abandoned":
        about = (
            "Les documents ne sont plus synchronisés" if language == "fr" else "Documents are no longer synchronised"
        )
        reason, _, cause = t.detail.partition(" ")
        why = words.reason(reason, cause, language).removeprefix("interrompu : ").removeprefix("stopped: ")
        return f"{about}{colon(language)}{why}" if t.detail else about
    if t.reason == "mail":
        about = "La messagerie ne répond pas" if language == "fr" else "The mail server does not answer"
        return f"{about} ({t.detail})"
    where = f"{who(t.client, names)}{colon(language)}" if t.client else ""
    return where + words.reason(t.reason, t.detail, language)
