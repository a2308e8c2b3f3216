"""Where a person is signed in."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils.translation import gettext as _

from syncd.core.time_units import DAY
from syncd.portal.models import Invitation, SignedIn
from syncd.portal.models.encrypted_text import digest
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.rights import Person

IDLE = 3 * DAY  # seconds without a page, and one signs in again
OFTEN = 600.0  # how often it is written down that somebody is there


@alone
def signed_in(actor: Person, session: SessionBase, agent: str) -> None:
    """Somebody came in, in this session, with a browser that calls itself `agent`."""
    began(actor, session, agent)
    audit.record(actor, "sign_in")


def began(actor: Person, session: SessionBase, agent: str) -> None:
    """The session is the actor's from now on."""
    session["seen"] = time.time()
    session.save()
    SignedIn.objects.update_or_create(
        session=digest(str(session.session_key)),
        defaults={
            "user_id": actor.id, "seen_at": datetime.now(UTC), "address": actor.address[:64], "browser": agent[:300],
        },
    )  # fmt: skip


def ended(session: SessionBase) -> None:
    SignedIn.objects.filter(session=digest(session.session_key or "")).delete()


def idle(session: SessionBase) -> bool:
    """Whether nobody has used it for so long that it counts no more."""
    return time.time() - float(session.get("seen", time.time())) > IDLE


def seen(session: SessionBase) -> None:
    """Somebody who is signed in asks for a page."""
    if time.time() - float(session.get("seen", 0.0)) > OFTEN:
        session["seen"] = time.time()
        here = SignedIn.objects.filter(session=digest(session.session_key or ""))
        here.update(seen_at=datetime.now(UTC))


def prune() -> None:
    """What has ended by itself: sessions, where people were signed in, invitations."""
    now = datetime.now(UTC)
    Session.objects.filter(expire_date__lt=now).delete()
    SignedIn.objects.exclude(session__in=Session.objects.values("session_key")).delete()
    Invitation.objects.filter(expires_at__lt=now).delete()


def browser(agent: str) -> str:
    """`Firefox sur Windows`: enough to recognise one's own."""
    names = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
    name = next((n for sign, n in names if sign in agent), _("Navigateur"))
    system = next((n for sign, n in systems if sign in agent), "")
    return _("{browser} sur {system}").format(browser=name, system=system) if system else name
