"""The optional second factor: codes of an application (TOTP), each good once, and recovery codes."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

import pyotp
from django.utils.translation import gettext as _

from syncd.portal.language import named, speaking
from syncd.portal.models import RecoveryCode, User
from syncd.portal.people import accounts
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

CODES, GROUPS, LETTERS = 8, 4, 5  # 99 bits each
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def check(user: User, code: str) -> bool:
    """A code of now, the half minute before or after, never one that was used; or a recovery code, used up by it."""
    code = re.sub(r"[\s-]", "", code).lower()
    now = int(time.time()) // 30
    totp = pyotp.TOTP(user.totp)
    for step in (now, now - 1, now + 1):
        if step > user.totp_step and secrets.compare_digest(totp.at(step * 30), code):
            return bool(User.objects.filter(id=user.id, totp_step__lt=step).update(totp_step=step))
    return RecoveryCode.objects.filter(user=user, sha256=_digest(code)).delete()[0] == 1


def new_secret() -> str:
    return pyotp.random_base32()


def address(user: User, secret: str) -> str:
    """What the picture for the application holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.sign_in, issuer_name=user.cabinet.name)


def turn_on(user: User, secret: str, code: str) -> list[str] | None:
    """The recovery codes, shown once; None when the code is not one of this secret, or there is none.

    Raises Refusal when there is a second factor already: it is turned off first.
    """
    if not secret or not pyotp.TOTP(secret).verify(re.sub(r"\s", "", code), valid_window=1):
        return None
    with writing(user.cabinet_id):
        if not User.objects.filter(id=user.id, totp="").update(totp=secret, totp_step=int(time.time()) // 30):
            raise Refusal(Code.SECOND_FACTOR_ON)
        return new_codes(user)


def new_codes(user: User) -> list[str]:
    """In place of all there were; shown once."""
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(LETTERS)) for _ in range(GROUPS)) for _ in range(CODES)
    ]
    with writing(user.cabinet_id):
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, sha256=_digest(c.replace("-", ""))) for c in codes)
    return codes


def short_codes(user: User) -> bool:
    """Whether some of the person's codes are of before, when they were short: they work, and are better made anew."""
    return RecoveryCode.objects.filter(user=user, short=True).exists()


def turn_off(user: User) -> None:
    with writing(user.cabinet_id):
        User.objects.filter(id=user.id).update(totp="", totp_step=0)
        RecoveryCode.objects.filter(user=user).delete()


@alone
def turn_off_for(actor: Person, user: User) -> None:
    """By somebody who manages the account, whose owner is told. Raises Refusal."""
    actor = accounts.managed(actor, user)
    turn_off(user)
    with speaking(user.language):
        told = _("{by} a désactivé la double authentification de votre compte.")
        told = told.format(by=named(actor.name, actor.origin))
    mail_queue.changed(user, told)
    audit.record(actor, "account_no_second", user.sign_in)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
