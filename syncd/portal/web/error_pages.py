"""What no page understands, and what none can help: a control character, a database that somebody else holds, a full disk."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from syncd.portal.storage import disk_reserve
from syncd.portal.storage.write_errors import busy, full

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NoControls:
    """No text that a person or a browser sends holds a NUL or another control character, but for lines and tabs of a large
    field: databases, disks, feeds and terminals each trip over them in their own way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _CONTROLS.search(request.path_info) or _CONTROLS.search(unquote(request.META.get("QUERY_STRING", ""))):
            return _unreadable(request)
        return self._next(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """What a form holds was read by then, for its token."""
        if request.method == "POST" and any(_CONTROLS.search(v) for _, values in request.POST.lists() for v in values):
            return _unreadable(request)
        return None


def _unreadable(request: HttpRequest) -> HttpResponse:
    return render(request, "error.html", {"title": _("Demande illisible"), "said": _("L'adresse ou le formulaire contient un caractère qui n'a pas de sens ici.")}, status=400)  # fmt: skip


def failed(request: HttpRequest) -> HttpResponse:
    """Whatever a page did not expect; its traceback is in the log."""
    fault = sys.exc_info()[1]
    if busy(fault):
        said = _("La plateforme est occupée : réessayez dans un instant. Rien n'est perdu.")
    elif full(fault):
        disk_reserve.help_out(fault)
        said = _("La plateforme manque de place : prévenez votre cabinet.")
    else:
        return server_error(request)
    answer = render(request, "error.html", {"title": _("Un instant"), "said": said}, status=503)
    answer.headers["Retry-After"] = "10"
    return answer
