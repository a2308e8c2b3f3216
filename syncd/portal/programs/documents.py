"""Documents as a program sees them: live ones alone, of its clients and kinds of folders; what changed since a cursor."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q

from syncd.portal.clients.tree import place_of, rules_by_client
from syncd.portal.documents import receipts
from syncd.portal.models import Cabinet, Client, Document, EntryReference, FeedRow, Version
from syncd.portal.people.visibility import reached_clients, visible
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Program, Scope, Verb, may


@dataclass(frozen=True, slots=True)
class Page:
    """`gone`: ids of documents that are no longer live; `relist`: codes of clients whose folders or rules changed."""

    documents: list[Document]
    gone: list[str]
    relist: list[str]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """Of that client alone, by its code; of that reference alone: of an entry, or as a person wrote it."""

    code: str = ""
    reference: str = ""

    @property
    def wanted(self) -> Q:
        if not self.reference:
            return Q()
        entries = EntryReference.objects.filter(document=OuterRef("pk"), said=self.reference)
        return Q(reference=self.reference) | Q(Exists(entries))


@dataclass(frozen=True, slots=True)
class _Cursor:
    """`last`: the document that a page of the first listing ended with; '': that is over, and the feed goes on from `seq`."""

    epoch: str
    seq: int
    listing: bool
    last: str = ""

    def __str__(self) -> str:
        said = f"{self.epoch}.{self.seq}.{'l' if self.listing else 'f'}.{self.last}"
        return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def clients(actor: Program, after: str, most: int) -> list[Client]:
    """The clients of the key by code, from the one after `after`. Raises Refusal."""
    if not actor.scopes & {Scope.READ, Scope.CARDS, Scope.REFERENCE}:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return list(Client.objects.filter(reached_clients(actor), code__gt=after).order_by("code")[:most])


def client_of(actor: Program, code: str) -> Client:
    """Raises Refusal where the key does not reach it."""
    found = Client.objects.select_related("cabinet").filter(reached_clients(actor), code=code).first()
    if found is None:
        raise Refusal(Code.NO_CLIENT)
    return found


def one(actor: Program, document_id: str) -> Document:
    """Raises Refusal, the same whether it is not there or not within the key."""
    found = list(Document.objects.select_related("client").filter(visible(actor), id=document_id))
    if not (seen := _seen(actor, found)):
        raise Refusal(Code.DOCUMENT_UNKNOWN)
    return seen[0]


def version(actor: Program, document_id: str, number: int) -> tuple[Document, Version]:
    """A version by its number, 0 for the newest, of a document that may be downloaded. Raises Refusal."""
    document = one(actor, document_id)
    if not may(actor, Verb.DOWNLOAD, place_of(document)):
        raise Refusal(Code.DOCUMENT_UNKNOWN)
    wanted = {"number": number} if number else {"id": document.version_id}
    found = document.versions.filter(**wanted).first()
    if found is None:
        raise Refusal(Code.NO_VERSION, name=document.path, number=number)
    return document, found


def given(actor: Program, document: Document, held: Version) -> None:
    """The last byte of it has gone to the program: a download, by name. It is no receipt: no person of the cabinet saw it."""
    receipts.opened(actor, [(document, held)], "download", again=False)


def changes(actor: Program, since: str, cut: Cut, most: int) -> Page:
    """The next page. Raises Refusal."""
    if Scope.READ not in actor.scopes:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    client = client_of(actor, cut.code) if cut.code else None
    cabinet = Cabinet.objects.get(id=actor.cabinet)
    at = _read(since) if since else _Cursor(cabinet.epoch, cabinet.seq, listing=True)
    if at.epoch != cabinet.epoch or at.seq > cabinet.seq:
        raise Refusal(Code.CURSOR_UNKNOWN)
    return _listing(actor, at, client, cut, most) if at.listing else _since(actor, at, client, cut, most)


def _listing(actor: Program, at: _Cursor, client: Client | None, cut: Cut, most: int) -> Page:
    """By id, which never changes: what comes meanwhile, the feed tells of."""
    wanted = Document.objects.select_related("client").filter(visible(actor), cut.wanted, id__gt=at.last)
    if client is not None:
        wanted = wanted.filter(client=client)
    found = list(wanted.order_by("id")[: most + 1])
    over = len(found) <= most
    page = found[:most]
    after = replace(at, listing=not over, last="" if over else page[-1].id)
    return Page(_seen(actor, page), [], [], str(after), more=not over)


def _since(actor: Program, at: _Cursor, client: Client | None, cut: Cut, most: int) -> Page:
    rows = FeedRow.objects.filter(cabinet=actor.cabinet, seq__gt=at.seq, kind__in=("doc", "relist", "client"))
    if client is not None:
        rows = rows.filter(client=client.id)
    found = list(rows.order_by("seq").values_list("seq", "kind", "client", "object")[: most + 1])
    page, more = found[:most], len(found) > most
    touched = dict.fromkeys(object_ for _, kind, _, object_ in page if kind == "doc")
    changed = {c for _, kind, c, _ in page if kind != "doc"}
    reach = Client.objects.filter(reached_clients(actor), id__in=changed).order_by("code")
    documents = {
        d.id: d for d in Document.objects.select_related("client").filter(visible(actor), cut.wanted, id__in=touched)
    }
    seen = _seen(actor, [documents[i] for i in touched if i in documents])
    gone = [] if cut.reference else _gone(actor, [i for i in touched if i not in documents])
    after = replace(at, seq=page[-1][0] if page else at.seq)
    return Page(seen, gone, list(reach.values_list("code", flat=True)), str(after), more)


def _gone(actor: Program, ids: Sequence[str]) -> list[str]:
    """Those among them that the key would see were they live: of what lies elsewhere by now, nothing is told."""
    dead = (
        Document.objects.select_related("client")
        .filter(id__in=ids, client__cabinet=actor.cabinet)
        .exclude(tombstone="")
    )
    return [d.id for d in _seen(actor, dead)]


def _seen(actor: Program, found: Iterable[Document]) -> list[Document]:
    """Those of which `may` says so too: a query by kinds does not know what is restricted, or kept from machines."""
    found = list(found)
    rules = rules_by_client({d.client_id: d.client for d in found}.values())
    return [d for d in found if may(actor, Verb.VIEW, place_of(d, rules[d.client_id]))]


def _read(text: str) -> _Cursor:
    try:
        epoch, seq, kind, last = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(".")
        if kind not in ("l", "f") or not re.fullmatch(r"[0-9]{1,18}", seq) or not re.fullmatch(r"[0-9a-f]*", last):
            raise ValueError
        return _Cursor(epoch, int(seq), kind == "l", last)
    except (binascii.Error, ValueError):
        raise Refusal(Code.CURSOR_UNKNOWN) from None
