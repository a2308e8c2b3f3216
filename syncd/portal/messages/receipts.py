"""Receipts of deposits among the messages: one entry for each, whatever it held; by kind of folder, so that nobody learns of
what they do not see. Nobody is told of them here: a mail has said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_noop as noop

from syncd.portal.documents.received import STORED
from syncd.portal.messages.entries import Kind, Said, append
from syncd.portal.messages.threads import made
from syncd.portal.models import Deposit
from syncd.portal.records.feed import writing
from syncd.portal.rights import Operator

SUBJECT = noop("Accusés de dépôt")
LATELY = timedelta(days=2)  # what is older was told before there were messages
AT_ONCE = 50


def gather() -> None:
    """Of deposits that people were told of, those that stand in no thread yet; each in a transaction of its own."""
    told = Deposit.objects.filter(told_at__gt=datetime.now(UTC) - LATELY, origin="company", entries__isnull=True)
    for deposit in told.filter(client__closed=False).select_related("client__cabinet")[:AT_ONCE]:
        with writing(deposit.client.cabinet_id):
            for kind in _kinds(deposit):
                _enter(deposit, kind)


def _kinds(deposit: Deposit) -> Sequence[str]:
    """Of the folders that its documents lie in, each once."""
    lines = deposit.lines.filter(outcome__in=STORED, document__isnull=False).exclude(document__kind="")
    return sorted(set(lines.values_list("document__kind", flat=True)))


def _enter(deposit: Deposit, kind: str) -> None:
    client = deposit.client
    actor = Operator(client.cabinet_id, client.cabinet.name)
    append(actor, made(actor, client, SUBJECT, kind, None), Said(Kind.DEPOSIT, "", deposit=deposit), told=())
