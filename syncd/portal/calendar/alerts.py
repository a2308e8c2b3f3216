"""Alerts: a mail some days before a date, once; a date that is moved or taken out afterwards is told of once more."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from syncd.portal.calendar import rule_files, seen_dates
from syncd.portal.calendar.seen_dates import Line
from syncd.portal.clients.tree import not_here
from syncd.portal.language import ENGLISH, counted, date_in_words, speaking, spoken
from syncd.portal.models import CalendarAlert, CalendarTold, Client, Letter, User
from syncd.portal.people import unsubscribing
from syncd.portal.people.visibility import again, person_of, reached_clients
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, writing
from syncd.portal.records.mail_queue import Chain, address, hello, message, queue
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, may_see_dates
from syncd.report.message import Link, Message, Row, Section

TOPIC = "calendar"
MOST_DAYS = 31  # a month before
CHOICES = (0, 1, 3, 7, 14, MOST_DAYS)
HOUR = 7  # of the cabinet's day, when dates are looked at
_MANY = 500  # alerts of one person: every client of a large portfolio
_AT_ONCE = 200
_NAMED = 40  # dates in one mail; how many more there are is said
SECONDS = 2.0  # of one round, which mails wait for: whoever is left comes in the next


@alone
def ask(actor: Person, client: Client, key: str, days: int | None) -> None:
    """A mail so many days before that date, or each ('') of the client; None: none any more. Raises Refusal."""
    now = again(actor)
    if client.cabinet_id != now.cabinet or not now.reaches(client.id):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    client.refresh_from_db(fields=["closed"])
    if days is None:
        CalendarAlert.objects.filter(user=now.id, client=client, key=key).delete()
    else:
        if client.closed:
            raise not_here(client)
        if not 0 <= days <= MOST_DAYS:
            raise Refusal(Code.ALERT_FAR, days=MOST_DAYS)
        if key and seen_dates.line_of(now, client, key) is None:
            raise Refusal(Code.NO_DATE)
        if CalendarAlert.objects.filter(user=now.id).count() >= _MANY:
            raise Refusal(Code.ENTRIES_MANY, limit=_MANY)
        values = {"days": days, "next_at": timezone.now()}  # one whose day is past is told at once
        CalendarAlert.objects.update_or_create(user_id=now.id, client=client, key=key, defaults=values)
    audit.record(now, "calendar_alert_on" if days is not None else "calendar_alert_off", client.code)


def asked(actor: Person, client: Client) -> dict[str, int]:
    """The actor's own alerts of that client: how many days before, by key."""
    return dict(CalendarAlert.objects.filter(user=actor.id, client=client).values_list("key", "days"))


def look_again(client: str | None, cabinet: str) -> None:
    """Something of a client's dates changed, or of all: those who were told look in a while, so that what is changed together is
    one mail."""
    due = (
        CalendarAlert.objects.filter(client=client) if client else CalendarAlert.objects.filter(client__cabinet=cabinet)
    )
    soon = timezone.now() + timedelta(seconds=settings.QUIET)
    due.filter(next_at__gt=soon).update(next_at=soon)


class Told(msgspec.Struct, frozen=True):
    """What one alert has to say now: `late`: its day had gone by when the date came up; `before`: the day that was told."""

    line: Line | None
    client: Client
    title: str
    late: bool = False
    before: date | None = None


def gather(now: datetime | None = None) -> None:
    """Queues what is due: one mail a person, whatever it is about. Idle, it is one question of an index."""
    now = now or datetime.now(UTC)
    due = list(
        CalendarAlert.objects.filter(next_at__lte=now)
        .order_by("next_at")
        .values_list("user_id", "user__cabinet_id")[:_AT_ONCE]
    )
    until = monotonic() + SECONDS
    for ident, cabinet in dict.fromkeys(due):
        with writing(cabinet):
            _of_user(ident, now)
        if monotonic() >= until:
            return


def _of_user(ident: str, now: datetime) -> None:
    user = User.objects.select_related("cabinet").get(id=ident)
    mine = list(
        CalendarAlert.objects.filter(user=user, next_at__lte=now)
        .select_related("client__cabinet")
        .prefetch_related("told")
    )
    still = CalendarAlert.objects.filter(id__in=[a.id for a in mine], next_at__lte=now)
    if still.update(next_at=_next(now)) != len(mine):  # another round was faster
        return
    person = person_of(user)
    reached = _reached(person)
    reads = user.is_active and user.mail_deposits and bool(user.email) and bool(settings.EMAIL_HOST)
    told: list[Told] = []
    with speaking(user.language):
        for client, alerts in _by_client(mine):
            if client.id in reached:
                told += _of_client(person, client, alerts, timezone.localdate(now), reads)
        if told and reads:
            chain = Chain(topic=TOPIC, about=_rights(person, reached))
            queue(user.email, _mail(user, told), user, unsubscribe=unsubscribing.link(user), chain=chain)


def may_go(letter: Letter) -> bool:
    """Whether an alert that waited for the mail server still goes: its reader gets mails there, and may see what they might
    when it was written. Of one that does not go, the next tells what its reader may still see."""
    if letter.topic != TOPIC or letter.user is None:
        return True
    user, person = letter.user, person_of(letter.user)
    if not user.is_active:
        return False
    wanted = user.mail_deposits and user.email == letter.to
    if wanted and letter.about == _rights(person, _reached(person)):
        return True
    with writing(user.cabinet_id):
        CalendarTold.objects.filter(alert__user=user, at__gte=letter.queued_at - timedelta(minutes=1)).delete()
        CalendarAlert.objects.filter(user=user).update(next_at=timezone.now())
    return False


def _reached(person: Person) -> set[str]:
    return set(Client.objects.filter(reached_clients(person), closed=False).values_list("id", flat=True))


def _rights(person: Person, reached: set[str]) -> str:
    """A digest of what somebody may see of their clients' dates."""
    held = [
        (client, sorted((kind, sorted(verbs)) for kind, verbs in person.kinds(client).items())) for client in reached
    ]
    return hashlib.sha256(repr(sorted(held)).encode()).hexdigest()


def _by_client(alerts: Sequence[CalendarAlert]) -> list[tuple[Client, list[CalendarAlert]]]:
    found = defaultdict[str, list[CalendarAlert]](list)
    for alert in alerts:
        found[alert.client_id].append(alert)
    return [(ones[0].client, ones) for ones in found.values()]


def _of_client(person: Person, client: Client, alerts: Sequence[CalendarAlert], today: date, reads: bool) -> list[Told]:
    """What is new of one client; each date is told by one of the alerts, whichever is first. Nothing is kept as told to
    somebody who gets no mail."""
    last = today + timedelta(days=MOST_DAYS)
    seen = {line.key: line for line in seen_dates.lines_of(person, [client], today, last).lines}
    found = dict[str, Told]()
    for alert in alerts:
        before = {t.key: t for t in alert.told.all()}
        for key, line in seen.items():
            begins = line.day - timedelta(days=alert.days)
            if alert.key in ("", key) and key not in before and begins <= today and line.tick is None and reads:
                CalendarTold.objects.create(alert=alert, key=key, day=line.day, title=line.title[:300])
                found.setdefault(key, Told(line, client, line.title, late=begins < today))
        for told in before.values():
            if correction := _correction(person, client, told, seen, today):
                CalendarTold.objects.filter(id=told.id).update(day=correction.line.day if correction.line else None)
                if reads:
                    found.setdefault(told.key, correction)
    return list(found.values())


def _correction(person: Person, client: Client, told: CalendarTold, seen: dict[str, Line], today: date) -> Told | None:
    """A date that was told of and is another day's now, gone, or back. None of what the person may no longer see."""
    if told.day is not None and told.day < today:
        return None
    line = seen.get(told.key) or seen_dates.line_of(person, client, told.key)
    if line is not None and not line.hidden:
        return (
            Told(line, client, line.title, before=told.day)
            if line.day not in (told.day, None) and line.day >= today
            else None
        )
    if told.day is None or not _sees(person, client, told.key):
        return None
    return Told(None, client, told.title, before=told.day)


def _sees(person: Person, client: Client, key: str) -> bool:
    """Whether the person may see dates of that rule at all."""
    kind = next((r.kind for r in rule_files.shipped().rules if r.id == key.partition("@")[0]), None)
    return kind is None or may_see_dates(person, client.id, kind)


def _next(now: datetime) -> datetime:
    """The next morning, on the cabinet's clock: over a change of it, too."""
    local = timezone.localtime(now)
    day = local.date() if local.hour < HOUR else local.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(HOUR)))


def _mail(user: User, told: Sequence[Told]) -> Message:
    corrections = [t for t in told if t.line is None or t.before is not None]
    coming = sorted((t for t in told if t.line and t.before is None), key=lambda t: t.line.day if t.line else date.max)
    title = (
        counted(len(coming), "échéance approche", "échéances approchent") if coming else _("Des échéances ont changé")
    )
    if len(coming) == 1 and coming[0].line:
        title = _("{title} : le {day}").format(title=coming[0].title, day=date_in_words(coming[0].line.day))
    lead = (hello(user), _("Dates indicatives, d'après les règles connues et ce que votre cabinet en a dit."))
    made = message(title, title, lead, Link(_("Voir le calendrier"), address("/calendrier")))
    sections = [Section(_("À venir"), tuple(_row(t) for t in coming), most=_NAMED)] if coming else []
    if corrections:
        sections.append(Section(_("Corrections"), tuple(_row(t) for t in corrections), "trouble", most=_NAMED))
    if sources := _sources([*coming, *corrections]):
        sections.append(Section(_("Sources"), sources, most=_NAMED))
    return msgspec.structs.replace(made, sections=tuple(sections))


def _sources(told: Sequence[Told]) -> tuple[Row, ...]:
    """Of each legal date that is named: no date goes without it. They are French law's, in French."""
    rules = {line.legal.rule.id: line.legal.rule for line in (t.line for t in told) if line is not None and line.legal}
    return tuple(Row(rule.title_en if spoken() == ENGLISH else rule.title, rule.source) for rule in rules.values())


def _row(told: Told) -> Row:
    where = address(f"/calendrier/{told.client.code}")
    if told.line is None:
        return Row(f"{told.client.name} : {told.title}", _("retirée du calendrier"), where)
    said = date_in_words(told.line.day, year=True)
    if told.before is not None:
        said = _("{day}, au lieu du {before}").format(day=said, before=date_in_words(told.before))
    elif told.late:
        said = _("{day} (alerte tardive)").format(day=said)
    return Row(f"{told.client.name} : {told.title}", said, where)
