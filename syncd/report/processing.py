"""The processing report of a run as a table: one row per document, for a French Excel or a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import astuple

from syncd.core import words
from syncd.core.protocol import Card
from syncd.core.verdicts import Verdict
from syncd.report.journal import defused
from syncd.report.lines import action, where

_FRENCH = ("Code dossier", "Client", "Responsable", "Site", "Groupe", "Secteur", "Type", "Début", "Fin", "Verdict", "Compte", "Action", "Sens", "Document", "Ancien emplacement ou nouveau nom", "Taille (octets)", "Version", "Motif", "Par")  # fmt: skip
_ENGLISH = ("Code", "Client", "Responsible", "Site", "Group", "Sector", "Type", "Start", "End", "Verdict", "Account", "Action", "Where", "Document", "Former place or new name", "Size (bytes)", "Version", "Reason", "By")  # fmt: skip


def columns(language: str = "fr") -> tuple[str, ...]:
    return _FRENCH if language == "fr" else _ENGLISH


def rows(
    summary: Mapping[str, Any], events: Iterable[Mapping[str, Any]], names: Mapping[str, str],
    cards: Mapping[str, Card], start: datetime, end: datetime | None, account: str, language: str = "fr",
) -> list[tuple[str, ...]]:  # fmt: skip
    """`cards`: by code. `start`, `end`: the run's, in the cabinet's time zone; `end` None while it goes on.

    `account`: under which the engine works.
    """
    head = (
        words.date_time(start),
        words.date_time(end) if end else "",
        words.label(Verdict(summary["verdict"]), language),
        account,
    )
    out: list[tuple[str, ...]] = []
    for line in events:
        code = str(line.get("client", ""))
        what = words.reason(line["reason"], line.get("detail", ""), language) if line.get("reason") else ""
        out.append((
            code, names.get(code, ""), *astuple(cards.get(code, Card())), *head, action(line["action"], language), where(dict(line), language),
            str(line.get("path", "")), str(line.get("from", "") or line.get("to", "")), str(line.get("size", "")),
            str(line.get("version", "")), what, str(line.get("by", "")),
        ))  # fmt: skip
    return out


def as_csv(table: Iterable[tuple[str, ...]], language: str = "fr") -> str:
    """`;`, a byte order mark, and no cell that a spreadsheet would run as a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns(language))
    writer.writerows([defused(cell) for cell in row] for row in table)
    return out.getvalue()


def as_html(title: str, table: Iterable[tuple[str, ...]], head: tuple[str, ...]) -> str:
    """One page by itself, to be kept or printed; a column in which nothing is said is left out."""
    from jinja2 import Environment, PackageLoader

    cells = list(table)
    said = [n for n in range(len(head)) if any(row[n] for row in cells)]
    shown = [[row[n] for n in said] for row in cells]
    page = Environment(loader=PackageLoader("syncd.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.get_template("table.html").render(title=title, head=[head[n] for n in said], rows=shown)
