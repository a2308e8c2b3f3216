"""Who is reminded today: one letter a person and day for all that is awaited of them, from eight o'clock, never on a day of rest;
nobody whose last item is closed. A letter that could not be sent meanwhile says what is awaited now, or nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from syncd.portal.language import speaking
from syncd.portal.messages.requests import reminder_mails
from syncd.portal.messages.requests.answers import press
from syncd.portal.messages.requests.asking import wanted_of
from syncd.portal.messages.requests.cadence import Cadence, fell_due, next_reminder, open_day
from syncd.portal.messages.requests.listing import by_request, items_of, open_items_of
from syncd.portal.messages.requests.rest_days import HOUR, rests
from syncd.portal.models import DocumentRequest, Grant, Letter, RequestedItem, RequestNotice, User
from syncd.portal.notifications.notices import answering
from syncd.portal.people import unsubscribing
from syncd.portal.people.visibility import again, person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may_with_wanted

Tell = Callable[[User, Sequence[RequestedItem], date], Letter | None]
"""Queues a person's letter of these items."""

TOPIC = "requests"
TOGETHER = 500
WAITED = timedelta(minutes=10)  # a letter that was not even tried for so long says what is awaited by now


@alone
def remind(actor: Person, request: DocumentRequest, now: datetime | None = None) -> date:
    """Its people are reminded: the day on which. Raises Refusal of one that is over, or not the actor's to press."""
    day = _press(again(actor), request, timezone.localdate(now or datetime.now(UTC)))
    if day is None:
        raise Refusal(Code.NO_REQUEST)
    return day


@alone
def remind_each(actor: Person, requests: Sequence[str], now: datetime | None = None) -> tuple[int, date | None]:
    """Of these, by id, those that are the actor's to press and not over: how many, and the last day that people are told on.
    Raises Refusal where some were meant and none is."""
    actor, today = again(actor), timezone.localdate(now or datetime.now(UTC))
    meant = DocumentRequest.objects.filter(cabinet=actor.cabinet, id__in=list(requests)).order_by("id")
    days = [_press(actor, request, today) for request in meant]
    if days and not any(days):
        raise Refusal(Code.NO_REQUEST)
    told = [day for day in days if day is not None]
    return len(told), max(told, default=None)


def _press(actor: Person, request: DocumentRequest, today: date) -> date | None:
    """None: it is over, or not the actor's. In the transaction that asked who the actor is."""
    items = [i for i in items_of(actor, request) if not i.how]
    if not any(may_with_wanted(actor, Verb.MANAGE, wanted_of(i.request.client, i.kind)) for i in items):
        return None
    client = items[0].request.client
    audit.record(actor, "request_reminded", f"{client.code} {request.title}")
    return press([request], today)


def gather(now: datetime, tell: Tell | None = None) -> None:
    """Queues the letters of the day that are due; each person's in a transaction of its own."""
    today = timezone.localdate(now)
    if _morning(now) > now:
        return
    quiet = now - timedelta(seconds=settings.QUIET)
    waiting = DocumentRequest.objects.filter(remind_on__lte=today, made_at__lte=quiet, client__closed=False)
    due = list(waiting.select_related("client__cabinet").order_by("remind_on", "id")[:TOGETHER])
    if not due:
        return
    late = set[str]()
    if settings.EMAIL_HOST:
        people = _people(due)
        awaited, told = awaited_of([user for user, _requests in people]), _told([user for user, _requests in people])
        for user, requests in people:
            day = _Day(today, awaited.get(user.id, []), told.get(user.id, {}), tell or _tell)
            if not _remind(user, requests, day):
                late |= {r.id for r in requests}
    for request in due:
        at = next_reminder(*_dates(request), today, rests)
        if request.id in late:
            at = min(at or date.max, open_day(today + timedelta(1), rests))
        DocumentRequest.objects.filter(id=request.id, remind_on=request.remind_on).update(remind_on=at)


def _morning(now: datetime) -> datetime:
    """From when people may be written to: past, or the eighth hour of the next day that is no rest."""
    day = timezone.localdate(now)
    return timezone.make_aware(datetime.combine(open_day(day, rests), time(HOUR)))


def _dates(request: DocumentRequest) -> tuple[date, date, Cadence]:
    return timezone.localdate(request.made_at), request.due_on, msgspec.convert(request.cadence, Cadence)


def _people(due: Sequence[DocumentRequest]) -> list[tuple[User, list[DocumentRequest]]]:
    """Who may read mail of these, each with those they are told of."""
    by_client = defaultdict[str, list[DocumentRequest]](list)
    for request in due:
        by_client[request.client_id].append(request)
    held = Grant.objects.filter(client__in=list(by_client), user__is_active=True, user__mail_deposits=True)
    pairs = held.exclude(user__email="").order_by().values_list("user", "client").distinct()
    told = defaultdict[str, list[DocumentRequest]](list)
    for user, client in pairs:
        told[user] += [r for r in by_client[str(client)] if not r.told or user in r.told]
    users = User.objects.filter(id__in=[u for u, some in told.items() if some]).select_related("cabinet", "parent")
    return [(user, told[user.id]) for user in users.order_by("id")]


@dataclass(frozen=True, slots=True)
class _Day:
    """What is awaited of a person today; `told`: by request, when the person was last told of it."""

    today: date
    awaited: Sequence[RequestedItem]
    told: Mapping[str, date]
    tell: Tell


def _told(users: Sequence[User]) -> dict[str, dict[str, date]]:
    found = defaultdict[str, dict[str, date]](dict)
    for user, request, on in RequestNotice.objects.filter(user__in=users).values_list("user", "request", "on"):
        found[user][request] = on
    return found


def _remind(user: User, due: Sequence[DocumentRequest], day: _Day) -> bool:
    """False: the person has had the letter of today, and is told of these another day."""
    today, mine = day.today, {i.request_id for i in day.awaited}
    fallen = (r for r in due if r.id in mine)
    if not any(fell_due(*_dates(r), day.told.get(r.id), today, rests, r.pressed_on) for r in fallen):
        return True
    if max(day.told.values(), default=date.min) >= today:
        return False
    with writing(user.cabinet_id):  # what was answered, or who lost the right, since all were looked at
        now = User.objects.select_related("cabinet", "parent").filter(id=user.id).first()
        awaited = awaited_of([now])[user.id] if now is not None and _reads(now) else []
        if now is None or not awaited:
            return True
        mine = {i.request_id for i in awaited}
        if day.told:
            Letter.objects.filter(request_notices__user=user, sent_at=None).delete()  # this one says it all
        letter = day.tell(now, awaited, today)
        RequestNotice.objects.bulk_create(
            (RequestNotice(request_id=request, user=user, on=today, letter=letter) for request in mine),
            update_conflicts=True, unique_fields=["request", "user"], update_fields=["on", "letter"],
        )  # fmt: skip
    return True


def _reads(user: User) -> bool:
    return user.is_active and user.mail_deposits and bool(user.email)


def awaited_of(users: Sequence[User]) -> dict[str, list[RequestedItem]]:
    """By id: all that each may answer and is told of, the most urgent first."""
    clients = defaultdict[str, set[str]](set)
    held = Grant.objects.filter(user__in=users, client__isnull=False).order_by()
    for user, client in held.values_list("user", "client").distinct():
        clients[user].add(str(client))
    asked = defaultdict[str, list[RequestedItem]](list)
    for item in open_items_of({c for some in clients.values() for c in some}):
        asked[item.request.client_id].append(item)
    return {user.id: _answerable(user, [i for c in clients[user.id] for i in asked[c]]) for user in users}


def _answerable(user: User, items: Sequence[RequestedItem]) -> list[RequestedItem]:
    if not items:
        return []
    person = person_of(user)
    mine = [i for i in items if not i.request.told or user.id in i.request.told]
    mine = [i for i in mine if may_with_wanted(person, Verb.DEPOSIT, wanted_of(i.request.client, i.kind))]
    return sorted(mine, key=_urgency)


def _urgency(item: RequestedItem) -> tuple[date, datetime, str, str, int, str]:
    asked = item.request
    return asked.due_on, asked.made_at, asked.client.folded, asked.id, item.position, item.id


def _tell(user: User, items: Sequence[RequestedItem], today: date) -> Letter:
    with speaking(user.language):
        message = reminder_mails.reminder(user, by_request(items), today)
        return mail_queue.queue(
            user.email, message, user, reply_to=answering(items[0].request.client), unsubscribe=unsubscribing.link(user),
            chain=mail_queue.Chain(TOPIC, _awaited(items, today)),
        )  # fmt: skip


def revise(now: datetime) -> None:
    """Letters that wait for the mail server: none goes to whoever lost the right, or has nothing left to give, none says what is
    not awaited any more, and none goes when people rest."""
    waited = Q(tries__gt=0) | Q(queued_at__lt=now - WAITED)
    stuck = Letter.objects.filter(waited, sent_at=None, due_at__lte=now, request_notices__isnull=False)
    if (morning := _morning(now)) > now:
        stuck.update(due_at=morning)
        return
    for letter in stuck.distinct().order_by("id")[:50]:
        notice = letter.request_notices.first()
        if notice is None:
            continue
        with writing(letter.cabinet_id):
            if not Letter.objects.filter(id=letter.id, sent_at=None, due_at=letter.due_at).exists():
                continue  # it is being sent
            user = User.objects.select_related("cabinet", "parent").get(id=notice.user_id)
            before = letter.text
            if not _say_again(letter, user, now):
                letter.delete()
                continue
            if letter.text != before:  # another letter by now, which was tried never
                letter.tries, letter.due_at = 0, now
            letter.save(update_fields=["subject", "text", "html", "about", "tries", "due_at"])


def may_go(letter: Letter) -> bool:
    """Whether a letter of what is awaited still goes; it says what is awaited at this moment of who may still give it."""
    if letter.topic != TOPIC or letter.user is None:
        return True
    with writing(letter.cabinet_id):
        return _say_again(
            letter, User.objects.select_related("cabinet", "parent").get(id=letter.user_id), datetime.now(UTC)
        )


def _say_again(letter: Letter, user: User, now: datetime) -> bool:
    """Its words as they would be written now, if they are others. False: nothing is left to say to that address."""
    items = awaited_of([user])[user.id] if _reads(user) and user.email == letter.to else []
    if items and _awaited(items, timezone.localdate(now)) != letter.about:
        fresh = _tell(user, items, timezone.localdate(now))
        letter.subject, letter.text, letter.html, letter.about = fresh.subject, fresh.text, fresh.html, fresh.about
        fresh.delete()  # the number stays the letter's own: a server that took it twice shows it once
    return bool(items)


def _awaited(items: Sequence[RequestedItem], today: date) -> str:
    """A digest of what a letter of that day tells of."""
    said = f"{today} " + " ".join(f"{i.id}{i.again}{i.expected}{i.request.due_on}" for i in items)
    return hashlib.sha256(said.encode()).hexdigest()


def last_told(request: DocumentRequest) -> date | None:
    """When somebody was last reminded of it by mail."""
    found: date | None = RequestNotice.objects.filter(request=request).aggregate(at=Max("on"))["at"]
    return found


def without_mail(requests: Iterable[DocumentRequest]) -> list[DocumentRequest]:
    """Those that no letter reaches anybody of: for the printed sheet."""
    asked = list(requests)
    reached = {r.id for _user, some in _people(asked) for r in some}
    return [r for r in asked if r.id not in reached]
