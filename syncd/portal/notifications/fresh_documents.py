"""Documents that people are told of: what is new of a deposit, and what of it somebody may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from syncd.core import paths
from syncd.core.folder_rules import ClientRules
from syncd.portal.clients.tree import place_in
from syncd.portal.models import Client, Deposit, DepositLine, Document, Version
from syncd.portal.rights import Person, Verb, may


def fresh(deposit: Deposit, after: datetime | None) -> list[Document]:
    """What it brought since people were told (`after`; None: nothing yet), and is still there."""
    stored = deposit.lines.filter(outcome__in=DepositLine.STORED, document__tombstone="").select_related("document")
    if after is not None:
        late_version = Version.objects.filter(id=OuterRef("version_id"), created_at__gt=after)
        new = Q(outcome__in=("stored", "beside"), document__created_at__gt=after)
        late = new | Q(Exists(late_version), outcome="version")
        stored = stored.filter(late)
    return list({line.document.id: line.document for line in stored if line.document is not None}.values())


def may_see(
    person: Person, client: Client, rules: ClientRules, documents: Sequence[Document], verb: Verb = Verb.VIEW
) -> list[Document]:
    return [d for d in documents if may(person, verb, place_in(client, paths.parent(d.path), rules))]
