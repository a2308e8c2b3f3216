"""A migration's report: words for people, a table for a spreadsheet, lines for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from syncd.core import words
from syncd.core.migration.report import ClientReport, Filter, MigrationReport, NotTaken
from syncd.core.verdicts import Verdict
from syncd.core.words import migration as said
from syncd.report.journal import number
from syncd.report.spreadsheet import sheet

_FRENCH = ("Code dossier", "Client", "Colla resp.", "Site", "Groupe", "Secteur", "Type de traitement", "Date début", "Date fin", "Résultat", "Documents", "Copiés", "Déjà présents", "Repris auparavant", "En erreur", "Exercices plus anciens", "En ligne", "Libellé", "Document", "Motif")  # fmt: skip
_ENGLISH = ("Code", "Client", "Responsible", "Site", "Group", "Sector", "Kind", "Start", "End", "Result", "Documents", "Copied", "Already there", "Taken earlier", "In error", "Older exercises", "Online", "Label", "Document", "Reason")  # fmt: skip
SHOWN = 20  # documents, or places, that the words name; the table has all

LocalTime = Callable[[float], datetime]


def columns(language: str = "fr") -> tuple[str, ...]:
    return _FRENCH if language == "fr" else _ENGLISH


def verdict(one: Verdict, language: str, exit_code: int = 0) -> str:
    """One of five: time that is up leaves a client, or the whole, under way."""
    return words.label(Verdict.RUNNING if one is Verdict.BUDGET else one, language, exit_code)


def why(one: NotTaken, language: str) -> str:
    own = said.REASONS.get(one.reason)
    if own is None:
        return words.reason(one.reason, one.detail, language)
    return f"{own(language)} ({one.detail})" if one.detail else own(language)


# -- words -------------------------------------------------------------------------------------------------------------


def render(report: MigrationReport, local_time: LocalTime, language: str = "fr") -> Iterator[str]:
    """In pieces that end with a line's end."""
    title = (
        said.PLAN_TITLE(language)
        if report.dry_run
        else said.TITLE(language, run=report.run, at=words.date_time(local_time(report.started)))
    )
    yield f"{title}\n{said.FROM(language, source=report.source)}\n"
    if not report.dry_run:
        yield f"{said.VERDICT(language, verdict=_told(report, language))}\n"
    yield "\n"
    for client in report.clients:
        yield from _client(client, language, dry=report.dry_run)
    if not report.clients and not report.unclaimed:
        yield f"{said.NOTHING(language)}\n"
    if report.unclaimed:
        yield f"{said.LISTED(language)}\n"
        yield from _named(report.unclaimed, language)
    if report.waiting:
        yield f"{said.WAITING_CLIENTS(language, codes=', '.join(report.waiting))}\n"


def _told(report: MigrationReport, language: str) -> str:
    shown = verdict(report.verdict, language, report.stop_code)
    if not report.reason:
        return shown
    own = said.REASONS.get(report.reason)
    because = own(language) if own is not None else words.reason(report.reason, report.detail, language)
    return f"{shown} – {because}"


def _client(client: ClientReport, language: str, *, dry: bool) -> Iterator[str]:
    state = said.DOCUMENTS(language, client.found) if dry else verdict(client.verdict, language)
    n_of_n = said.N_OF_N(language, done=client.done, found=client.found)
    head = said.PLAN_CLIENT if dry else said.CLIENT
    yield f"{head(language, code=client.code, name=client.name, verdict=state, n_of_n=n_of_n)}\n"
    if client.stopped:
        yield f"  {words.reason(client.stopped, '', language)}\n"
    copied = said.TO_COPY if dry else said.COPIED
    counted = [
        f"{copied(language, client.copied)} ({words.size(client.bytes, language)})" if client.copied else "",
        said.ALREADY(language, client.already) if client.already else "",
        said.EARLIER(language, client.earlier) if client.earlier else "",
        said.LATE(language, client.late) if client.late else "",
        said.RENAMED(language, client.renamed) if client.renamed else "",
        said.OUT_OF_SCOPE(language, client.left) if client.left else "",
        said.ERRORS(language, client.failed) if client.failed else "",
    ]
    for line in counted:
        if line:
            yield f"  {line}\n"
    yield from _named(client.errors, language)
    if client.listed:
        yield f"  {said.LISTED(language)}\n"
        yield from _named(client.listed, language)
    yield "\n"


def _named(found: tuple[NotTaken, ...], language: str) -> Iterator[str]:
    for one in found[:SHOWN]:
        many = f", {said.DOCUMENTS(language, one.documents)}" if one.documents > 1 else ""
        yield f"    {one.source} – {why(one, language)}{many}\n"
    if len(found) > SHOWN:
        yield f"    {said.AND_OTHERS(language, number=len(found) - SHOWN)}\n"


# -- a table -----------------------------------------------------------------------------------------------------------


def rows(
    report: MigrationReport, local_time: LocalTime, asked: Filter | None = None, language: str = "fr"
) -> Iterator[tuple[str, ...]]:
    """A client's own row, then one for each document in error and each place that goes nowhere."""
    for client in report.clients:
        if asked is not None and not asked.takes(client):
            continue
        head = _head(client, local_time, language)
        counts = (
            client.found,
            client.copied,
            client.already,
            client.earlier,
            client.failed,
            client.left,
            client.online,
        )
        label = said.N_OF_N(language, done=client.done, found=client.found)
        stopped = words.reason(client.stopped, "", language) if client.stopped else ""
        yield *head, *(number(n) for n in counts), label, "", stopped
        blank = ("",) * len(counts)
        for one in (*client.errors, *client.listed):
            yield *head, *blank, "", one.source, why(one, language)
    if asked is None or asked == Filter():
        start = words.date_time(local_time(report.started))
        for one in report.unclaimed:
            head = ("", "", "", "", "", "", said.KIND(language), start, "", verdict(Verdict.WARNING, language))
            yield *head, *("",) * 7, "", one.source, why(one, language)


def _head(client: ClientReport, local_time: LocalTime, language: str) -> tuple[str, ...]:
    card = client.card
    ended = words.date_time(local_time(client.ended)) if client.ended else ""
    return (
        client.code, client.name, card.responsible, card.site, card.group, card.sector, said.KIND(language),
        words.date_time(local_time(client.started)), ended, verdict(client.verdict, language),
    )  # fmt: skip


def as_csv(table: Iterable[tuple[str, ...]], language: str = "fr") -> str:
    return sheet(columns(language), table)


# -- lines -------------------------------------------------------------------------------------------------------------

_COUNTS = ("found", "copied", "already", "earlier", "renamed", "bytes", "left", "online", "late", "failed")


def lines(report: MigrationReport, asked: Filter | None = None) -> Iterator[dict[str, Any]]:
    """One for each client, and the last of the launch."""
    clients = [c for c in report.clients if asked is None or asked.takes(c)]
    for client in clients:
        yield {
            "type": "migrated", "client": client.code, "verdict": client.verdict.value,
            "label": verdict(client.verdict, "fr"), "started": client.started, "ended": client.ended,
            **{name: getattr(client, name) for name in _COUNTS},
            "errors": [_not_taken(one) for one in client.errors], "listed": [_not_taken(one) for one in client.listed],
            **({"stopped": client.stopped} if client.stopped else {}),
        }  # fmt: skip
    yield {
        "type": "migration", "run": report.run, "source": report.source, "verdict": report.verdict.value,
        "label": verdict(report.verdict, "fr", report.stop_code), "exit_code": report.exit_code,
        "started": report.started, "ended": report.ended,
        **{name: sum(getattr(c, name) for c in clients) for name in _COUNTS},
        "waiting": list(report.waiting), "listed": [_not_taken(one) for one in report.unclaimed],
        **({"reason": report.reason} if report.reason else {}),
        **({"dry_run": True} if report.dry_run else {}),
    }  # fmt: skip


def _not_taken(one: NotTaken) -> dict[str, Any]:
    found: dict[str, Any] = {"source": one.source, "reason": one.reason, "documents": one.documents}
    return found | ({"detail": one.detail} if one.detail else {})
