"""The report of one run: the verdict, what to do, client by client, totals last (DESIGN 4)."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

import msgspec

from syncd.core import plan_totals, words
from syncd.core.events import Event
from syncd.core.reasons import NOBODYS, OF_THE_CABINET, STORMS, Reason
from syncd.core.run_result import RunResult
from syncd.core.verdicts import BY_HAND, CHANGED, Verdict
from syncd.report.event_sentences import action, held, many, sentence, would
from syncd.report.open_problems import Standing, by_cause, named

_QUIET = ("record", "make_folder", "stopped")
_EACH = ("refused", "problem", "keep_both", "withdraw")
_AT_THE_TOP = (*STORMS, *OF_THE_CABINET)
_SHOWN = 10
_WHOLE = (Verdict.DONE, Verdict.WARNING)
_ORDER = {"withdraw": -1, "refused": 0, "problem": 1, "keep_both": 3, "set_aside": 4}

NOTHING = Standing()


class Nameless(Event, frozen=True, gc=False):
    """An event whose document's name may not be told: `path` is the top-level folder it lies in."""


class Attention(msgspec.Struct):
    """What one client asks of people: how many documents wait for what, what stopped it, how many were refused."""

    held: Counter[str] = msgspec.field(default_factory=Counter)
    changes: defaultdict[str, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    stopped: list[Event] = msgspec.field(default_factory=list)
    vanished: list[Event] = msgspec.field(default_factory=list)
    refused: int = 0
    open: int = 0  # lines about what is not as it should be

    def seen(self, events: Iterable[Event]) -> Iterator[Event]:
        """Those that are told client by client."""
        for event in events:
            if event.action == "waiting":
                self.held[event.reason] += event.detail not in ("make_folder", "adopt")
                if event.detail not in plan_totals.UNCOUNTED:
                    self.changes[event.reason][event.detail] += 1
            elif event.action == "stopped":
                self.stopped.append(event)
            elif event.action == "refused":
                self.refused += 1
            elif event.reason in _AT_THE_TOP:
                self.vanished.append(event)
                continue
            elif event.action == "problem" and event.reason != Reason.NOT_ASKED:
                self.open += 1
            yield event


class Group(msgspec.Struct):
    """Events of one kind in one folder: all of them counted, and kept as far as they are told one by one."""

    events: list[Event] = msgspec.field(default_factory=list)
    count: int = 0

    def add(self, event: Event) -> None:
        self.count += 1
        if self.count <= _SHOWN or event.action in _EACH:
            self.events.append(event)

    @property
    def first(self) -> Event:
        return self.events[0]


def render(
    result: RunResult,
    events: Iterable[Event],
    names: Mapping[str, str],
    at: datetime,
    language: str = "fr",
    standing: Standing = NOTHING,
) -> list[str]:
    """Plain text, in pieces: of a first publication it is long. `events`: client by client, in the order of their codes;
    `names`: code → client's name; `at`: the run's start in the cabinet's time zone; `standing`: what holds since before.
    """
    french, dry = language == "fr", result.dry_run
    by_client: defaultdict[str, Attention] = defaultdict(Attention)
    sections: list[str] = []
    for code, told in itertools.groupby(events, key=lambda event: event.client):
        if section := client_section(code, by_client[code].seen(told), names, language):
            sections.append(_piece(section))  # one string: a million lines by themselves weigh ten times their letters
    more = any(attention.open for attention in by_client.values())
    todo = _todo(result, by_client, names, at.tzinfo, language, standing)
    known = _known(result, standing, names, language)
    out = [*_heading(result, at, language), *todo]
    if known:
        out += ["Toujours en cours :" if french else "Still the case:", *known, ""]
    out += _cause(result, language)
    if result.abandoned:
        out += _given_up(result, french)
    elif (todo or known) and not dry and result.verdict in _WHOLE and not more:
        out += [_all(result, "Tout le reste est à jour", "Everything else is up to date", french), ""]
    pieces = [_piece(out), *sections]
    refused_before = result.count("refused") - sum(attention.refused for attention in by_client.values())
    if total := _total(result, refused_before, language):
        pieces.append(total + "\n")
    elif not (todo or known or more) and result.verdict is Verdict.DONE:
        pieces.append(_all(result, "Tout est à jour", "Everything is up to date", french) + "\n")
    pieces[-1] = pieces[-1].rstrip() + "\n"
    return pieces


def _heading(result: RunResult, at: datetime, language: str) -> list[str]:
    french, dry = language == "fr", result.dry_run
    label = words.label(result.verdict, language, result.exit_code)
    lines = [f"{label} – {_title(dry, french)} {words.date_time(at)}", ""]
    if dry:
        lines += [
            "Rien n'a été fait : ce qui suit le serait." if french else "Nothing was done: what follows would be.",
            "",
        ]
    return lines


def _cause(result: RunResult, language: str) -> list[str]:
    if result.reason in words.REASONS:
        said = words.reason(result.reason, result.cause, language)
        return [said[0].upper() + said[1:] + ".", ""]
    return [result.message, ""] if result.message else []


def _given_up(result: RunResult, french: bool) -> list[str]:
    """Who stopped it, and how far it came."""
    lines = []
    if result.exit_code in BY_HAND:
        lines += [
            "Interrompu par l'arrêt du service ou de la commande : la suite au prochain passage."
            if french
            else "Stopped with the service or the command: the rest next time.",
            "",
        ]
    done = _documents(result)
    if not done:
        return [*lines, "Aucun document n'a été modifié." if french else "No document was changed.", ""]
    count = words.count(done, "document fait", "documents faits")
    return [*lines, f"{count}, la suite au prochain passage." if french else f"{done} done, the rest next time.", ""]


def _total(result: RunResult, refused_before: int, language: str) -> str:
    """'' where nothing was done."""
    french = language == "fr"
    totals = words.totals(result.counts, language)
    if refused_before > 0:
        totals.append(
            f"dont {words.count(refused_before, 'toujours refusé', 'toujours refusés')}"
            if french
            else f"{refused_before} of them refused before"
        )
    if not totals:
        return ""
    dry = result.dry_run
    total = ("Au total, à faire : " if dry else "Au total : ") if french else ("To do: " if dry else "In total: ")
    return total + ", ".join(totals) + "."


def _title(dry: bool, french: bool) -> str:
    if dry:
        return "passage à blanc du" if french else "dry run of"
    return "synchronisation du" if french else "synchronisation of"


def _all(result: RunResult, french_words: str, english_words: str, french: bool) -> str:
    """A pass over some clients says nothing of the others."""
    if result.partial:
        return (
            f"{french_words} chez les clients de ce passage."
            if french
            else f"{english_words} with the clients of this run."
        )
    return f"{french_words if french else english_words}."


def _piece(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _documents(result: RunResult) -> int:
    return sum(result.count(name) for name in CHANGED)


def who(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if names.get(code) else code or "–"


def _todo(
    result: RunResult,
    by_client: Mapping[str, Attention],
    names: Mapping[str, str],
    zone: tzinfo | None,
    language: str,
    standing: Standing,
) -> list[str]:
    french, nothing = language == "fr", Attention()
    colon = " : " if french else ": "
    out = []
    for code, attention in sorted(by_client.items()):
        for event in attention.vanished:
            said = sentence(event, language)
            out.append(f"• {who(code, names)}{colon}{said}." if code else f"• {_begun(said, event.path)}.")
    ended = result.ended or float("inf")
    out += _of_the_cabinet(result, standing, language)
    asked = {w.client for w in standing.waiting if w.since <= ended}  # those too that this pass was not about
    for code in sorted({*result.waiting, *asked}):
        held_back = [w for w in standing.waiting if w.client == code]
        sets = [(w.why(zone, language), w.would(language)) for w in held_back]
        seen = by_client.get(code, nothing)
        sets = sets or [
            (words.reason(reason, "", language), would(seen.changes[reason], language)) for reason in sorted(seen.held)
        ]
        for why, what in sets or [(words.reason("guard", "", language), "")]:
            out.append(f"• {who(code, names)}{colon}{why}{f' ({what})' if what else ''}.")
        if not held_back or not all(w.declined_at for w in held_back):
            out.append(_how_to_agree(code, french))
    for code in result.stopped:
        told = by_client.get(code, nothing).stopped
        out += [f"• {who(code, names)}{colon}{sentence(x, language)}" for x in told]
        if not told:
            known = [words.reason(x.reason, x.detail, language) for x in standing.stopped if x.client == code]
            out += [f"• {who(code, names)}{colon}{why}" for why in known]
    for code, attention in sorted(by_client.items()):
        if refused := attention.refused:
            text = words.count(refused, "document refusé", "documents refusés") if french else f"{refused} refused"
            out.append(f"• {who(code, names)}{colon}{text}{', voir ci-dessous' if french else ', see below'}.")
    if out:
        out = ["À faire :" if french else "To do:", *out, ""]
    return out


def _how_to_agree(code: str, french: bool) -> str:
    """Where accountants do it first; then for whoever has the command line."""
    if french:
        return f"  pour autoriser : page « Accords » de l'espace documents, ou syncd approve {code}"
    return f"  to agree: page “Accords” of the document space, or syncd approve {code}"


def _of_the_cabinet(result: RunResult, standing: Standing, language: str) -> list[str]:
    """What an earlier run told of no client, and is still to be set right."""
    out = []
    for one in standing.cabinet:
        if one.since < result.started and result.ended:
            said = words.reason(one.reason, one.detail, language)
            if one.reason in NOBODYS:  # which directory, or nobody can set it right
                said = f"{one.path}{' : ' if language == 'fr' else ': '}{said}"
            out.append(f"• {_begun(said, one.path)}, {words.age(result.ended - one.since, language)}.")
    return out


def _begun(said: str, path: str) -> str:
    """With a capital, but for a name on disk: it is spelled as it is."""
    return said if path and said.startswith(path) else said[0].upper() + said[1:]


def _known(result: RunResult, standing: Standing, names: Mapping[str, str], language: str) -> list[str]:
    """Documents that are refused, or could not be done, since an earlier run: which, why and since when."""
    started, ended = result.started, result.ended
    others = [r for r in standing.stopped if r.client not in result.stopped]
    before = [r for r in (*standing.refused, *others) if r.since < started] if ended else []
    colon = " : " if language == "fr" else ": "
    return [
        f"• {who(alike.client, names)}, {named(alike.of, language)}{colon}"
        f"{words.reason(alike.reason, alike.cause, language)}, {words.age(ended - alike.since, language)}."
        for alike in by_cause(before)
    ]


def client_section(code: str, events: Iterable[Event], names: Mapping[str, str], language: str) -> list[str]:
    """Sixty alike in one folder are one line, the journal has each."""
    shown: dict[tuple[str, ...], Group] = {}
    waiting: dict[tuple[str, ...], Group] = {}
    made, dry = 0, False
    for event in events:
        dry = dry or event.dry_run
        if event.action == "make_folder" and event.side == "local":
            made += 1
        if event.action not in _QUIET and not (event.action == "forget" and event.folder):
            held_back = event.action == "waiting"
            (waiting if held_back else shown).setdefault(_kind(event, held_back), Group()).add(event)
    if not shown and not waiting and not made:
        return []
    title = who(code, names) if code else _nobodys([*shown.values(), *waiting.values()], language)
    out = [title, "-" * len(title)]
    for group in sorted(shown.values(), key=lambda g: _ORDER.get(g.first.action, 9)):
        first = group.first
        if isinstance(first, Nameless):
            out.append(f"  {_counted(group, language)}")
        elif group.count == len(group.events):
            out += [f"  {sentence(event, language)}" for event in group.events]
        else:
            colon = " : " if language == "fr" else ": "
            out.append(
                f"  {_folder(first)}{colon}{words.count(group.count, 'document', 'documents')} {many(first.action, language, planned=first.dry_run)}"
            )
    for group in waiting.values():
        kind = group.first.detail
        if kind != "make_folder":
            place = group.first.path if kind == "adopt" else _folder(group.first)
            out.append(
                f"  {'retenu' if language == 'fr' else 'held back'} – {place} : {held(kind, group.count, language)}"
            )
    if made and not shown:
        out.append(f"  {_made(made, dry, language)}")
    return [*out, ""]


def _nobodys(groups: Iterable[Group], language: str) -> str:
    """Directories that are no client's; or what is of the whole synchronisation."""
    if any(group.first.path for group in groups):
        return "Autres dossiers" if language == "fr" else "Other directories"
    return "La synchronisation" if language == "fr" else "The synchronisation"


def _made(folders: int, dry: bool, language: str) -> str:
    if language == "en":
        return f"{folders} folders {'would be made' if dry else 'made'}"
    if dry:
        return words.count(folders, "dossier serait créé au cabinet", "dossiers seraient créés au cabinet")
    return words.count(folders, "dossier créé au cabinet", "dossiers créés au cabinet")


def _kind(event: Event, held_back: bool) -> tuple[str, ...]:
    return event.action, event.reason, event.detail if held_back else "", _folder(event)


def _counted(group: Group, language: str) -> str:
    """Documents of a restricted folder: how many, and what became of them; never their names."""
    first, colon = group.first, " : " if language == "fr" else ": "
    if first.action == "problem":
        several = f" ({words.count(group.count, 'document', 'documents')})" if group.count > 1 else ""
        return f"{first.path}{colon}{words.reason(first.reason, '', language)}{several}"
    what = many(first.action, language) if group.count > 1 else action(first.action, language)
    why = f" ({words.reason(first.reason, '', language)})" if first.reason else ""
    return f"{first.path}{colon}{words.count(group.count, 'document', 'documents')} {what}{why}"


def _folder(event: Event) -> str:
    if isinstance(event, Nameless):
        return event.path
    return event.path.rpartition("/")[0] or event.path
