"""Into which folder a document of an item goes, and which deposits may be what is asked for: proposed, never taken."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import invoice_filing, paths
from syncd.core.fiscal_years import of_folder
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.named_months import fits
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.documents import invoices
from syncd.portal.models import Document, Folder, InvoiceFacts, RequestedItem
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person, Place, Verb, may

SHOWN, LOOKED_AT = 5, 60
SIDES = {invoice_filing.PURCHASES, invoice_filing.SALES}


def folder_of(actor: Person, item: RequestedItem, rules: ClientRules, there: Sequence[str]) -> str:
    """Where the actor's documents for the item go: the first folder of its kind, in it the exercise's own where there is one;
    where the tree has none of the kind, the one that is filed later. '' where the actor may put nothing. `there`: paths of the
    client's folders that are online."""
    client, online = item.request.client, {paths.key(p): p for p in there}

    def fine(path: str) -> bool:
        place = Place(client.cabinet_id, rules, path, client.id, client.closed)
        return paths.key(path) in online and may(actor, Verb.DEPOSIT, place)

    of_kind = [r for r in rules.folders if r.kind == item.kind and rules.folder_direction(r.path).takes]
    fallback = [r for r in rules.folders if r.kind == INBOX] if not of_kind else []
    found = next((r for r in (*of_kind, *fallback) if fine(r.path)), None)
    if found is None:
        return ""
    return _exercise(found, item, rules, online)


def _exercise(rule: FolderRule, item: RequestedItem, rules: ClientRules, online: dict[str, str]) -> str:
    if item.end is not None and rule.per_exercise:
        for key, path in online.items():
            if paths.parent(key) == paths.key(rule.path):
                exercise = of_folder(paths.name(path), rules.code, rules.exercises)
                if exercise is not None and exercise.start <= item.end <= exercise.end:
                    return path
    return rule.path


def online(item: RequestedItem) -> list[str]:
    """Paths of its client's folders."""
    folders = Folder.objects.filter(client_id=item.request.client_id, deleted_at__isnull=True)
    return list(folders.order_by("key").values_list("path", flat=True))


def proposals(actor: Person, items: Sequence[RequestedItem]) -> dict[str, list[Document]]:
    """By item, of one request: what the company deposited since it was asked that answers nothing yet, in a folder of the kind,
    or an invoice that is not filed and says itself that it is of that kind. Three queries, however many items.
    """
    waiting = [i for i in items if not i.how]
    if not waiting:
        return {}
    request, kinds = waiting[0].request, {i.kind for i in waiting}
    came = Document.objects.filter(
        visible(actor), client=request.client_id, tombstone="", by_company=True, created_at__gte=request.made_at,
        kind__in=kinds | ({INBOX} if kinds & SIDES else set()), answers__isnull=True,
    )  # fmt: skip
    latest = list(came.order_by("-created_at")[:LOOKED_AT])
    said = invoices.facts_of(actor, latest)
    found = {i.id: [d for d in latest if _fits(i, d, said.get(d.id))][:SHOWN] for i in waiting}
    return {item: documents for item, documents in found.items() if documents}


def _fits(item: RequestedItem, document: Document, said: InvoiceFacts | None) -> bool:
    """An invoice by what it says, where it says so; anything by its folder, and by its name."""
    side = invoice_filing.side(item.request.client.siren, said.seller_siren, said.buyer_siren) if said else ""
    kind = side if side and (document.kind == INBOX or document.kind in SIDES) else document.kind
    if kind != item.kind:
        return False
    if said is None or said.issued is None or item.start is None or item.end is None:
        return fits(document.path, item.start, item.end)
    return item.start <= said.issued <= item.end
