"""A client's space as a person sees it: folders as tiles, documents as rows, each with what happened to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext as _

from syncd.core import paths
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.search_folding import fold
from syncd.portal.clients.folder_labels import Labels
from syncd.portal.clients.tree import place_in
from syncd.portal.documents import invoices
from syncd.portal.documents.invoices import Bill
from syncd.portal.language import named, way
from syncd.portal.models import Client, DeletionRequest, Document, Folder, Opened, Thread, Version
from syncd.portal.people.visibility import messages, visible
from syncd.portal.rights import Person, Verb, may


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder: how much is in it, the last deposit with its fate; nobody's name where the engine brought it."""

    path: str
    name: str
    rule: FolderRule
    count: int
    last_at: datetime | None
    last_by: str
    last_received_at: datetime | None
    may_deposit: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A document with its current version, and who of the other side looked at it last. `way`: as people are told it.
    `asked_at`: its deletion was asked for. `question`, `question_by`: as in models.Thread, of one that the reader may read.
    `bill`: what it says, where it is an electronic invoice.
    """

    doc: Document
    name: str
    folder: str
    at: datetime
    by: str
    origin: str
    way: str = ""
    seen_at: datetime | None = None
    seen_by: str = ""
    treated_at: datetime | None = None
    treated_by: str = ""
    asked_at: datetime | None = None
    asked_by: str = ""
    question: str = ""
    question_by: str = ""
    bill: Bill | None = None


def shelves(actor: Person, client: Client, rules: ClientRules, labels: Labels, inside: str = "") -> list[Shelf]:
    """The folders right inside `inside` ('' for the client's top level) that the actor may see: in the cabinet's order,
    then the tree's own.
    """
    below = paths.key(inside) + "/" if inside else ""
    folders = Folder.objects.filter(client=client, deleted_at__isnull=True, key__startswith=below)
    wanted = {}
    for f in folders:
        if f.key.count("/") == below.count("/") and _may(actor, Verb.VIEW, client, rules, f.path):
            wanted[f.key] = f.path
        elif f.key.count("/") > below.count(
            "/"
        ):  # a folder one may see below one that one may not: the way leads there
            key = "/".join(f.key.split("/")[: below.count("/") + 1])
            if key not in wanted and _may(actor, Verb.VIEW, client, rules, f.path):
                wanted[key] = "/".join(f.path.split("/")[: below.count("/") + 1])
    rows = Document.objects.filter(visible(actor), client=client, tombstone="", key__startswith=below)
    found_of = _tops(rows, below)
    latest = _latest(rows, below, {at for _, at in found_of.values()})
    told = Version.objects.filter(id__in=[v for v, _ in latest.values()]).exclude(origin="engine")
    by = {version: named(name, origin) for version, name, origin in told.values_list("id", "by", "origin")}
    order = {paths.key(r.path): n for n, r in enumerate(rules.folders)}
    found = []
    for key, path in sorted(wanted.items(), key=lambda x: (labels.rank(x[0]), order.get(x[0], len(order)), fold(x[0]))):
        rule = rules.rule(path)
        if rule is None:
            continue
        count, at = found_of.get(key, (0, None))
        version, received = latest.get((key, at), ("", None))
        found.append(
            Shelf(path, paths.name(labels.shown(path)), rule, count, at, by.get(version, ""), received if version in by else None,
                  _may(actor, Verb.DEPOSIT, client, rules, path))
        )  # fmt: skip
    return found


def _may(actor: Person, verb: Verb, client: Client, rules: ClientRules, folder: str) -> bool:
    return may(actor, verb, place_in(client, folder, rules))


def _tops(documents: QuerySet[Document], below: str) -> dict[str, tuple[int, datetime | None]]:
    """Of each folder right inside `below`, by key: how many documents it holds at any depth, and when the latest came."""
    inside = documents.annotate(rest=Substr("key", len(below) + 1)).annotate(slash=StrIndex("rest", Value("/")))
    named = inside.filter(slash__gt=0).annotate(top=Substr("rest", 1, F("slash") - 1))
    rows = named.order_by().values_list("top").annotate(n=Count("id"), last=Max("created_at"))
    return {below + top: (n, last) for top, n, last in rows}


def _latest(
    documents: QuerySet[Document], below: str, moments: Collection[datetime | None]
) -> dict[tuple[str, datetime | None], tuple[str, datetime | None]]:
    """(version's id, received when) of a document in each folder right inside `below` at each of these moments."""
    rows = documents.filter(created_at__in=moments).values_list("key", "created_at", "version_id", "received_at")
    top = below.count("/") + 1
    return {("/".join(key.split("/")[:top]), at): (version, received) for key, at, version, received in rows}


def sent_by_company() -> Q:
    """Of documents: whose current version came from the company, and not from the cabinet since. Most have their first version
    only, which the document itself knows."""
    return Q(by_company=True, version=1) | Q(
        Exists(Version.objects.filter(id=OuterRef("version_id"), origin="company"))
    )


def documents_in(actor: Person, client: Client, folder: str) -> QuerySet[Document]:
    """The live documents right inside the folder, newest first; those that came together by their names."""
    found = Document.objects.filter(visible(actor), client=client, tombstone="")
    return right_inside(found, folder).order_by("-created_at", "key")


@dataclass(frozen=True, slots=True)
class Turns:
    """Where a document stands among those of its folder, in the order of the list: `at` of `of`, by id the one before and after."""

    at: int
    of: int
    before: str
    after: str


def turns(listed: QuerySet[Document], document: Document) -> Turns | None:
    """`listed`: the list that the document was opened from, in its order. None of a document that it does not show."""
    ids = list(listed.values_list("id", flat=True))
    if document.id not in ids:
        return None
    at = ids.index(document.id)
    return Turns(at + 1, len(ids), ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "")


def binned_in(actor: Person, client: Client, folder: str) -> QuerySet[Document]:
    """Those of the bin, the last deleted first."""
    found = Document.objects.filter(visible(actor), client=client).exclude(tombstone="")
    return right_inside(found, folder).order_by("-deleted_at")


def right_inside(documents: QuerySet[Document], folder: str) -> QuerySet[Document]:
    """Of them those that no folder below `folder` holds."""
    at = paths.key(folder) + "/"
    return documents.filter(key__startswith=at).annotate(rest=Substr("key", len(at) + 1)).exclude(rest__contains="/")


def rows_of(actor: Person, documents: Iterable[Document]) -> list[Row]:
    """Eleven queries at most, however many documents."""
    documents = list(documents)
    bills = invoices.bills(actor, documents)
    versions = {v.id: v for v in Version.objects.filter(id__in=[d.version_id for d in documents])}
    other = "company" if actor.role.of_cabinet else "cabinet"
    seen: dict[str, tuple[datetime | None, str]] = {}
    opened = Opened.objects.filter(document__in=documents, origin=other).order_by("at")
    for document, at, name in opened.values_list("document_id", "at", "by"):
        seen[document] = (at, named(name, other))
    asked = {r.document_id: r for r in DeletionRequest.objects.filter(document__in=documents)}
    said = Thread.objects.filter(messages(actor), document__in=documents).exclude(question="")
    questions = {d: (q, by) for d, q, by in said.values_list("document_id", "question", "asked_by")}
    rows = []
    for d in documents:
        v = versions.get(d.version_id)
        when, name = seen.get(d.id, (None, ""))
        request = asked.get(d.id)
        rows.append(
            Row(d, paths.name(d.path), paths.parent(d.path), v.created_at if v else d.created_at,
                _("le cabinet") if v and v.origin == "engine" else (named(v.by, v.origin) if v else ""), v.origin if v else "", way(v.way) if v else "", when, name,
                v.treated_at if v else None, named(v.treated_by, "cabinet") if v else "", request.at if request else None, named(request.by, "company") if request else "",
                *questions.get(d.id, ("", "")), bills.get(d.id))
        )  # fmt: skip
    return rows
