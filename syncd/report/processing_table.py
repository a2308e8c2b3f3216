"""The processing report of a run as a table: one row per document, for a French Excel or a browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from syncd.core import words
from syncd.core.client_classification import NO_CARD, Card
from syncd.core.events import Event
from syncd.core.run_result import RunResult
from syncd.report.event_sentences import action, where
from syncd.report.journal import number, why
from syncd.report.spreadsheet import sheet

_FRENCH = ("Code dossier", "Client", "Responsable", "Site", "Groupe", "Secteur", "Type", "Début", "Fin", "Verdict", "Compte", "Action", "Sens", "Document", "Ancien emplacement ou nouveau nom", "Taille (octets)", "Version", "Motif", "Par")  # fmt: skip
_ENGLISH = ("Code", "Client", "Responsible", "Site", "Group", "Sector", "Type", "Start", "End", "Verdict", "Account", "Action", "Where", "Document", "Former place or new name", "Size (bytes)", "Version", "Reason", "By")  # fmt: skip


def columns(language: str = "fr") -> tuple[str, ...]:
    return _FRENCH if language == "fr" else _ENGLISH


def rows(
    result: RunResult, events: Iterable[Event], names: Mapping[str, str],
    cards: Mapping[str, Card], start: datetime, end: datetime | None, account: str, language: str = "fr",
) -> list[tuple[str, ...]]:  # fmt: skip
    """`cards`: by code. `start`, `end`: the run's, in the cabinet's time zone; `end` None while it goes on.

    `account`: under which the engine works.
    """
    head = (
        words.date_time(start),
        words.date_time(end) if end else "",
        words.label(result.verdict, language, result.exit_code),
        account,
    )
    out: list[tuple[str, ...]] = []
    for event in events:
        out.append((
            event.client, names.get(event.client, ""), *_cut_by(cards.get(event.client, NO_CARD)), *head,
            action(event.action, language), where(event, language), event.path, event.origin or event.to,
            number(event.size), number(event.version), why(event, language), event.by,
        ))  # fmt: skip
    return out


def _cut_by(card: Card) -> tuple[str, ...]:
    return card.responsible, card.site, card.group, card.sector, card.kind


def as_csv(table: Iterable[tuple[str, ...]], language: str = "fr") -> str:
    return sheet(columns(language), table)


def as_html(title: str, table: Iterable[tuple[str, ...]], head: tuple[str, ...]) -> str:
    """One page by itself, to be kept or printed; a column in which nothing is said is left out."""
    from jinja2 import Environment, PackageLoader

    cells = list(table)
    said = [n for n in range(len(head)) if any(row[n] for row in cells)]
    shown = [[row[n] for n in said] for row in cells]
    page = Environment(loader=PackageLoader("syncd.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.get_template("table.html").render(title=title, head=[head[n] for n in said], rows=shown)
