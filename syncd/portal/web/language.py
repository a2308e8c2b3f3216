"""Which language a page is in: the person's, else what this browser chose, else French; and the page that changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from syncd.core.time_units import YEAR
from syncd.portal.language import COOKIE, NAMES, speaking, spoken
from syncd.portal.models import User


class Language:
    """Around every page, once it is known who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        own: str = user.language if user.is_authenticated else ""
        with speaking(own or chosen(request)):
            response = self._next(request)
            response.headers.setdefault("Content-Language", spoken())
        return response


def chosen(request: HttpRequest) -> str:
    """What this browser chose; '' for none."""
    said = request.COOKIES.get(COOKIE, "")
    return said if said in NAMES else ""


def keep(request: HttpRequest, user: User) -> None:
    """Whoever chose a language before signing in, and none before, has chosen it."""
    if not user.language and (said := chosen(request)):
        User.objects.filter(id=user.id).update(language=said)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """`language`: fr or en; back to `next`."""
    said, user, where = request.POST.get("language", ""), request.user, request.POST.get("next", "/")
    fine = url_has_allowed_host_and_scheme(where, {request.get_host()}, request.is_secure())
    response = redirect(where if fine and where.startswith("/") else "/")
    if said in NAMES:
        if isinstance(user, User):
            User.objects.filter(id=user.id).update(language=said)
        response.set_cookie(COOKIE, said, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SECURE)
    return response
