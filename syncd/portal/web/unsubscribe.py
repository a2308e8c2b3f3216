"""Where a mail's « Ne plus les recevoir » leads: one button, for whoever holds the mail."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from syncd.portal.language import speaking
from syncd.portal.people import throttle, unsubscribing
from syncd.portal.web.security import limited


@csrf_exempt  # the reader's mail program posts it (RFC 8058): what is signed in the address is the right
@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    if throttle.beyond("unsubscribe", request.META.get("REMOTE_ADDR", ""), 60, 600):
        return limited(request)
    user = unsubscribing.who(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        unsubscribing.stop(user)
    with speaking(user.language):
        done = request.method == "POST" or not user.mail_deposits
        return render(request, "portal/unsubscribe.html", {"who": user, "done": done, "cabinet": user.cabinet})
