"""What people do with their own account: password, address, name, second factor, feed, preferences.

What lets others in, or its owner out, is asked for with the current password (`confirm`) and told to its owner.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext as _

from syncd.portal.language import NAMES
from syncd.portal.models import User
from syncd.portal.people import accounts, second_factor, sign_in_attempts, throttle
from syncd.portal.people.mail_pace import PACES
from syncd.portal.people.visibility import in_force
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

TRIES, REST = 10, 900  # guesses of the current password, in seconds


@dataclass(frozen=True, slots=True)
class Ended:
    """What a new password ended: secret addresses of `feed` or calendar, `forwarding` of messages."""

    feed: bool
    forwarding: bool


def _user(actor: Person) -> User:
    """As it is now. Raises Refusal once its access, or that of somebody above, was taken away."""
    user = User.objects.select_related("cabinet").get(id=actor.id)
    if not in_force(user):
        raise Refusal(Code.NOT_YOUR_ACCOUNT)
    return user


def _tell(actor: Person, user: User, said: str, to: str = "") -> None:
    mail_queue.changed(user, said, actor.address, to)


def confirm(actor: Person, current: str) -> None:
    """It is the owner: an open page alone is not enough. Guesses are braked, written down, and told. Raises Refusal."""
    if throttle.beyond("current_password", actor.id, TRIES, REST):
        raise Refusal(Code.TOO_MANY_GUESSES)
    user = _user(actor)
    if check_password(current, user.password):
        return
    with writing(actor.cabinet):
        audit.record(actor, sign_in_attempts.WRONG)
    sign_in_attempts.tell(user)
    raise Refusal(Code.WRONG_PASSWORD)


def change_password(actor: Person, password: str) -> Ended:
    """Other sessions end, and with them the addresses of feed and calendar, and forwarding. Raises Refusal."""
    kept = accounts.hashed(_user(actor), password)
    with writing(actor.cabinet):
        user = _user(actor)
        ended = Ended(bool(user.feed_key or user.calendar_key), bool(user.message_addresses))
        accounts.keep_password(user, kept, own=True)
        _tell(actor, user, _("Votre mot de passe a été changé."))
        audit.record(actor, "own_password")
    return ended


@alone
def change_address(actor: Person, text: str) -> None:
    """Told to the former one. Raises Refusal."""
    user, email = _user(actor), accounts.check_email(text)
    if email != user.email:
        User.objects.filter(id=user.id).update(email=email, email_since=datetime.now(UTC))
    if user.email and user.email != email:
        _tell(actor, user, _("L'adresse e-mail de votre compte a été changée."), user.email)
    audit.record(actor, "own_email")


@alone
def turn_second_factor_on(actor: Person, secret: str, code: str) -> list[str]:
    """Recovery codes, shown once. Raises Refusal when the code is not one of this secret, or there is a factor already."""
    user = _user(actor)
    codes = second_factor.turn_on(user, secret, code)
    if codes is None:
        raise Refusal(Code.WRONG_CODE)
    _tell(actor, user, _("La double authentification de votre compte a été activée."))
    audit.record(actor, "own_second_on")
    return codes


@alone
def turn_second_factor_off(actor: Person) -> None:
    user = _user(actor)
    second_factor.turn_off(user)
    _tell(actor, user, _("La double authentification de votre compte a été désactivée."))
    audit.record(actor, "own_second_off")


@alone
def make_recovery_codes(actor: Person) -> list[str]:
    """In place of all there were; shown once. Raises Refusal without a second factor."""
    user = _user(actor)
    if not user.totp:
        raise Refusal(Code.NO_SECOND_FACTOR)
    codes = second_factor.new_codes(user)
    _tell(actor, user, _("De nouveaux codes de secours ont été créés pour votre compte."))
    audit.record(actor, "own_codes")
    return codes


@alone
def sign_out_elsewhere(actor: Person, here: str) -> None:
    """`here`: the key of the session that goes on."""
    accounts.end_sessions(_user(actor), but=here)
    audit.record(actor, "own_sign_out_everywhere")


@alone
def make_feed(actor: Person) -> str:
    """A new secret address of the person's feed; the old one is gone."""
    key = _new_key(actor, "feed_key", _("Une adresse secrète de fil d'actualité a été créée pour votre compte."))
    audit.record(actor, "own_feed_on")
    return key


@alone
def end_feed(actor: Person) -> None:
    User.objects.filter(id=actor.id).update(feed_key="")
    audit.record(actor, "own_feed_off")


@alone
def make_calendar(actor: Person) -> str:
    """A new secret address of the person's calendar; the old one is gone."""
    key = _new_key(actor, "calendar_key", _("Une adresse secrète d'agenda a été créée pour votre compte."))
    audit.record(actor, "own_calendar_on")
    return key


@alone
def end_calendar(actor: Person) -> None:
    User.objects.filter(id=actor.id).update(calendar_key="")
    audit.record(actor, "own_calendar_off")


def _new_key(actor: Person, column: str, said: str) -> str:
    user, key = _user(actor), secrets.token_urlsafe(32)
    User.objects.filter(id=user.id).update(**{column: hashlib.sha256(key.encode()).hexdigest()})
    _tell(actor, user, said)
    return key


@alone
def choose_mails(actor: Person, deposits: bool, pace: str = "") -> None:
    """`pace`: one of mail_pace.PACES; '' and what is unknown: as it is."""
    chosen = {"mail_pace": pace} if pace in PACES else {}
    User.objects.filter(id=actor.id).update(mail_deposits=deposits, **chosen)
    audit.record(actor, "own_mails")


@alone
def change_name(actor: Person, name: str) -> None:
    """Of whom nobody above could name. Raises Refusal."""
    if not _user(actor).names_itself:
        raise Refusal(Code.NAMED_BY_ANOTHER)
    User.objects.filter(id=actor.id).update(name=accounts.check_name(name))
    audit.record(actor, "own_name")


@alone
def choose_language(actor: Person, language: str) -> None:
    """Raises Refusal of one that pages are not in."""
    if language not in NAMES:
        raise Refusal(Code.NO_LANGUAGE)
    User.objects.filter(id=actor.id).update(language=language)
    audit.record(actor, "own_language")
