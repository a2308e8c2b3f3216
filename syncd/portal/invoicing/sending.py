"""« Envoyer à mon cabinet »: a copy of an issued invoice is deposited as anything is, with its receipt. The cabinet sees that copy,
and nothing else of what a company writes here."""

from __future__ import annotations

import secrets

from django.utils import timezone

from syncd.portal.documents import deposit as deposits
from syncd.portal.invoicing import files
from syncd.portal.invoicing.drafts import seen
from syncd.portal.invoicing.entry import Level, changing, enter
from syncd.portal.models import Client
from syncd.portal.private_space import sending as private_sending
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

SALES = "sales"


def folders(actor: Person, client: Client) -> list[str]:
    """Where the actor may send to: folders of sales first."""
    there = private_sending.folders(actor, client)
    kinds = private_sending.kinds_of(client)
    return sorted(there, key=lambda path: kinds.get(path) != SALES)  # stable: the likeliest of the others next


def send(actor: Person, client: Client, document_id: str, folder: str = "") -> str:
    """The number of the receipt. `folder`: '' for the likeliest. Raises Refusal."""
    enter(actor, client, Level.ISSUE)
    _sales, row = seen(actor, client, document_id)
    there = folders(actor, client)
    folder = folder or next(iter(there), "")
    if not row.number or row.family == "quote" or folder not in there:
        raise Refusal(Code.SALES_NOT_SENT)
    row, source = files.opened(actor, client, document_id)
    with source:
        begun = deposits.begin(actor, client, secrets.token_hex(16))
        line = deposits.take_stream(actor, begun, folder, files.name_of(row), source)
    if line.outcome not in private_sending.STORED:
        raise Refusal(Code.SALES_NOT_SENT)
    with changing(actor, client, Level.ISSUE) as now:
        now.documents.filter(id=row.id).update(sent_at=timezone.now(), sent_number=begun.number)
        now.note("sent", f"{row.number}, {begun.number}")
    return begun.number
