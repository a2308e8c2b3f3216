"""What companies deposited, told to the cabinet's people at their hours: 8 and 14 o'clock, once a day, or at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from syncd.portal.clients.tree import rules_of
from syncd.portal.clients.unfiled import unfiled_documents
from syncd.portal.language import speaking
from syncd.portal.models import Client, Deposit, Document, PendingNotice, User
from syncd.portal.notifications import deposit_mails
from syncd.portal.notifications.fresh_documents import fresh, may_see
from syncd.portal.people.mail_pace import HOURS, NOW, pace_of
from syncd.portal.people.visibility import person_of
from syncd.portal.records.feed import writing
from syncd.report.message import Message

Tell = Callable[[User, Message], None]


def note(user: User, deposit: Deposit) -> None:
    """For their next summary: what the deposit brought since people were told of it."""
    PendingNotice.objects.get_or_create(user=user, deposit=deposit, defaults={"after": deposit.told_at})


def gather(now: datetime, tell: Tell) -> None:
    """The summaries that are due, each in its own transaction."""
    waiting = PendingNotice.objects.values("user").annotate(since=Min("at")).values_list("user", "since")
    for ident, since in waiting:
        user = User.objects.select_related("cabinet").get(id=ident)
        if since < last_hour(pace_of(user), now):
            with writing(user.cabinet_id):
                _summarise(user, tell)


def last_hour(pace: str, now: datetime) -> datetime:
    """When such a summary was last due, in the cabinet's time zone."""
    if pace == NOW:
        return now
    local = timezone.localtime(now)
    hours = [local.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in HOURS[pace]]
    past = [at for at in hours if at <= local]
    return past[-1] if past else hours[-1] - timedelta(days=1)


def _summarise(user: User, tell: Tell) -> None:
    notices = list(PendingNotice.objects.filter(user=user).select_related("deposit__client__cabinet").order_by("at"))
    PendingNotice.objects.filter(id__in=[n.id for n in notices]).delete()
    if not (user.is_active and user.mail_deposits and user.email):
        return
    person, clients = person_of(user), dict[str, Client]()
    found: defaultdict[str, dict[str, Document]] = defaultdict(dict)
    for notice in notices:
        client = clients.setdefault(notice.deposit.client_id, notice.deposit.client)
        for d in may_see(person, client, rules_of(client), fresh(notice.deposit, notice.after)):
            found[client.id][d.id] = d
    told: Sequence[tuple[Client, Sequence[Document]]] = [
        (clients[c], list(documents.values())) for c, documents in found.items() if documents
    ]
    if told:
        with speaking(user.language):
            tell(
                user, deposit_mails.summary(sorted(told, key=lambda t: t[0].folded), unfiled_documents(person).count())
            )
