"""A person's calendar for the calendar programs of their telephone and computer: one secret address, revocable."""

from __future__ import annotations

import hashlib
import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from syncd.portal.calendar.icalendar_feed import agenda_of
from syncd.portal.models import User
from syncd.portal.people import throttle
from syncd.portal.people.visibility import in_force
from syncd.portal.web.security import limited


@require_safe
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Also 304, for who has it already. Guesses are braked by address, and compared in the same time whatever they are."""
    if throttle.beyond("agenda", key, 60, 600) or throttle.beyond(
        "agendas", request.META.get("REMOTE_ADDR", ""), 1200, 600
    ):
        return limited(request)
    said = hashlib.sha256(key.encode()).hexdigest()
    user = User.objects.filter(calendar_key=said, is_active=True).select_related("cabinet").first()
    if user is None or not in_force(user) or not secrets.compare_digest(user.calendar_key, said):
        raise Http404
    written = agenda_of(user)
    tag = quote_etag(hashlib.sha256(written).hexdigest()[:32])
    same = tag in request.headers.get("If-None-Match", "").replace("W/", "").split(", ")
    response = HttpResponse(
        b"" if same else written, status=304 if same else 200, content_type="text/calendar; charset=utf-8"
    )
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    if not same:
        response["Content-Disposition"] = 'inline; filename="echeances.ics"'
    return response
