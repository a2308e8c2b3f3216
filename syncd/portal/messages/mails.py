"""Mails that tell of messages: once it is quiet, one a person for all that is new, and nothing that was read meanwhile.

Answers come by the page: no mail is taken in, so that none can begin a loop, and none is answered.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.words import date_time
from syncd.portal.clients.tree import rules_of
from syncd.portal.language import counted, named, speaking
from syncd.portal.messages.threads import shown
from syncd.portal.models import Letter, Thread, ThreadEntry, ThreadReader, User
from syncd.portal.notifications.notices import answering
from syncd.portal.notifications.summaries import last_hour
from syncd.portal.people import forwarding_addresses, unsubscribing
from syncd.portal.people.mail_pace import pace_of
from syncd.portal.people.visibility import messages, person_of
from syncd.portal.records import mail_queue
from syncd.portal.records.feed import writing
from syncd.portal.records.mail_queue import Chain, address, hello, message
from syncd.portal.rights import Person
from syncd.report.message import Link, Message, Row, Section

TOPIC = "messages"
PEOPLE, THREADS, ENTRIES = 50, 20, 10  # of a round, of a mail, of a thread in it
WIDTH = 380  # characters of a line; what is longer goes on below
BEFORE = 8  # mails of before that one names


class News(msgspec.Struct, frozen=True):
    """What is new to somebody in one thread: the last of it, in its order; `more`: how many before that are new, too."""

    thread: Thread
    entries: Sequence[ThreadEntry]
    more: int


def gather() -> None:
    """Queues what is due, each person in a transaction of their own. Nobody is told anew while a mail to them waits for the
    server: what is said meanwhile stands in the next."""
    now = datetime.now(UTC)
    quiet = now - timedelta(seconds=settings.QUIET)
    waiting = (
        ThreadReader.objects.filter(mail_since__lt=quiet).order_by().values("user").annotate(since=Min("mail_since"))
    )
    held = Letter.objects.filter(topic=TOPIC, sent_at=None, user__isnull=False).values("user")
    for ident, since in waiting.exclude(user__in=held).values_list("user", "since")[:PEOPLE]:
        user = User.objects.select_related("cabinet").get(id=ident)
        if since < last_hour(pace_of(user), now):
            with writing(user.cabinet_id):
                _tell(user)


def addresses(user: User) -> list[str]:
    """Where the person is told of messages: their own address, unless they want no mails, and those they forward to that
    have said yes."""
    own = [user.email] if user.email and user.mail_deposits else []
    return list(dict.fromkeys([*own, *forwarding_addresses.confirmed(user)])) if user.is_active else []


def may_go(letter: Letter) -> bool:
    """Whether a mail that waited still goes: its reader is told of it there, and may read all that it tells of. Of one that
    does not go, the next tells what its reader may still read."""
    if letter.topic != TOPIC or letter.user is None:
        return True
    told, threads = addresses(letter.user), letter.about.split()
    may_read = set(Thread.objects.filter(messages(person_of(letter.user)), id__in=threads).values_list("id", flat=True))
    if letter.to in told and may_read == set(threads):
        return True
    rows = ThreadReader.objects.filter(user=letter.user, thread__in=may_read, unread=True, mail_since=None)
    rows.update(mail_since=datetime.now(UTC), mailed=F("read"))
    return False


def _tell(user: User) -> None:
    rows = list(
        ThreadReader.objects.select_for_update()
        .filter(user=user, mail_since__isnull=False)
        .order_by("mail_since")[:THREADS]
    )
    ThreadReader.objects.filter(id__in=[r.id for r in rows]).update(mail_since=None)
    person, to = person_of(user), addresses(user)
    if not (to and mail_queue.configured()):
        return
    upto = {r.thread_id: max(r.read, r.mailed) for r in rows}
    found = (
        Thread.objects.filter(messages(person), id__in=upto)
        .select_related("client__cabinet", "document")
        .order_by("last_at")
    )
    told = [news for t in found if (news := _new(person, t, upto[t.id])).entries]
    if not told:
        return
    for one in told:
        ThreadReader.objects.filter(thread=one.thread, user=user).update(mailed=one.entries[-1].number)
    with speaking(user.language):
        said, chain = _said(user, person, told), _chain(told)
        reply_to = (
            answering(told[0].thread.client)
            if not person.role.of_cabinet and len({n.thread.client_id for n in told}) == 1
            else ""
        )
        for address_ in to:
            end = unsubscribing.link(user) if address_ == user.email else ""
            mail_queue.queue(address_, said, user, reply_to=reply_to, unsubscribe=end, chain=chain)


def _new(person: Person, thread: Thread, after: int) -> News:
    mine = thread.entries.filter(shown(person), number__gt=after).exclude(user=person.id)
    last = list(mine.order_by("-number")[:ENTRIES])[::-1]
    return News(thread, last, mine.count() - ENTRIES if len(last) == ENTRIES else 0)


def _said(user: User, person: Person, told: Sequence[News]) -> Message:
    many = sum(len(n.entries) + n.more for n in told)
    heading = counted(many, "nouveau message", "nouveaux messages")
    alone = told[0].thread if len(told) == 1 else None
    title = f"{heading} – {user.cabinet.name}"
    if alone is not None and not restricted(alone):
        where = alone.client.name if person.role.of_cabinet else user.cabinet.name
        title = _("{subject} – {where}").format(subject=alone.subject, where=where)
    button = Link(
        _("Lire et répondre"), address(f"/echanges/{alone.id}" if alone is not None else "/echanges?unread=1")
    )
    how = _("Répondez par le bouton : tout reste au même endroit, et les personnes concernées sont prévenues.")
    made = message(title, heading, (hello(user), how), button)
    return replace(made, sections=tuple(_section(person, n) for n in told))


def _section(person: Person, news: News) -> Section:
    """What is said, in its lines; of a confidential folder that there is something to read, and no word of it."""
    thread = news.thread
    link, client = address(f"/echanges/{thread.id}"), thread.client
    if restricted(thread):
        return Section(
            f"{client.name} ({client.code})",
            (Row(_("Un message confidentiel"), _("à lire dans l'espace documents"), link),),
        )
    lines: list[str | Row] = []
    if news.more:
        lines.append(
            counted(
                news.more, "message plus ancien n'est pas repris ici.", "messages plus anciens ne sont pas repris ici."
            )
        )
    for e in news.entries:
        note = _("note interne du cabinet") if e.internal else date_time(timezone.localtime(e.at))
        lines += [Row(named(e.by, e.origin), note, link), *words_of(e)]
    title = (
        f"{thread.subject} – {client.name} ({client.code})"
        if person.role.of_cabinet
        else f"{thread.subject} – {client.name}"
    )
    return Section(title, tuple(lines), most=len(lines), others=_("la suite dans l'espace documents"))


def words_of(entry: ThreadEntry) -> list[str]:
    """The words alone: never a document, nor its name."""
    return [part for line in entry.text.split("\n") if line.strip() for part in textwrap.wrap(line, WIDTH)]


def restricted(thread: Thread) -> bool:
    """Whether it is about folders that the client's tree keeps confidential."""
    rules = rules_of(thread.client)
    if thread.document is not None:
        return rules.is_restricted(paths.parent(thread.document.path))
    return any(rules.is_restricted(r.path) for r in rules.folders if r.kind == thread.kind)


def _chain(told: Sequence[News]) -> Chain:
    """What mail programs hang it below: the thread's mails of before, where it tells of one thread."""
    about = " ".join(n.thread.id for n in told)
    if len(told) > 1:
        return Chain(TOPIC, about)
    thread, entries = told[0].thread, told[0].entries
    before = thread.entries.filter(internal=False, number__lt=entries[-1].number).order_by("-number")[:BEFORE]
    return Chain(TOPIC, about, entries[-1].id, (thread.id, *reversed([e.id for e in before])))
