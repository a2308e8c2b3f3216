"""Addresses that a person's messages go to besides their own: none before whoever reads there has said yes by the link."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext as _

from syncd.portal.language import speaking
from syncd.portal.models import User
from syncd.portal.people import accounts, throttle
from syncd.portal.people.visibility import in_force, person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone
from syncd.portal.records.mail_queue import Chain, address, message
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person
from syncd.report.message import Link

MOST = 3
DAYS = 3  # that a link counts
MAILS, DAY = 3, 86_400  # to one address in that many seconds, whoever asks
WAITS = ":"  # before an address that nobody confirmed yet: no address begins so
ASKS = "agree"  # topic of a mail that asks
_SALT = "forwarding"


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that may be confirmed, for the messages of `user`."""

    user: User
    to: str


def confirmed(user: User) -> list[str]:
    return [a for a in user.message_addresses.split() if not a.startswith(WAITS)]


def waiting(user: User) -> list[str]:
    return [a.removeprefix(WAITS) for a in user.message_addresses.split() if a.startswith(WAITS)]


@alone
def forward_messages(actor: Person, text: str) -> None:
    """Messages go to these addresses too, with blanks or commas between them; '' ends it. A new one is asked first, and asked
    again where the same ones are saved again. The person is told at their own. Raises Refusal: one is none, or they are too
    many.
    """
    wanted = list(dict.fromkeys(accounts.check_email(part) for part in re.split(r"[\s,;]+", text) if part))
    if len(wanted) > MOST:
        raise Refusal(Code.TOO_MANY_ADDRESSES, most=MOST)
    user = User.objects.select_related("cabinet").get(id=actor.id)
    if not in_force(user):
        raise Refusal(Code.NOT_YOUR_ACCOUNT)
    sure, before = confirmed(user), waiting(user)
    new = [a for a in wanted if a not in sure]
    same = set(wanted) == {*sure, *before}
    for one in new:
        if one not in before or same:
            _ask(user, one)
    if same:
        return
    _keep(user, [a for a in sure if a in wanted], new)
    said = _("Vos messages sont transférés à {addresses}.").format(addresses=", ".join(wanted))
    if not wanted:
        said = _("Vos messages ne sont plus transférés.")
    elif new:
        said = _("{addresses} : vos messages y sont transférés dès que le lien reçu là-bas est confirmé.").format(
            addresses=", ".join(new)
        )
    mail_queue.changed(user, said, actor.address)
    audit.record(actor, "own_forward", " ".join(wanted))


def _keep(user: User, sure: list[str], new: list[str]) -> None:
    user.message_addresses = " ".join([*sure, *(WAITS + a for a in new)])
    user.save(update_fields=["message_addresses"])


def asked_too_often(to: str) -> bool:
    """Counts one more mail that asks an address; whether it has had enough of them."""
    return throttle.beyond("forwarding", to, MAILS, DAY)


def _ask(user: User, to: str) -> None:
    if not mail_queue.configured() or asked_too_often(to):
        return
    token = signing.dumps([user.id, to], salt=_SALT)
    with speaking(user.language):
        title = _("Recevoir les messages de {name} ?").format(name=user)
        lead = _("{name} demande que ses messages de l'espace documents de {cabinet} vous soient transférés.")
        queue_question(user, to, title, lead.format(name=user, cabinet=user.cabinet.name), token)


def queue_question(user: User, to: str, title: str, lead: str, token: str) -> None:
    """The mail in which `user` asks an address; in the language that is spoken. Its link says yes by `token`."""
    said = _("Rien n'est envoyé à cette adresse sans votre accord. Le lien vaut {days} jours ; si vous n'attendez rien, ne faites rien.").format(days=DAYS)  # fmt: skip
    whole = message(title, title, (lead, said), Link(_("Répondre"), address(f"/transfert/{token}")))
    mail_queue.queue(to, whole, user, chain=Chain(ASKS))


def who(token: str) -> Asked | None:
    """Whose messages would go where; None: the link is none of ours or too old, or the person does not want it any more."""
    try:
        ident, to = signing.loads(token, salt=_SALT, max_age=DAYS * DAY)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(id=str(ident), is_active=True).select_related("cabinet").first()
    return Asked(user, to) if user is not None and in_force(user) and to in {*waiting(user), *confirmed(user)} else None


@alone
def agree(user: User, to: str) -> None:
    """Of whoever `who` told of. Raises Refusal: the person does not want it any more, or may not."""
    now = User.objects.select_for_update().get(id=user.id)
    if not in_force(now) or to not in {*waiting(now), *confirmed(now)}:
        raise Refusal(Code.NOT_YOUR_ACCOUNT)
    if to in waiting(now):
        _keep(now, [*confirmed(now), to], [a for a in waiting(now) if a != to])
        audit.record(person_of(now), "own_forward", to)
