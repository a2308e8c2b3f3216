"""A thread's text to an address of one's choice; and the page on which whoever reads there says yes, without signing in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from syncd.portal.language import speaking
from syncd.portal.messages import forwarding
from syncd.portal.people import forwarding_addresses, throttle
from syncd.portal.web.request import REFUSED, Asker, signed_in
from syncd.portal.web.security import limited
from syncd.portal.web.thread import thread_of

LONGEST = 4000  # characters of a link


@require_POST
@signed_in
def thread(asker: Asker, thread_id: str) -> HttpResponseBase:
    """`to`: an address."""
    found, to = thread_of(asker, thread_id), asker.request.POST.get("to", "").strip()[:300]
    if throttle.beyond("forward", asker.user.id, 20, 3600):
        return limited(asker.request)
    try:
        gone = forwarding.forward(asker.person, found, to)
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        said = _("Le texte part à {address}.") if gone else _("{address} reçoit un lien : le texte part dès qu'on y dit oui.")  # fmt: skip
        asker.say(said.format(address=to))
    return redirect(f"{reverse('thread', args=[found.id])}#fin")


@never_cache
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """A look at the page, as mail programs take one, says nothing: the button does."""
    if throttle.beyond("agree", request.META.get("REMOTE_ADDR", ""), 60, 600):
        return limited(request)
    if len(token) > LONGEST:
        raise Http404
    standing, once = forwarding_addresses.who(token), forwarding.who(token)
    asked = standing or once
    if asked is None:
        raise Http404
    done = request.method == "POST"
    try:
        if done and standing is not None:
            forwarding_addresses.agree(standing.user, standing.to)
        elif done and once is not None:
            forwarding.agree(once.user, once)
    except REFUSED:  # since it was looked up
        raise Http404 from None
    with speaking(asked.user.language):
        shown = {
            "who": asked.user,
            "to": asked.to,
            "once": once is not None,
            "done": done,
            "cabinet": asked.user.cabinet,
        }
        return render(request, "portal/forwarding.html", shown)
