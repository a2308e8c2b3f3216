"""How values are said on pages: `21/11/2026 14:03`, `25 Mo`, `1 document`."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

from syncd.core import paths
from syncd.portal import language
from syncd.portal.clients.folder_labels import Labels
from syncd.portal.messages import receipts
from syncd.portal.models import Document

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%d/%m/%Y %H:%M}" if value else ""


@register.filter
def day(value: date) -> str:
    """`Aujourd'hui`, `Hier`, `Vendredi 27 novembre`."""
    said = language.day(value, timezone.localdate())
    return said[0].upper() + said[1:]


@register.filter(name="bytes")
def size(value: int) -> str:
    return language.size(value)


@register.filter
def counted(value: int, forms: str) -> str:
    singular, plural = forms.split(",")
    return language.counted(value, singular, plural)


@register.filter
def of(name: str, origin: str) -> str:
    """A name with its side."""
    return language.named(name, origin)


_HEADERS = {"From": noop("De"), "To": noop("À"), "Cc": noop("Copie à"), "Date": noop("Date"), "Subject": noop("Objet")}


@register.filter
def mail_header(name: str) -> str:
    """As people read it."""
    return gettext(_HEADERS.get(name, name))


@register.filter
def shown(path: str, labels: Labels) -> str:
    """A place as the cabinet calls it."""
    return labels.shown(path)


@register.filter
def folder_of(path: str) -> str:
    return paths.parent(path)


@register.filter
def subject(text: str) -> str:
    """Of a thread: what somebody wrote, as it is; the portal's own in the language of the page."""
    return gettext(text) if text == receipts.SUBJECT else text


@register.filter
def stem(name: str) -> str:
    """Without its extension."""
    return paths.split_ext(name)[0]


@register.filter
def last_name(path: str) -> str:
    return paths.name(path)


@register.inclusion_tag("portal/parts/thumbnail.html")
def thumbnail(document: Document) -> dict[str, object]:
    """A document's first page, 28 by 36, where the reader may have it; an icon where not. Loaded when it comes into sight."""
    return {"id": document.id, "version": document.version}
