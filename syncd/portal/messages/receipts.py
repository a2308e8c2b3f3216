"""Receipts of deposits among the messages: one entry for each, whatever it held; by kind of folder, so that nobody learns of
what they do not see. Nobody is told of them here: a mail has said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop as noop

from syncd.portal.messages.entries import Kind, Said, append
from syncd.portal.messages.threads import made
from syncd.portal.models import Deposit, DepositLine
from syncd.portal.records.feed import writing
from syncd.portal.rights import Operator

SUBJECT = noop("Accusés de dépôt")
LATELY = timedelta(days=2)  # what is older was told before there were messages
AT_ONCE = 50


def gather() -> None:
    """Of deposits that people were told of, those that stand in no thread yet, the first told first; each in a transaction of
    its own. One that holds nothing to be told of takes nobody's place."""
    told = Deposit.objects.filter(
        Exists(_held().filter(deposit=OuterRef("pk"))), told_at__gt=datetime.now(UTC) - LATELY, origin="company",
        entries__isnull=True, client__closed=False,
    )  # fmt: skip
    for deposit in told.select_related("client__cabinet").order_by("told_at", "id")[:AT_ONCE]:
        with writing(deposit.client.cabinet_id):
            if not told.filter(id=deposit.id).exists():  # by now
                continue
            for kind in _kinds(deposit):
                _enter(deposit, kind)


def _held() -> QuerySet[DepositLine]:
    """Lines whose document may be told of."""
    return DepositLine.objects.filter(outcome__in=DepositLine.STORED, document__isnull=False).exclude(document__kind="")


def _kinds(deposit: Deposit) -> Sequence[str]:
    """Of the folders that its documents lie in, each once."""
    return sorted(set(_held().filter(deposit=deposit).values_list("document__kind", flat=True)))


def _enter(deposit: Deposit, kind: str) -> None:
    client = deposit.client
    actor = Operator(client.cabinet_id, client.cabinet.name)
    append(actor, made(actor, client, SUBJECT, kind, None), Said(Kind.DEPOSIT, "", deposit=deposit), told=())
