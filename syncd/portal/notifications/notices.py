"""Who is told of what arrived: one letter per deposit, one per batch of the cabinet's documents, after a quiet while.

To the responsible accountant, and to the correspondents what the responsible may not see, at once or in their summaries; and
to the company's people. Each is told what they may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.db.models import F, Max, Q

from syncd.core.folder_rules import ClientRules
from syncd.core.plain_text import one_line
from syncd.portal.clients.tree import rules_of
from syncd.portal.language import named, speaking
from syncd.portal.models import Client, DeletionRequest, Deposit, Document, User, Version
from syncd.portal.notifications import deposit_mails, summaries
from syncd.portal.notifications.fresh_documents import fresh, may_see
from syncd.portal.people import unsubscribing
from syncd.portal.people.mail_pace import NOW, pace_of
from syncd.portal.people.visibility import person_of
from syncd.portal.records import mail_queue
from syncd.portal.records.feed import writing
from syncd.portal.rights import Role, Verb
from syncd.report.message import Message

WHILES = 6  # quiet whiles, half an hour of them by default, that one deposit takes in and one letter tells


def gather() -> None:
    """Queues what is due; each deposit and each batch in its own transaction, told once."""
    quiet = datetime.now(UTC) - timedelta(seconds=settings.QUIET)
    begun = datetime.now(UTC) - WHILES * timedelta(seconds=settings.QUIET)  # one letter for the half hour
    untold = Q(told_at__isnull=True) | Q(last_at__gt=F("told_at"))  # a deposit may go on after a pause
    for deposit in Deposit.objects.filter(untold, last_at__lt=quiet, at__lt=begun).select_related(
        "client__cabinet", "user"
    )[:50]:
        with writing(deposit.cabinet_id):
            still = Deposit.objects.filter(id=deposit.id, told_at=deposit.told_at, last_at=deposit.last_at)
            if not still.update(told_at=deposit.last_at):  # another round was faster, or more came
                continue
            if settings.EMAIL_HOST and deposit.origin == "company":
                _deposit(deposit)
    _requests(quiet)
    for client in Client.objects.filter(news_since__lt=quiet).select_related("cabinet")[:50]:
        versions = Version.objects.filter(document__client=client, created_at__gte=client.news_since).exclude(
            origin="company"
        )
        latest = versions.aggregate(at=Max("created_at"))["at"]
        if latest is not None and latest > quiet:
            continue
        with writing(client.cabinet_id):
            if not Client.objects.filter(id=client.id, news_since=client.news_since).update(news_since=None):
                continue
            if settings.EMAIL_HOST and latest is not None:
                _published(client, list(versions.filter(document__tombstone="").values_list("document_id", flat=True)))
    summaries.gather(datetime.now(UTC), _tell)


def _deposit(deposit: Deposit) -> None:
    documents = fresh(deposit, deposit.told_at)
    lines = list(deposit.lines.filter(outcome="refused").order_by("id")) if deposit.told_at is None else []
    if not documents:
        return
    client, rules = deposit.client, rules_of(deposit.client)
    for user, seen in accountants(client, rules, documents):
        if pace_of(user) != NOW:
            summaries.note(user, deposit)
            continue
        with speaking(user.language):
            _tell(user, deposit_mails.deposited(deposit, seen, lines), _mailbox(deposit.user))
    for user in company(client):
        if seen := may_see(person_of(user), client, rules, documents):
            mine = lines if user.id == deposit.user_id else []  # what another person tried is theirs
            with speaking(user.language):
                _tell(user, deposit_mails.received(user, deposit, seen, mine), answering(client))


def _requests(quiet: datetime) -> None:
    """One letter per client about the deletions it asks for, once nobody asked for a while."""
    untold = DeletionRequest.objects.filter(told_at__isnull=True, document__tombstone="", client__closed=False)
    latest = untold.values("client").annotate(at=Max("at")).filter(at__lt=quiet)
    for client in Client.objects.filter(id__in=latest.values("client")).select_related("cabinet")[:50]:
        with writing(client.cabinet_id):
            asked = list(untold.filter(client=client).select_related("document", "user").order_by("at"))
            rules, by = rules_of(client), ", ".join(dict.fromkeys(named(r.by, "company") for r in asked))
            documents = [r.document for r in asked]
            for user, seen in accountants(client, rules, documents, Verb.DELETE) if settings.EMAIL_HOST else ():
                with speaking(user.language):
                    _tell(user, deposit_mails.asked_to_delete(client, by, seen), _mailbox(asked[0].user))
            DeletionRequest.objects.filter(id__in=[r.id for r in asked]).update(told_at=datetime.now(UTC))


def _published(client: Client, ids: Sequence[str]) -> None:
    """Nothing at a client's first publication: everything would be news."""
    before = Version.objects.filter(document__client=client, created_at__lt=client.news_since, origin="engine")
    if not before.exists():
        return
    documents = list(Document.objects.filter(id__in=ids[:5000]).order_by("key"))
    rules = rules_of(client)
    for user in company(client):
        if seen := may_see(person_of(user), client, rules, documents):
            with speaking(user.language):
                _tell(user, deposit_mails.published(user, client, seen, client.news_since), answering(client))


def _tell(user: User, message: Message, reply_to: str = "") -> None:
    mail_queue.queue(user.email, message, user, reply_to=reply_to, unsubscribe=unsubscribing.link(user))


def _mailbox(user: User | None) -> str:
    return formataddr((one_line(str(user)), user.email)) if user is not None and user.email and user.is_active else ""


def answering(client: Client) -> str:
    """Who at the cabinet reads what the company answers: the responsible, else a correspondent."""
    of_cabinet = User.objects.filter(cabinet=client.cabinet, is_active=True).exclude(email="")
    found = of_cabinet.filter(id=client.responsible_id).first() if client.responsible_id else None
    return _mailbox(found or of_cabinet.filter(role=Role.CORRESPONDENT).order_by("created_at", "id").first())


def accountants(
    client: Client, rules: ClientRules, documents: Sequence[Document], verb: Verb = Verb.VIEW
) -> list[tuple[User, list[Document]]]:
    """Who at the cabinet reads mail of the client, each with the documents that they are told of: the responsible those that
    `verb` may be done to; the correspondents the rest, which is everything where no responsible reads mail.
    """
    reads = (
        User.objects.filter(cabinet=client.cabinet, is_active=True, mail_deposits=True)
        .exclude(email="")
        .select_related("cabinet")
    )
    found, told = list[tuple[User, list[Document]]](), set[str]()
    for responsible in reads.filter(id=client.responsible_id) if client.responsible_id else ():
        found.append((responsible, may_see(person_of(responsible), client, rules, documents, verb)))
        told = {d.id for d in found[0][1]}
    rest = [d for d in documents if d.id not in told]
    for user in reads.filter(role=Role.CORRESPONDENT).exclude(id=client.responsible_id or "") if rest else ():
        found.append((user, may_see(person_of(user), client, rules, rest, verb)))
    return [(user, seen) for user, seen in found if seen]


def company(client: Client) -> list[User]:
    reads = User.objects.filter(cabinet=client.cabinet, grants__client=client, is_active=True, mail_deposits=True)
    return list(reads.exclude(email="").select_related("cabinet").distinct())
