"""Electronic invoices among documents: what each says, what belongs with it, where it may go; to whoever may open them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Concat, Length, Substr

from syncd.core import invoice_filing, paths
from syncd.core.invoices import Form
from syncd.portal.clients.tree import rules_of
from syncd.portal.models import Client, Document, InvoiceFacts
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person, Verb

PDF, XML = ".pdf", ".xml"
MOST = 1000  # of the same numbers that are compared for one page


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice in a list. `twin`: the other document of a pair; `before`: the earliest one that is the same invoice;
    `of_another`: it is made out to somebody else (told to the cabinet alone).
    """

    facts: InvoiceFacts
    twin: Document | None = None
    before: Document | None = None
    of_another: bool = False

    @property
    def sold(self) -> bool:
        """Whether it is the client's own."""
        return bool(self.facts.seller_siren) and self.facts.seller_siren == self.facts.client.siren

    @property
    def broken(self) -> bool:
        return self.facts.form == Form.BROKEN


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where it may go, and what it may be called; '' where nothing is sure, or it is so already."""

    folder: str
    name: str


def bills(actor: Person, documents: Sequence[Document]) -> dict[str, Bill]:
    """By document: those that are invoices, or the readable side of one, as far as the actor may open them. Six queries at most."""
    versions = {d.version_id: d for d in documents}
    own = {f.document_id: f for f in _of_current(actor, Q(version_id__in=list(versions)))}
    beside = _beside(actor, [d for d in documents if d.id not in own])
    facts = own | beside
    same = _same(actor, facts.values())
    found = {}
    for d in documents:
        if (said := facts.get(d.id)) is None:
            continue
        others = [o for o in same if _is_same(said, o) and o.document_id not in (d.id, said.document_id)]
        twin = said.document if d.id in beside else next((o.document for o in others if _are_pair(d, o.document)), None)
        earlier = [
            o.document for o in others
            if not _are_pair(d, o.document) and (twin is None or o.document_id != twin.id)
            and (o.document.created_at, o.document_id) < (d.created_at, d.id)
        ]  # fmt: skip
        first = min(earlier, key=lambda o: (o.created_at, o.id), default=None)
        whose = invoice_filing.of_another(said.client.siren, said.seller_siren, said.buyer_siren)
        found[d.id] = Bill(said, twin, first, whose and actor.role.of_cabinet)
    return found


def facts_of(actor: Person, documents: Sequence[Document]) -> dict[str, InvoiceFacts]:
    """By document: what those say that are read invoices and that the actor may open. Two queries at most."""
    said = _of_current(actor, Q(version_id__in=[d.version_id for d in documents])) if documents else []
    return {f.document_id: f for f in said if f.form != Form.BROKEN}


def _of_current(actor: Person, wanted: Q) -> list[InvoiceFacts]:
    """Of current versions, which the actor may open: those few that are wanted are found first."""
    rows = InvoiceFacts.objects.filter(wanted, cabinet=actor.cabinet, document__version_id=F("version_id"))
    found = list(rows.select_related("document", "client")[:MOST])
    asked = Document.objects.filter(visible(actor, Verb.DOWNLOAD), id__in={f.document_id for f in found})
    may_open = set(asked.values_list("id", flat=True)) if found else set()
    return [f for f in found if f.document_id in may_open]


def _beside(actor: Person, documents: Iterable[Document]) -> dict[str, InvoiceFacts]:
    """Of PDFs that say nothing: what the XML of the same name beside them says."""
    wanted = {(d.client_id, d.key[: -len(PDF)] + XML): d.id for d in documents if d.key.endswith(PDF)}
    if not wanted:
        return {}
    keys = {key for _, key in wanted}
    found = _of_current(
        actor, Q(client__in={c for c, _ in wanted}, document__key__in=keys, document__tombstone="")
    )  # fmt: skip
    return {wanted[at]: f for f in found if (at := (f.document.client_id, f.document.key)) in wanted}


def _same(actor: Person, facts: Iterable[InvoiceFacts]) -> list[InvoiceFacts]:
    """What may be the same invoice as any of these."""
    known = [f for f in facts if f.number_key and f.seller_key]
    if not known:
        return []
    return _of_current(actor, Q(
        client__in={f.client_id for f in known}, number_key__in={f.number_key for f in known},
        seller_key__in={f.seller_key for f in known}, document__tombstone="",
    ))  # fmt: skip


def _is_same(one: InvoiceFacts, other: InvoiceFacts) -> bool:
    return (one.client_id, one.seller_key, one.number_key, one.issued) == (
        other.client_id, other.seller_key, other.number_key, other.issued,
    )  # fmt: skip


def _are_pair(one: Document, other: Document) -> bool:
    """A PDF and an XML in one folder."""
    ends = {paths.split_ext(d.key)[1] for d in (one, other)}
    return ends == {PDF, XML} and paths.parent(one.key) == paths.parent(other.key)


def behind_its_pdf(client: Client, folder: str) -> Q:
    """Of the documents right inside that folder: an XML whose PDF lies beside it, by name or by what both say. A list has one line
    for the two.
    """
    at = paths.key(folder) + "/"
    named = Concat(Substr(OuterRef("key"), 1, Length(OuterRef("key")) - len(XML)), Value(PDF))
    mute = ~Exists(InvoiceFacts.objects.filter(version_id=OuterRef("version_id")))  # else it may be another invoice
    by_name = Document.objects.filter(mute, client=client, tombstone="", key=named)
    pdfs = InvoiceFacts.objects.filter(
        client=client, number_key=OuterRef("number_key"), seller_key=OuterRef("seller_key"), issued=OuterRef("issued"), document__tombstone="",
        document__key__startswith=at, document__key__endswith=PDF, document__version_id=F("version_id"),
    ).annotate(rest=Substr("document__key", len(at) + 1)).exclude(rest__contains="/")  # fmt: skip
    said = InvoiceFacts.objects.filter(version_id=OuterRef("version_id"))
    by_facts = said.exclude(number_key="").exclude(seller_key="").filter(Exists(pdfs))
    return Q(key__endswith=XML) & Q(Exists(said)) & (Q(Exists(by_name)) | Q(Exists(by_facts)))


def saying(actor: Person, word: str) -> Q:
    """Of documents: invoices that the actor may open and that say the word, in a name, their number, their day or their total."""
    return _among(actor, Q(folded__contains=word))


def between(actor: Person, least: Decimal | None, most: Decimal | None) -> Q:
    """Of documents: invoices that the actor may open whose total lies there; all, where neither is given."""
    if least is None and most is None:
        return Q()
    wanted = Q(gross__isnull=False)
    if least is not None:
        wanted &= Q(gross__gte=least)
    if most is not None:
        wanted &= Q(gross__lte=most)
    return _among(actor, wanted)


def _among(actor: Person, wanted: Q) -> Q:
    held = InvoiceFacts.objects.filter(wanted, cabinet=actor.cabinet)
    if actor.alike is None:
        held = held.filter(client__in=[c for c in actor.clients if actor.reaches(c)])
    return Q(pk__in=held.values("document"), version_id__in=held.values("version")) & visible(actor, Verb.DOWNLOAD)


def proposal(document: Document, facts: InvoiceFacts, folders: Sequence[str]) -> Proposal:
    """`folders`: those that whoever is asked may put it into."""
    client = document.client
    side = invoice_filing.side(client.siren, facts.seller_siren, facts.buyer_siren)
    rules = rules_of(client)
    kinds = {path: rule.kind for path in folders if (rule := rules.rule(path)) is not None}
    days = [day for day in (facts.issued, facts.delivered) if day is not None]
    to = invoice_filing.folder(side, days, kinds, _exercises(client)) if side and days else ""
    stem, ending = paths.split_ext(paths.name(document.path))
    who = facts.buyer if side == invoice_filing.SALES else facts.seller
    name = invoice_filing.name(facts.issued, who, facts.number, facts.gross, facts.currency)
    return Proposal("" if to == paths.parent(document.path) else to, f"{name}{ending}" if name and name != stem else "")


def _exercises(client: Client) -> list[tuple[str, date, date]]:
    return list(client.exercises.values_list("label", "start", "end"))
