"""Where a person is signed in."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from syncd.portal.models import SignedIn, User
from syncd.portal.sealed import digest


def began(request: HttpRequest, user: User) -> None:
    request.session.save()
    SignedIn.objects.update_or_create(
        session=digest(str(request.session.session_key)),
        defaults={
            "user": user, "seen_at": datetime.now(UTC), "address": request.META.get("REMOTE_ADDR", "")[:64],
            "browser": request.META.get("HTTP_USER_AGENT", "")[:300],
        },
    )  # fmt: skip


def ended(request: HttpRequest) -> None:
    SignedIn.objects.filter(session=digest(request.session.session_key or "")).delete()


def browser(agent: str) -> str:
    """`Firefox sur Windows`: enough to recognise one's own."""
    names = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))  # fmt: skip
    name = next((n for sign, n in names if sign in agent), _("Navigateur"))
    system = next((n for sign, n in systems if sign in agent), "")
    return _("{browser} sur {system}").format(browser=name, system=system) if system else name
