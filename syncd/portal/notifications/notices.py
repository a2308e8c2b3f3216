"""Who is told of what arrived: one letter per deposit, one per batch of the cabinet's documents, after a quiet while.

To the responsible accountant (else the correspondents) and to the company's people, each with what they may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _

from syncd.core import paths
from syncd.core.folder_rules import ClientRules
from syncd.portal.clients.folder_labels import labels_of
from syncd.portal.clients.tree import rules_of
from syncd.portal.language import counted, named, size, speaking
from syncd.portal.models import Client, DeletionRequest, Deposit, Document, User, Version
from syncd.portal.people.visibility import person_of
from syncd.portal.records import mail_queue
from syncd.portal.rights import Person, Place, Role, Verb, may

SHOWN = 30
WHILES = 6  # quiet whiles, half an hour of them by default, that one deposit takes in and one letter tells


def gather() -> None:
    """Queues what is due; each deposit and each batch in its own transaction, told once."""
    quiet = datetime.now(UTC) - timedelta(seconds=settings.QUIET)
    begun = datetime.now(UTC) - WHILES * timedelta(seconds=settings.QUIET)  # one letter for the half hour
    untold = Q(told_at__isnull=True) | Q(last_at__gt=F("told_at"))  # a deposit may go on after a pause
    for deposit in Deposit.objects.filter(untold, last_at__lt=quiet, at__lt=begun).select_related("client__cabinet")[
        :50
    ]:
        with transaction.atomic():
            still = Deposit.objects.filter(id=deposit.id, told_at=deposit.told_at, last_at=deposit.last_at)
            if not still.update(told_at=deposit.last_at):  # another round was faster, or more came
                continue
            if settings.EMAIL_HOST and deposit.origin == "company":
                _deposit(deposit)
    _requests(quiet)
    for client in Client.objects.filter(news_since__lt=quiet).select_related("cabinet")[:50]:
        fresh = Version.objects.filter(document__client=client, created_at__gte=client.news_since).exclude(
            origin="company"
        )
        latest = fresh.aggregate(at=Max("created_at"))["at"]
        if latest is not None and latest > quiet:
            continue
        with transaction.atomic():
            if not Client.objects.filter(id=client.id, news_since=client.news_since).update(news_since=None):
                continue
            if settings.EMAIL_HOST and latest is not None:
                _published(client, list(fresh.filter(document__tombstone="").values_list("document_id", flat=True)))


def _deposit(deposit: Deposit) -> None:
    stored = deposit.lines.filter(outcome__in=("stored", "again", "version"), document__tombstone="").select_related(
        "document"
    )
    if deposit.told_at is not None:
        fresh = Version.objects.filter(id=OuterRef("version_id"), created_at__gt=deposit.told_at)
        late = Q(outcome="stored", document__created_at__gt=deposit.told_at) | Q(Exists(fresh), outcome="version")
        stored = stored.filter(late)
    documents = [line.document for line in stored if line.document is not None]
    if not documents:
        return
    client, rules = deposit.client, rules_of(deposit.client)
    for user in accountants(client):
        if seen := _seen(person_of(user), client, rules, documents):
            with speaking(user.language):
                what = counted(len(seen), "document", "documents")
                subject = _("{client} a déposé {documents}").format(client=client.name, documents=what)
                _letter(user, subject, "deposit", client, seen, deposit=deposit, company=False)
    for user in company(client):
        if seen := _seen(person_of(user), client, rules, documents):
            with speaking(user.language):
                what = counted(len(seen), "document", "documents")
                subject = _("Accusé de dépôt n° {number} – {client} : {documents}")
                subject = subject.format(number=deposit.number, client=client.name, documents=what)
                _letter(user, subject, "deposit", client, seen, deposit=deposit, company=True)


def _requests(quiet: datetime) -> None:
    """One letter per client about the deletions it asks for, once nobody asked for a while."""
    untold = DeletionRequest.objects.filter(told_at__isnull=True, document__tombstone="")
    latest = untold.values("client").annotate(at=Max("at")).filter(at__lt=quiet)
    for client in Client.objects.filter(id__in=latest.values("client")).select_related("cabinet")[:50]:
        with transaction.atomic():
            asked = list(untold.filter(client=client).select_related("document").order_by("at"))
            rules, by = rules_of(client), ", ".join(dict.fromkeys(named(r.by, "company") for r in asked))
            for user in accountants(client) if settings.EMAIL_HOST else ():
                if seen := _seen(person_of(user), client, rules, [r.document for r in asked], Verb.DELETE):
                    with speaking(user.language):
                        what = counted(len(seen), "suppression demandée", "suppressions demandées")
                        subject = _("{client} : {requests}").format(client=client.name, requests=what)
                        desk = mail_queue.address("/a-faire")
                        _letter(user, subject, "deletion_request", client, seen, by=by, desk=desk)
            DeletionRequest.objects.filter(id__in=[r.id for r in asked]).update(told_at=datetime.now(UTC))


def _published(client: Client, ids: Sequence[str]) -> None:
    """Nothing at a client's first publication: everything would be news."""
    before = Version.objects.filter(document__client=client, created_at__lt=client.news_since, origin="engine")
    if not before.exists():
        return
    documents = list(Document.objects.filter(id__in=ids[:2000]).order_by("key"))
    rules = rules_of(client)
    for user in company(client):
        if seen := _seen(person_of(user), client, rules, documents):
            with speaking(user.language):
                subject = _("{cabinet} a mis {documents} dans votre espace – {client}")
                what = _what(seen, client.news_since)
                subject = subject.format(cabinet=client.cabinet.name, documents=what, client=client.name)
                _letter(user, subject, "published", client, seen)


def _what(documents: Sequence[Document], since: datetime | None) -> str:
    """New ones, and new versions of those that were there before."""
    new = sum(1 for d in documents if since is None or d.created_at >= since)
    said = []
    if new:
        said.append(counted(new, "nouveau document", "nouveaux documents"))
    if versions := len(documents) - new:
        said.append(counted(versions, "nouvelle version", "nouvelles versions"))
    return _(" et ").join(said)


def _seen(
    person: Person, client: Client, rules: ClientRules, documents: Sequence[Document], verb: Verb = Verb.VIEW
) -> list[Document]:
    places = {d.id: Place(client.cabinet_id, rules, paths.parent(d.path), client.id) for d in documents}
    return [d for d in documents if may(person, verb, places[d.id])]


def _letter(
    user: User, subject: str, template: str, client: Client, documents: Sequence[Document], **context: object
) -> None:
    said = labels_of(client.cabinet).shown
    lines = [
        {"name": paths.name(d.path), "folder": said(paths.parent(d.path)), "size": size(d.size), "link": mail_queue.address(f"/documents/{d.id}")}
        for d in documents[:SHOWN]
    ]  # fmt: skip
    more = max(0, len(documents) - SHOWN)
    space = mail_queue.address(f"/dossiers/{client.code}")
    mail_queue.queue(user.email, subject, template, user, client=client, lines=lines, more=more, space=space, **context)


def accountants(client: Client) -> list[User]:
    """Who follows the client and reads mail: the responsible, else the correspondents."""
    reads = (
        User.objects.filter(cabinet=client.cabinet, is_active=True, mail_deposits=True)
        .exclude(email="")
        .select_related("cabinet")
    )
    responsible = list(reads.filter(id=client.responsible_id)) if client.responsible_id else []
    return responsible or list(reads.filter(role=Role.CORRESPONDENT))


def company(client: Client) -> list[User]:
    reads = User.objects.filter(cabinet=client.cabinet, grants__client=client, is_active=True, mail_deposits=True)
    return list(reads.exclude(email="").select_related("cabinet").distinct())
