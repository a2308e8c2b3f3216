"""Headers that every page carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from syncd.portal.people import sessions

_CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: blob:; frame-src 'self'; manifest-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_LOOPBACK = ("127.0.0.1", "::1")


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._next(request)
        response.headers.setdefault("Content-Security-Policy", _CSP)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Idle:
    """A session nobody used for days is over (people.sessions)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.get(SESSION_KEY):
            if sessions.idle(request.session):
                sessions.ended(request.session)
                logout(request)
            else:
                sessions.seen(request.session)
        return self._next(request)


def may_sign_in(request: HttpRequest) -> bool:
    """Over plain HTTP nobody signs in from elsewhere than loopback."""
    return request.is_secure() or request.META.get("REMOTE_ADDR", "") in _LOOPBACK


def throttled(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
    """Too many wrong passwords."""
    from syncd.portal.web.sign_in import THROTTLED

    return render(request, "portal/sign_in.html", {"message": gettext(THROTTLED), "next": "/"}, status=429)


def limited(request: HttpRequest) -> HttpResponse:
    """Somebody asks for too much at once (people.throttle)."""
    answer = render(request, "rate_limited.html", status=429)
    answer.headers["Retry-After"] = "60"
    return answer


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not one of this session."""
    return render(request, "csrf_failure.html", status=403)


def who_tries(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Whose failures are counted: the name as it is looked up, wherever it comes from."""
    return str((credentials or {}).get("username") or request.POST.get("login", "")).strip().lower()
