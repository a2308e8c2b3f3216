"""What strangers do under somebody's name: forgotten passwords, failed sign-ins. Written down for every name alike, looked
at by the rounds: neither an answer nor the time it takes tells whether anybody is called so.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from axes.models import AccessAttempt
from django.db.models import Sum
from django.utils.translation import gettext as _

from syncd.portal.language import counted, speaking
from syncd.portal.models import Audit, Knock, SignedIn, User
from syncd.portal.people import invitations, throttle
from syncd.portal.records import mail_queue
from syncd.portal.records.feed import writing

FORGOTTEN, SIGN_IN, SECOND = "forgotten", "sign_in_failed", "second_failed"
WRONG = "own_wrong_password"
MOST = 600  # a minute, of everybody: what a portal writes down for strangers has an end
AT_ONCE, LINES = 1000, 20
NAMES, REST = (
    20,
    timedelta(minutes=15),
)  # failures under one name, from addresses where nobody of that name was signed in
WARNED = timedelta(days=1)
TOLD = {SIGN_IN: 3, SECOND: 2, WRONG: 3}  # so many in a day, and the person is told


def note(what: str, sign_in: str, address: str) -> None:
    """Of a stranger at `address`, under a name that somebody may have."""
    if not throttle.beyond("knocks", "", MOST, 60):
        Knock.objects.create(what=what, sign_in=sign_in[:254], address=address[:64])


def locked(sign_in: str, address: str) -> bool:
    """Whether a name is guessed at from too many places. Where its person was signed in before, the way stays open."""
    tried = AccessAttempt.objects.filter(username=sign_in, attempt_time__gt=datetime.now(UTC) - REST)
    if (tried.aggregate(n=Sum("failures_since_start"))["n"] or 0) < NAMES:
        return False
    return not SignedIn.objects.filter(user__sign_in=sign_in, address=address).exists()


def answer() -> None:
    """Links go out, failures are written into the audit of whom they were about; the rest is forgotten."""
    by_name: defaultdict[str, list[Knock]] = defaultdict(list)
    for knock in Knock.objects.order_by("id")[:AT_ONCE]:
        by_name[knock.sign_in].append(knock)
    for name, some in by_name.items():
        cabinet = User.objects.filter(sign_in=name).values_list("cabinet_id", flat=True).first()
        with writing(cabinet or ""):
            user = User.objects.filter(sign_in=name, cabinet=cabinet).select_related("cabinet").first()
            if user is not None and user.is_active:
                _about(user, some)
            Knock.objects.filter(id__in=[k.id for k in some]).delete()


def _about(user: User, some: list[Knock]) -> None:
    if any(k.what == FORGOTTEN for k in some) and user.email and mail_queue.configured():
        mail_queue.password_forgotten(user, invitations.issue(user, FORGOTTEN))
    failed = [k for k in some if k.what != FORGOTTEN]
    Audit.objects.bulk_create(
        Audit(cabinet_id=user.cabinet_id, at=k.at, by="?", user_id=user.id, address=k.address, what=k.what, about=name)
        for name in (user.sign_in,) for k in failed[:LINES]
    )  # fmt: skip
    if failed:
        tell(user)


def tell(user: User) -> None:
    """The person is told of failed attempts, at most once a day."""
    now = datetime.now(UTC)
    if user.warned_at is not None and user.warned_at > now - WARNED:
        return
    lines = Audit.objects.filter(cabinet_id=user.cabinet_id, user_id=user.id, at__gt=now - WARNED, what__in=TOLD)
    counts: defaultdict[str, int] = defaultdict(int)
    for what in lines.values_list("what", flat=True)[:1000]:
        counts[what] += 1
    if not any(counts[what] >= most for what, most in TOLD.items()):
        return
    User.objects.filter(id=user.id).update(warned_at=now)
    with speaking(user.language):
        tries = counted(sum(counts.values()), "essai a échoué", "essais ont échoué")
        said = _("Connexion à votre compte : {tries} depuis 24 heures.").format(tries=tries)
        if counts[SECOND]:
            said += " " + _("Votre mot de passe y était juste : changez-le si ce n'était pas vous.")
        mail_queue.changed(user, said)


def prune() -> None:
    """What the brake has counted, a day later."""
    AccessAttempt.objects.filter(attempt_time__lt=datetime.now(UTC) - timedelta(days=1)).delete()


__all__ = ["FORGOTTEN", "SECOND", "SIGN_IN", "WRONG", "answer", "locked", "note", "prune", "tell"]
