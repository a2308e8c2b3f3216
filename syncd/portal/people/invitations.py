"""Invitations: a link, or a printed code, with which somebody chooses a password, once."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.portal.language import named, speaking
from syncd.portal.models import Invitation, User
from syncd.portal.people import accounts
from syncd.portal.people.visibility import person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

GOOD = {
    "link": timedelta(days=14), "card": timedelta(days=60), "forgotten": timedelta(days=1), "entered": timedelta(hours=1),
}  # fmt: skip
KINDS = ("link", "card", "mail")
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that reads like another
MADE = noop(
    "{by} a créé un lien, ou une fiche d'accès, qui permet de choisir un nouveau mot de passe pour votre compte."
)


@alone
def invite(actor: Person, user: User, kind: str) -> tuple[str, str]:
    """A link by mail, a link or a code to print: its kind and its secret, which is shown once.

    Raises Refusal to whoever may not hold it, and of a mail that cannot go.
    """
    actor = accounts.managed(actor, user)
    kind = kind if kind in KINDS else "card"
    check_mail(kind, user.email, str(user))
    if not accounts.lets_in(actor, user) and kind != "mail":
        raise Refusal(Code.AN_EQUAL)
    secret = issue(user, "card" if kind == "card" else "link")
    if kind == "mail":
        mail_queue.invitation(user, secret)
    elif user.has_usable_password():
        with speaking(user.language):
            mail_queue.changed(user, _(MADE).format(by=named(actor.name, actor.origin)))
    audit.record(actor, f"invited_{kind}", user.sign_in)
    return kind, secret


def check_mail(kind: str, email: str, name: str) -> None:
    """Raises Refusal of an invitation by mail that cannot go."""
    if kind == "mail" and not email:
        raise Refusal(Code.NO_ADDRESS, name=name)
    if kind == "mail" and not mail_queue.configured():
        raise Refusal(Code.NO_MAIL_SERVER)


def new_code() -> str:
    """79 bits in letters that are copied from paper: `E6KR-KDT3-…`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def new_link() -> str:
    return secrets.token_urlsafe(32)


def issue(user: User, kind: str = "link") -> str:
    """A secret that lets the person choose a password, once; `GOOD` says for how long.

    A newer link, or card, takes the place of the older; what anybody can ask for under somebody's name takes nobody's.
    """
    secret = new_code() if kind == "card" else new_link()
    with writing(user.cabinet_id):
        if kind in ("link", "card"):
            user.invitations.filter(kind=kind).delete()
        expires = datetime.now(UTC) + GOOD[kind]
        Invitation.objects.create(user=user, sha256=digest(secret), kind=kind, expires_at=expires)
    return secret


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def invited(secret: str) -> Invitation | None:
    """The link, with whose it is, while it holds."""
    return (
        Invitation.objects.select_related("user")
        .filter(sha256=digest(secret), expires_at__gt=datetime.now(UTC), user__is_active=True)
        .exclude(kind="card")
        .first()
    )


def accept(invitation: Invitation, password: str, address: str) -> None:
    """The password that the invited person chooses, from `address`. Raises Refusal."""
    user, before = invitation.user, invitation.user.has_usable_password()
    actor, kept = person_of(user), accounts.hashed(user, password)
    with writing(user.cabinet_id):
        accounts.keep_password(user, kept, invitation)
        if before:
            with speaking(user.language):
                said = _("Un nouveau mot de passe a été choisi pour votre compte, avec un lien ou une fiche d'accès.")
            mail_queue.changed(user, said, address)
        audit.record(replace(actor, address=address), "password_chosen")


def printed(code: str) -> str:
    """A code as it was printed, however it was typed: without its hyphens, with blanks, in small letters."""
    letters = re.sub(r"[^A-Z0-9]", "", code.upper())
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


def with_card(sign_in: str, code: str) -> User | None:
    """Whose printed code it is. Whoever guesses is braked by the page; 79 bits are not guessed, and nobody's code is voided
    by a stranger's tries. The same is done whether anybody is called so.
    """
    found = (
        Invitation.objects.select_related("user")
        .filter(
            user__sign_in=accounts.sign_in_of(sign_in),
            kind="card",
            expires_at__gt=datetime.now(UTC),
            user__is_active=True,
        )
        .first()
    )
    right = secrets.compare_digest(found.sha256 if found else "-" * 64, digest(printed(code)))
    return found.user if found is not None and right else None
