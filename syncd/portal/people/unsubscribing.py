"""The address in a mail where whoever got it ends such mails, without signing in (RFC 8058)."""

from __future__ import annotations

import hashlib

from django.core import signing

from syncd.portal.models import User
from syncd.portal.people.visibility import person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import alone

_SALT = "unsubscribe"


def link(user: User) -> str:
    """Of mails to the address that the person has now; it opens nothing else."""
    return mail_queue.address(f"/desabonnement/{signing.dumps([user.id, _short(user.email)], salt=_SALT)}")


def _short(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:16]


def who(token: str) -> User | None:
    """Whose mails it ends; None where it is none of ours, or the person has another address by now."""
    try:
        ident, email = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(id=str(ident)).select_related("cabinet").first()
    return user if user is not None and _short(user.email) == email else None


@alone
def stop(user: User) -> None:
    if User.objects.filter(id=user.id, mail_deposits=True).update(mail_deposits=False):
        audit.record(person_of(user), "own_mails")
