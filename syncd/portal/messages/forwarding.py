"""A thread's text sent once to an address of a reader's choice: the words, never a document or its name, no note of the cabinet.

An address that is not the reader's own, or that they typed as theirs, says yes first, by a link; what is sent is asked for
again then, and once more when it leaves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec.structs import replace

from syncd.core.words import date_time
from syncd.portal.clients.tree import not_here
from syncd.portal.language import counted, named, speaking
from syncd.portal.messages.entries import Kind, Said, append, kind_of
from syncd.portal.messages.mails import restricted, words_of
from syncd.portal.models import Letter, Thread, ThreadEntry, ThreadReader, User
from syncd.portal.people import accounts
from syncd.portal.people.forwarding_addresses import DAY, DAYS, asked_too_often, confirmed, queue_question
from syncd.portal.people.visibility import again, messages, person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone, writing
from syncd.portal.records.mail_queue import Chain, address, message
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, may_write_messages
from syncd.report.message import Link, Section

TOPIC, MOST = "forward", 30  # entries, the last ones
_SALT = "forward-thread"


@dataclass(frozen=True, slots=True)
class Asked:
    """What `user` wants to send: the thread up to entry `upto`, `to` an address that is to say yes."""

    user: User
    thread: Thread
    upto: int
    to: str


def forward(actor: Person, thread: Thread, to: str) -> bool:
    """Whether it went at once: to the address the actor was let in with, or one they have confirmed; else that address is asked.
    Raises Refusal: no right to write there, it is confidential, that is no address, or it was asked too often.
    """
    if not (to := accounts.check_email(to)):
        raise Refusal(Code.ADDRESS_MALFORMED, text="")
    with writing(actor.cabinet):
        now = again(actor)
        held = _readable(now, thread.id)
        if held is None or not _may(now, held):
            raise not_here(thread.client)
        if restricted(held) or not held.shared:
            raise Refusal(Code.CONFIDENTIAL)
        user = User.objects.select_related("cabinet").get(id=actor.id)
        asked = Asked(user, held, held.shared, to)
        if to in _sure(user):
            _send(now, asked)
            return True
        if asked_too_often(to):
            raise Refusal(Code.ASKED_OFTEN, address=to)
        _ask(asked)
        audit.record(now, "message_forward_asked", f"{held.client.code} {to}")
    return False


def _sure(user: User) -> list[str]:
    """Addresses that need no yes: not one that the person, or somebody for them, wrote down later, whoever reads there."""
    return [*([user.email] if user.email_since is None else []), *confirmed(user)]


def _readable(actor: Person, thread: str) -> Thread | None:
    found = Thread.objects.filter(messages(actor), id=thread).select_related("client__cabinet", "document")
    return found.first()


def _may(actor: Person, thread: Thread) -> bool:
    return may_write_messages(actor, thread.client_id, kind_of(thread), thread.client.closed)


def _goes(actor: Person, thread: Thread) -> bool:
    """Whether its text may be sent, to whomever."""
    return _may(actor, thread) and not restricted(thread)


def _ask(asked: Asked) -> None:
    user, token = asked.user, signing.dumps([asked.user.id, asked.thread.id, asked.upto, asked.to], salt=_SALT)
    with speaking(user.language):
        title = _("{name} veut vous transférer un échange").format(name=user)
        lead = _("{name} veut vous envoyer ce qui s'est dit dans un échange de l'espace documents de {cabinet}.")
        queue_question(user, asked.to, title, lead.format(name=user, cabinet=user.cabinet.name), token)


def who(token: str) -> Asked | None:
    """What would be sent; None: the link is none of ours or too old, or its sender may not send it any more."""
    try:
        ident, thread, upto, to = signing.loads(token, salt=_SALT, max_age=DAYS * DAY)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(id=str(ident), is_active=True).select_related("cabinet").first()
    if user is None:
        return None
    sender = person_of(user)
    held = _readable(sender, str(thread))
    if held is None or not _goes(sender, held):
        return None
    return Asked(user, held, int(upto), str(to))


@alone
def agree(user: User, asked: Asked) -> None:
    """Of what `who` told of; once, however often it is said. Raises Refusal: its sender may not send it any more."""
    now = again(person_of(user))
    held = _readable(now, asked.thread.id)
    if held is None or not _goes(now, held):
        raise not_here(asked.thread.client)
    if not Letter.objects.filter(cabinet=user.cabinet_id, topic=TOPIC, to=asked.to, number=_number(asked)).exists():
        _send(now, Asked(user, held, asked.upto, asked.to))


def _number(asked: Asked) -> str:
    said = f"{asked.user.id} {asked.thread.id} {asked.upto} {asked.to}"
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def _send(actor: Person, asked: Asked) -> None:
    thread, user = asked.thread, asked.user
    said = thread.entries.filter(internal=False, number__lte=asked.upto).exclude(
        kind=Kind.SYSTEM
    )  # to whom it went before
    rows = said.exclude(text="").order_by("-number")
    with speaking(user.language):
        about = _("un document") if thread.document_id else thread.subject
        title = _("Échange transféré : {subject}").format(subject=about)
        lead = [_("{name} vous transfère cet échange avec {cabinet}.").format(name=user, cabinet=user.cabinet.name)]
        last, more = list(rows[:MOST])[::-1], max(0, rows.count() - MOST)
        if more:
            lead.append(
                counted(
                    more, "message plus ancien n'est pas repris ici.", "messages plus anciens ne sont pas repris ici."
                )
            )
        made = message(
            title, title, tuple(lead), Link(_("Ouvrir dans l'espace documents"), address(f"/echanges/{thread.id}"))
        )
        whole = replace(made, sections=tuple(_section(e) for e in last))
        mail_queue.queue(asked.to, whole, user, chain=Chain(TOPIC, thread.id, _number(asked)))
    with speaking(""):
        told = _("Texte transféré à {address}").format(address=asked.to)
    entry = append(actor, thread, Said(Kind.SYSTEM, told, internal=actor.role.of_cabinet))
    ThreadReader.objects.filter(thread=thread, mail_since=entry.at).update(mail_since=None)  # no mail tells of a mail
    audit.record(actor, "message_forwarded", f"{thread.client.code} {asked.to}")


def _section(entry: ThreadEntry) -> Section:
    lines = tuple(words_of(entry))
    title = f"{named(entry.by, entry.origin)} – {date_time(timezone.localtime(entry.at))}"
    return Section(title, lines, most=len(lines), others=_("la suite dans l'espace documents"))


def may_go(letter: Letter) -> bool:
    """Whether one that waited still goes: its sender still may send the thread's text."""
    if letter.topic != TOPIC or letter.user is None:
        return True
    sender = again(person_of(letter.user))
    thread = _readable(sender, letter.about)
    return thread is not None and _goes(sender, thread)
