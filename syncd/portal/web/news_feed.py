"""An Atom and an RSS feed per person, at one secret address that can be revoked; never more than the person may see."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from syncd.core.plain_text import many_lines, one_line
from syncd.portal.clients.folder_labels import labels_of
from syncd.portal.documents import listing
from syncd.portal.language import named, size, speaking, spoken
from syncd.portal.messages.mails import restricted
from syncd.portal.messages.newest import newest
from syncd.portal.models import Document, User
from syncd.portal.people import throttle
from syncd.portal.people.visibility import in_force, person_of, visible
from syncd.portal.records.mail_queue import address
from syncd.portal.web.security import limited

ENTRIES = 50


@require_GET
def atom(request: HttpRequest, key: str) -> HttpResponse:
    return _feed(request, key, Atom1Feed, "application/atom+xml")


@require_GET
def rss(request: HttpRequest, key: str) -> HttpResponse:
    return _feed(request, key, Rss201rev2Feed, "application/rss+xml")


@require_GET
def messages_atom(request: HttpRequest, key: str) -> HttpResponse:
    """What was said, at the same secret: whoever takes the one away takes the other."""
    return _feed(request, key, Atom1Feed, "application/atom+xml", _said)


def _feed(
    request: HttpRequest, key: str, form: type[SyndicationFeed], kind: str, write: Callable[..., str] | None = None
) -> HttpResponse:
    if throttle.beyond("feed", key, 60, 600) or throttle.beyond(
        "feeds", request.META.get("REMOTE_ADDR", ""), 1200, 600
    ):
        return limited(request)
    user = (
        User.objects.filter(feed_key=hashlib.sha256(key.encode()).hexdigest(), is_active=True)
        .select_related("cabinet")
        .first()
    )
    if user is None or not in_force(user):
        raise Http404
    with speaking(user.language):
        return HttpResponse((write or _written)(user, form), content_type=f"{kind}; charset=utf-8")


def _written(user: User, form: type[SyndicationFeed] = Atom1Feed) -> str:
    person = person_of(user)
    found = (
        Document.objects.filter(visible(person), tombstone="")
        .select_related("client")
        .order_by("-created_at")[:ENTRIES]
    )
    title = one_line(_("{cabinet} : nouveaux documents").format(cabinet=user.cabinet.name))
    built = form(
        title=title,
        link=address("/"),
        description=title,
        language=spoken(),
    )
    said = labels_of(user.cabinet).shown
    for row in listing.rows_of(person, found):
        link = address(f"/documents/{row.doc.id}")
        who = (
            _("mis à disposition par le cabinet") if row.origin == "engine" else _("déposé par {by}").format(by=row.by)
        )
        about = f"{row.doc.client.name}, {said(row.folder)} : {who}, {size(row.doc.size)}"
        built.add_item(
            title=one_line(row.name, 4096),
            link=link,
            description=one_line(about, 4096),
            pubdate=row.at,
            updateddate=row.at,
            unique_id=f"{link}#{row.doc.version}",
        )
    return str(built.writeString("utf-8"))


def _said(user: User, form: type[SyndicationFeed] = Atom1Feed) -> str:
    """As mails tell it: of a confidential folder that there is something to read, and no word of it."""
    person = person_of(user)
    title = one_line(_("{cabinet} : échanges").format(cabinet=user.cabinet.name))
    built = form(title=title, link=address("/echanges"), description=title, language=spoken())
    for entry in newest(person, ENTRIES):
        thread, link = entry.thread, address(f"/echanges/{entry.thread_id}")
        about = f"{thread.subject} – {thread.client.name}"
        said = f"{named(entry.by, entry.origin)} : {entry.text}"
        if restricted(thread):
            about, said = f"{_('Un message confidentiel')} – {thread.client.name}", _("à lire dans l'espace documents")
        built.add_item(
            title=one_line(about, 4096), link=link, description=many_lines(said, 4096), pubdate=entry.at, updateddate=entry.at,
            unique_id=f"{link}#{entry.id}",
        )  # fmt: skip
    return str(built.writeString("utf-8"))
