"""The report of one run: the verdict, what to do, client by client, totals last (DESIGN 4)."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from syncd.core import words
from syncd.core.verdicts import Verdict
from syncd.report.lines import action, held, many, sentence

_QUIET = ("record", "forget", "make_folder")
_ATTENTION = ("waiting", "stopped", "refused")
_SHOWN = 10


def render(
    summary: Mapping[str, Any],
    events: Iterable[dict[str, Any]],
    names: Mapping[str, str],
    at: datetime,
    language: str = "fr",
) -> list[str]:
    """Plain text, in pieces: of a first publication it is long. `events`: client by client, in the order of their codes;
    `names`: code → client's name; `at`: the run's start in the cabinet's time zone.
    """
    french = language == "fr"
    by_client: dict[str, list[dict[str, Any]]] = {}
    sections: list[str] = []
    for code, told in itertools.groupby(events, key=lambda line: line.get("client", "")):
        lines = list(told)
        by_client[code] = [line for line in lines if line["action"] in _ATTENTION]
        if section := client_section(code, lines, names, language):
            sections.append(_piece(section))  # one string: a million lines by themselves weigh ten times their letters
    out = [
        f"{words.label(Verdict(summary['verdict']), language)} – {'synchronisation du' if french else 'synchronisation of'} {words.date_time(at)}",
        "",
    ]
    todo = _todo(summary, by_client, names, language)
    out += todo
    if summary.get("reason") in words.REASONS:
        said = words.reason(str(summary["reason"]), "", language)
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
    elif todo:
        out += ["Tout le reste est à jour." if french else "Everything else is up to date.", ""]
    pieces = [_piece(out), *sections]
    totals = words.totals({k: v for k, v in summary.items() if isinstance(v, int)}, language)
    refused = int(summary.get("refused", 0))
    still = refused - sum(1 for lines in by_client.values() for line in lines if line["action"] == "refused")
    if still > 0:
        totals.append(
            f"dont {words.count(still, 'toujours refusé', 'toujours refusés')}"
            if french
            else f"{still} of them refused before"
        )
    if totals:
        pieces.append(("Au total : " if french else "In total: ") + ", ".join(totals) + ".\n")
    elif not todo and summary["verdict"] == Verdict.DONE.value:
        pieces.append("Tout est à jour.\n" if french else "Everything is up to date.\n")
    pieces[-1] = pieces[-1].rstrip() + "\n"
    return pieces


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
    by_client: Mapping[str, list[dict[str, Any]]],
    names: Mapping[str, str],
    language: str,
) -> list[str]:
    french = language == "fr"
    out = []
    for code in summary.get("waiting", []):
        lines = [x for x in by_client.get(code, []) if x["action"] == "waiting"]
        reasons = sorted({words.reason(x["reason"], "", language) for x in lines}) or [
            words.reason("guard_changes", "", language)
        ]
        out.append(
            f"• {who(code, names)} : {' ; '.join(reasons)}."
            if french
            else f"• {who(code, names)}: {'; '.join(reasons)}."
        )
        documents = sum(1 for x in lines if x.get("detail") not in ("make_folder", "adopt"))
        count = f"{words.count(documents, 'document retenu', 'documents retenus')} ; " if french and documents else ""
        if not french and documents:
            count = f"{documents} held back; "
        out.append(f"  {count}{'pour autoriser' if french else 'to agree'} : syncd approve {code}")
    for code in summary.get("stopped", []):
        for x in by_client.get(code, []):
            if x["action"] == "stopped":
                out.append(f"• {who(code, names)} : {sentence(x, language)}")
    for code, lines in sorted(by_client.items()):
        refused = sum(1 for x in lines if x["action"] == "refused")
        if refused:
            text = words.count(refused, "document refusé", "documents refusés") if french else f"{refused} refused"
            out.append(f"• {who(code, names)} : {text}{', voir ci-dessous' if french else ', see below'}.")
    if out:
        out = ["À faire :" if french else "To do:", *out, ""]
    return out


def client_section(code: str, lines: list[dict[str, Any]], names: Mapping[str, str], language: str) -> list[str]:
    shown = [x for x in lines if x["action"] not in (*_QUIET, "waiting", "stopped")]
    waiting = [x for x in lines if x["action"] == "waiting"]
    made = sum(1 for x in lines if x["action"] == "make_folder" and x.get("side") == "local")
    if not shown and not waiting and not made:
        return []
    title = who(code, names) if code else ("Autres dossiers" if language == "fr" else "Other directories")
    out = [title, "-" * len(title)]
    order = {"refused": 0, "problem": 1, "withdraw": 2, "keep_both": 3, "set_aside": 4}
    for group in _groups(sorted(shown, key=lambda x: order.get(x["action"], 9))):
        first = group[0]
        if first.get("hidden"):
            out.append(f"  {_counted(group, language)}")
        elif len(group) <= _SHOWN or first["action"] in ("refused", "problem", "keep_both", "withdraw"):
            out += [f"  {sentence(line, language)}" for line in group]
        else:
            colon = " : " if language == "fr" else ": "
            out.append(
                f"  {_folder(first)}{colon}{words.count(len(group), 'document', 'documents')} {many(first['action'], language)}"
            )
    for group in _groups(waiting):
        kind = str(group[0].get("detail", ""))
        if kind != "make_folder":
            place = group[0].get("path", "") if kind == "adopt" else _folder(group[0])
            out.append(
                f"  {'retenu' if language == 'fr' else 'held back'} – {place} : {held(kind, len(group), language)}"
            )
    if made and not shown:
        out.append(
            f"  {words.count(made, 'dossier créé au cabinet', 'dossiers créés au cabinet')}"
            if language == "fr"
            else f"  {made} folders made"
        )
    return [*out, ""]


def _counted(group: list[dict[str, Any]], language: str) -> str:
    """Documents of a restricted folder: how many, and what became of them; never their names."""
    first, colon = group[0], " : " if language == "fr" else ": "
    what = many(first["action"], language) if len(group) > 1 else action(first["action"], language)
    why = f" ({words.reason(first['reason'], '', language)})" if first.get("reason") else ""
    return f"{first['path']}{colon}{words.count(len(group), 'document', 'documents')} {what}{why}"


def _folder(line: dict[str, Any]) -> str:
    if line.get("hidden"):
        return str(line["path"])
    return str(line.get("path", "")).rpartition("/")[0] or str(line.get("path", ""))


def _groups(lines: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Lines of one kind in one folder, in the order they first appear: sixty alike are one line, the journal has each."""
    groups: defaultdict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        groups[
            (
                line["action"],
                line.get("reason", ""),
                line.get("detail", "") if line["action"] == "waiting" else "",
                _folder(line),
            )
        ].append(line)
    return list(groups.values())
