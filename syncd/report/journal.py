"""The monthly journal of a client: when, what, from where, by whom; text, and CSV for a French Excel."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from datetime import datetime

from syncd.core import words
from syncd.core.events import Event
from syncd.report.event_sentences import action, sentence, where
from syncd.report.spreadsheet import defused

_LEFT_OUT = ("waiting",)
AT_ONCE = 500  # rows
_FRENCH = (
    "Date",
    "Action",
    "Sens",
    "Document",
    "Ancien emplacement ou nouveau nom",
    "Taille (octets)",
    "Version",
    "Empreinte",
    "Par",
    "Motif",
)
_ENGLISH = (
    "Date",
    "Action",
    "Where",
    "Document",
    "Former place or new name",
    "Size (bytes)",
    "Version",
    "Content",
    "By",
    "Reason",
)

Row = tuple[datetime, Event]


def text(title: str, rows: Iterable[Row], language: str = "fr") -> Iterator[str]:
    yield f"{title}\n{'=' * len(title)}\n\n"
    told = lines(rows, language)
    yield next(told, "Rien ce mois-ci.\n" if language == "fr" else "Nothing this month.\n")
    yield from told


def lines(rows: Iterable[Row], language: str = "fr") -> Iterator[str]:
    """What a text journal is continued by."""
    for at, event in rows:
        if event.action not in _LEFT_OUT:
            yield f"{words.date_time(at)}  {sentence(event, language)}\n"


def table(rows: Iterable[Row], language: str = "fr") -> Iterator[str]:
    """`;`, dates dd/mm/yyyy, a byte order mark, and no cell that a spreadsheet would run as a formula."""
    yield "\ufeff" + ";".join(columns(language)) + "\r\n"
    yield from more_rows(rows, language)


def more_rows(rows: Iterable[Row], language: str = "fr") -> Iterator[str]:
    """What a CSV journal is continued by."""
    left = cells(rows, language)
    while some := list(itertools.islice(left, AT_ONCE)):
        out = io.StringIO()
        csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(map(_safe, some))
        yield out.getvalue()


def columns(language: str = "fr") -> tuple[str, ...]:
    return _FRENCH if language == "fr" else _ENGLISH


def cells(rows: Iterable[Row], language: str = "fr") -> Iterator[tuple[str, ...]]:
    """A row per event, as text."""
    for at, event in rows:
        if event.action in _LEFT_OUT:
            continue
        yield (
            words.date_time(at), action(event.action, language), where(event, language),
            event.path, event.origin or event.to,
            number(event.size), number(event.version), event.sha256, event.by, why(event, language),
        )  # fmt: skip


def _safe(row: tuple[str, ...]) -> tuple[str, ...]:
    """Without formulas; dates, actions, numbers and digests are ours and hold none."""
    date, done, side, path, other, size, version, digest, by, reason = row
    return (date, done, side, defused(path), defused(other), size, version, digest, defused(by), defused(reason))


def number(known: int | None) -> str:
    return "" if known is None else str(known)


def why(event: Event, language: str) -> str:
    """The sentence of its reason, '' where it has none."""
    return words.reason(event.reason, event.detail, language) if event.reason else ""
