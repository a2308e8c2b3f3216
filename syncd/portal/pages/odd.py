"""What no page understands, and what none can help: a NUL, a database that somebody else holds, a full disk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from syncd.portal import room
from syncd.portal.trouble import busy, full


class NoNul:
    """No text that a person or a browser sends holds a NUL; databases and disks each trip over it in their own way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return _unreadable(request)
        return self._next(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """What a form holds was read by then, for its token."""
        if request.method == "POST" and any("\0" in v for _, values in request.POST.lists() for v in values):
            return _unreadable(request)
        return None


def _unreadable(request: HttpRequest) -> HttpResponse:
    return render(request, "trouble.html", {"title": _("Demande illisible"), "said": _("L'adresse ou le formulaire contient un caractère qui n'a pas de sens ici.")}, status=400)  # fmt: skip


def failed(request: HttpRequest) -> HttpResponse:
    """Whatever a page did not expect; its traceback is in the log."""
    fault = sys.exc_info()[1]
    if busy(fault):
        said = _("La plateforme est occupée : réessayez dans un instant. Rien n'est perdu.")
    elif full(fault):
        room.help_out(fault)
        said = _("La plateforme manque de place : prévenez votre cabinet.")
    else:
        return server_error(request)
    answer = render(request, "trouble.html", {"title": _("Un instant"), "said": said}, status=503)
    answer.headers["Retry-After"] = "10"
    return answer
