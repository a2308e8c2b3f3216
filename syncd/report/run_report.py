"""The report of one run: the verdict, what to do, client by client, totals last (DESIGN 4)."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from syncd.core import plan_totals, words
from syncd.core.events import NOT_ASKED, STORMS
from syncd.core.verdicts import Verdict
from syncd.report.lines import action, held, many, sentence, would
from syncd.report.standing import Standing, by_reason, named

_QUIET = ("record", "make_folder", "stopped")
_EACH = ("refused", "problem", "keep_both", "withdraw")
_SHOWN = 10
_WHOLE = (Verdict.DONE.value, Verdict.WARNING.value)
_ORDER = {"withdraw": -1, "refused": 0, "problem": 1, "keep_both": 3, "set_aside": 4}

NOTHING = Standing()

Line = dict[str, Any]


@dataclass(slots=True)
class Attention:
    """What one client asks of people: how many documents wait for what, what stopped it, how many were refused."""

    held: Counter[str] = field(default_factory=Counter)
    changes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    stopped: list[Line] = field(default_factory=list)
    vanished: list[Line] = field(default_factory=list)
    refused: int = 0
    open: int = 0  # lines about what is not as it should be

    def seen(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same lines."""
        for line in lines:
            if line["action"] == "waiting":
                self.held[line["reason"]] += line.get("detail") not in ("make_folder", "adopt")
                if line.get("detail") not in plan_totals.UNCOUNTED:
                    self.changes[line["reason"]][str(line.get("detail", ""))] += 1
            elif line["action"] == "stopped":
                self.stopped.append(line)
            elif line["action"] == "refused":
                self.refused += 1
            elif line["action"] == "problem" and line["reason"] not in (*STORMS, NOT_ASKED):
                self.open += 1
            elif line.get("reason") in STORMS:
                self.vanished.append(line)
                continue
            yield line


@dataclass(slots=True)
class Group:
    """Lines of one kind in one folder: all of them counted, and kept as far as they are told one by one."""

    lines: list[Line] = field(default_factory=list)
    count: int = 0

    def add(self, line: Line) -> None:
        self.count += 1
        if self.count <= _SHOWN or line["action"] in _EACH:
            self.lines.append(line)

    @property
    def first(self) -> Line:
        return self.lines[0]


def render(
    summary: Mapping[str, Any],
    events: Iterable[Line],
    names: Mapping[str, str],
    at: datetime,
    language: str = "fr",
    standing: Standing = NOTHING,
) -> list[str]:
    """Plain text, in pieces: of a first publication it is long. `events`: client by client, in the order of their codes;
    `names`: code → client's name; `at`: the run's start in the cabinet's time zone; `standing`: what holds since before.
    """
    french, dry = language == "fr", bool(summary.get("dry_run"))
    by_client: defaultdict[str, Attention] = defaultdict(Attention)
    sections: list[str] = []
    for code, told in itertools.groupby(events, key=lambda line: line.get("client", "")):
        if section := client_section(code, by_client[code].seen(told), names, language):
            sections.append(_piece(section))  # one string: a million lines by themselves weigh ten times their letters
    out = [
        f"{words.label(Verdict(summary['verdict']), language)} – {_title(dry, french)} {words.date_time(at)}",
        "",
    ]
    if dry:
        out += [
            "Rien n'a été fait : ce qui suit le serait." if french else "Nothing was done: what follows would be.",
            "",
        ]
    more = any(attention.open for attention in by_client.values())
    todo = _todo(summary, by_client, names, at.tzinfo, language, standing)
    out += todo
    known = _known(summary, standing, names, language)
    if known:
        out += ["Toujours en cours :" if french else "Still the case:", *known, ""]
    if summary.get("reason") in words.REASONS:
        said = words.reason(str(summary["reason"]), str(summary.get("cause", "")), language)
        out += [said[0].upper() + said[1:] + ".", ""]
    elif summary.get("message"):
        out += [str(summary["message"]), ""]
    if summary["verdict"] == Verdict.ABANDONED.value:
        done = _documents(summary)
        if not done:
            out += ["Aucun document n'a été modifié." if french else "No document was changed.", ""]
        else:
            out += [
                f"{words.count(done, 'document fait', 'documents faits')}, la suite au prochain passage."
                if french
                else f"{done} done, the rest next time.",
                "",
            ]
    elif (todo or known) and not dry and summary["verdict"] in _WHOLE and not more:
        out += [_all(summary, "Tout le reste est à jour", "Everything else is up to date", french), ""]
    pieces = [_piece(out), *sections]
    totals = words.totals({k: v for k, v in summary.items() if isinstance(v, int)}, language)
    refused = int(summary.get("refused", 0))
    still = refused - sum(attention.refused for attention in by_client.values())
    if still > 0:
        totals.append(
            f"dont {words.count(still, 'toujours refusé', 'toujours refusés')}"
            if french
            else f"{still} of them refused before"
        )
    if totals:
        total = ("Au total, à faire : " if dry else "Au total : ") if french else ("To do: " if dry else "In total: ")
        pieces.append(total + ", ".join(totals) + ".\n")
    elif not (todo or known or more) and summary["verdict"] == Verdict.DONE.value:
        pieces.append(_all(summary, "Tout est à jour", "Everything is up to date", french) + "\n")
    pieces[-1] = pieces[-1].rstrip() + "\n"
    return pieces


def _title(dry: bool, french: bool) -> str:
    if dry:
        return "passage à blanc du" if french else "dry run of"
    return "synchronisation du" if french else "synchronisation of"


def _all(summary: Mapping[str, Any], french_words: str, english_words: str, french: bool) -> str:
    """A pass over some clients says nothing of the others."""
    if summary.get("partial"):
        return (
            f"{french_words} chez les clients de ce passage."
            if french
            else f"{english_words} with the clients of this run."
        )
    return f"{french_words if french else english_words}."


def _piece(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _documents(summary: Mapping[str, Any]) -> int:
    return sum(
        int(summary.get(k, 0))
        for k in (
            "uploaded",
            "downloaded",
            "set_aside",
            "kept_both",
            "moved",
            "withdrawn",
            "restored",
            "removed",
        )
    )


def who(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if names.get(code) else code or "–"


def _todo(
    summary: Mapping[str, Any],
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
        out += [f"• {who(code, names)}{colon}{sentence(x, language)}." for x in attention.vanished]
    ended = float(summary.get("ended", 0)) or float("inf")
    asked = {w.client for w in standing.waiting if w.since <= ended}  # those too that this pass was not about
    for code in sorted({*summary.get("waiting", []), *asked}):
        held_back = [w for w in standing.waiting if w.client == code]
        sets = [(w.why(zone, language), w.would(language)) for w in held_back]
        seen = by_client.get(code, nothing)
        sets = sets or [
            (words.reason(reason, "", language), would(seen.changes[reason], language)) for reason in sorted(seen.held)
        ]
        for why, what in sets or [(words.reason("guard", "", language), "")]:
            out.append(f"• {who(code, names)}{colon}{why}{f' ({what})' if what else ''}.")
        if not held_back or not all(w.declined_at for w in held_back):
            out.append(f"  {'pour autoriser' if french else 'to agree'} : syncd approve {code}")
    for code in summary.get("stopped", []):
        told = by_client.get(code, nothing).stopped
        out += [f"• {who(code, names)}{colon}{sentence(x, language)}" for x in told]
        if not told:
            known = [words.reason(x.reason, "", language) for x in standing.stopped if x.client == code]
            out += [f"• {who(code, names)}{colon}{why}" for why in known]
    for code, attention in sorted(by_client.items()):
        if refused := attention.refused:
            text = words.count(refused, "document refusé", "documents refusés") if french else f"{refused} refused"
            out.append(f"• {who(code, names)} : {text}{', voir ci-dessous' if french else ', see below'}.")
    if out:
        out = ["À faire :" if french else "To do:", *out, ""]
    return out


def _known(summary: Mapping[str, Any], standing: Standing, names: Mapping[str, str], language: str) -> list[str]:
    """Documents that are refused, or could not be done, since an earlier run: which, why and since when."""
    started, ended = float(summary.get("started", 0)), float(summary.get("ended", 0))
    others = [r for r in standing.stopped if r.client not in summary.get("stopped", [])]
    before = [r for r in (*standing.refused, *others) if r.since < started] if ended else []
    colon = " : " if language == "fr" else ": "
    return [
        f"• {who(code, names)}, {named(several, language)}{colon}{words.reason(reason, '', language)}, "
        f"{words.age(ended - min(r.since for r in several), language)}."
        for code, reason, several in by_reason(before)
    ]


def client_section(code: str, lines: Iterable[Line], names: Mapping[str, str], language: str) -> list[str]:
    """Sixty alike in one folder are one line, the journal has each."""
    shown: dict[tuple[str, ...], Group] = {}
    waiting: dict[tuple[str, ...], Group] = {}
    made, dry = 0, False
    for line in lines:
        dry = dry or bool(line.get("dry_run"))
        if line["action"] == "make_folder" and line.get("side") == "local":
            made += 1
        if line["action"] not in _QUIET and not (line["action"] == "forget" and line.get("folder")):
            held_back = line["action"] == "waiting"
            (waiting if held_back else shown).setdefault(_kind(line, held_back), Group()).add(line)
    if not shown and not waiting and not made:
        return []
    title = who(code, names) if code else ("Autres dossiers" if language == "fr" else "Other directories")
    out = [title, "-" * len(title)]
    for group in sorted(shown.values(), key=lambda g: _ORDER.get(g.first["action"], 9)):
        first = group.first
        if first.get("hidden"):
            out.append(f"  {_counted(group, language)}")
        elif group.count == len(group.lines):
            out += [f"  {sentence(line, language)}" for line in group.lines]
        else:
            colon = " : " if language == "fr" else ": "
            out.append(
                f"  {_folder(first)}{colon}{words.count(group.count, 'document', 'documents')} {many(first['action'], language, planned=bool(first.get('dry_run')))}"
            )
    for group in waiting.values():
        kind = str(group.first.get("detail", ""))
        if kind != "make_folder":
            place = group.first.get("path", "") if kind == "adopt" else _folder(group.first)
            out.append(
                f"  {'retenu' if language == 'fr' else 'held back'} – {place} : {held(kind, group.count, language)}"
            )
    if made and not shown:
        out.append(f"  {_made(made, dry, language)}")
    return [*out, ""]


def _made(folders: int, dry: bool, language: str) -> str:
    if language == "en":
        return f"{folders} folders {'would be made' if dry else 'made'}"
    if dry:
        return words.count(folders, "dossier serait créé au cabinet", "dossiers seraient créés au cabinet")
    return words.count(folders, "dossier créé au cabinet", "dossiers créés au cabinet")


def _kind(line: Line, held_back: bool) -> tuple[str, ...]:
    return line["action"], line.get("reason", ""), line.get("detail", "") if held_back else "", _folder(line)


def _counted(group: Group, language: str) -> str:
    """Documents of a restricted folder: how many, and what became of them; never their names."""
    first, colon = group.first, " : " if language == "fr" else ": "
    if first["action"] == "problem":
        several = f" ({words.count(group.count, 'document', 'documents')})" if group.count > 1 else ""
        return f"{first['path']}{colon}{words.reason(first['reason'], '', language)}{several}"
    what = many(first["action"], language) if group.count > 1 else action(first["action"], language)
    why = f" ({words.reason(first['reason'], '', language)})" if first.get("reason") else ""
    return f"{first['path']}{colon}{words.count(group.count, 'document', 'documents')} {what}{why}"


def _folder(line: Line) -> str:
    if line.get("hidden"):
        return str(line["path"])
    return str(line.get("path", "")).rpartition("/")[0] or str(line.get("path", ""))
