"""The parts that pages are built of: icons, chips of state, names, dates. In every template, without a `load`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from syncd.core import paths
from syncd.portal import language
from syncd.portal.bundles import DEPOSIT, PHOTO, PIXELS, SCRIPTS, STYLES
from syncd.portal.clients.cabinet_settings import met_by
from syncd.portal.models import Cabinet

register = template.Library()

# Of 24 by 24, drawn by a line 1.75 wide.
ICONS = {
    "home": '<path d="M4 10.5 12 4l8 6.5V20h-5.5v-5.5h-5V20H4z"/>',
    "folder": '<path d="M3.5 6.5h6l2 2.5h9V19h-17z"/>',
    "document": '<path d="M6 3.5h8L18.5 8v12.5H6z"/><path d="M14 3.5V8h4.5"/>',
    "receipt": '<path d="M6 3.5h12v17l-2-1.5-2 1.5-2-1.5-2 1.5-2-1.5-2 1.5z"/><path d="M9 8h6M9 11.5h6"/>',
    "upload": '<path d="M12 15.5V4M7.5 8 12 3.5 16.5 8"/><path d="M4 13.5v6.5h16v-6.5"/>',
    "download": '<path d="M12 4v11.5M7.5 11.5 12 16l4.5-4.5"/><path d="M4 16v4h16v-4"/>',
    "bank": '<path d="M3.5 9.5 12 4l8.5 5.5zM4 20h16M6.5 9.5V17M10.2 9.5V17M13.8 9.5V17M17.5 9.5V17"/>',
    "inbox": '<path d="M4 13 6.5 5h11L20 13v6.5H4z"/><path d="M4 13h4.5l1.5 2.5h4l1.5-2.5H20"/>',
    "people": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.5-4 3-5.5 6.5-5.5s6 1.5 6.5 5.500M15.5 5.500a3.3 3.3 0 0 1 0 6M17.5 14.500c2.3.6 3.6 2.2 4 5"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20c.6-4.5 3.5-6 7.5-6s6.9 1.5 7.5 6"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5.5 5.5"/>',
    "check": '<path d="m5 12.5 4.5 4.500L19 7.5"/>',
    "list": '<path d="M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.01M4 12h.01M4 18h.01"/>',
    "grid": '<path d="M4 4h6.500v6.500H4zM13.5 4H20v6.500h-6.500zM4 13.500h6.500V20H4zM13.5 13.500H20V20h-6.500z"/>',
    "gear": '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.600l2.2 2.200M16.2 16.200l2.2 2.200M18.4 5.600l-2.2 2.200M7.8 16.200l-2.2 2.2"/>',
    "mail": '<path d="M3.5 5.500h17v13h-17z"/><path d="m4 6.5 8 6.5 8-6.5"/>',
    "sync": '<path d="M19.5 11a7.5 7.5 0 0 0-13.5-3.500L4 9.500M4 5v4.500h4.500M4.5 13a7.5 7.5 0 0 0 13.5 3.500l2-2M20 19v-4.500h-4.5"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10.500h16M8.500 3.500v4M15.500 3.500v4"/>',
    "camera": '<path d="M3.5 7.500h4L9 5h6l1.5 2.500h4V19h-17z"/><circle cx="12" cy="13" r="3.5"/>',
    "question": '<circle cx="12" cy="12" r="8.5"/><path d="M9.5 9.500c.2-3 5-3 5 0 0 2-2.5 2-2.5 4M12 16.500h.01"/>',
    "warning": '<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.500M12 17.200h.01"/>',
    "bin": '<path d="M4 6.500h16M9 6.500V4h6v2.500M6 6.500l1 14h10l1-14M10 10.500v6M14 10.500v6"/>',
    "lock": '<path d="M5.500 11h13v9h-13zM8.500 11V8a3.5 3.5 0 0 1 7 0v3M12 14.500v2"/>',
    "pencil": '<path d="m4 20 1-4L16.5 4.500l3 3L8 19z"/>',
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01"/>',
    "close": '<path d="m6 6 12 12M18 6 6 18"/>',
    "left": '<path d="m14.5 5-7 7 7 7"/>',
    "right": '<path d="m9.5 5 7 7-7 7"/>',
    "down": '<path d="m5.5 9 6.5 6.500L18.5 9"/>',
    "door": '<path d="M14 4H5v16h9M10 12h10.500M17 8.500l3.5 3.5-3.5 3.5"/>',
    "globe": '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.500c3.5 4.5 3.5 12.5 0 17M12 3.500c-3.5 4.5-3.5 12.5 0 17"/>',
    "moon": '<path d="M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z"/>',
    "book": '<path d="M12 6.500C10 4.5 7 4.5 3.5 5v14c3.5-.5 6.5-.5 8.5 1.5 2-2 5-2 8.5-1.500V5c-3.5-.5-6.5-.5-8.5 1.500zM12 6.500v14"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8.5-8.500M16 7l3 3"/>',
    "euro": '<path d="M18 6.500A7 7 0 1 0 18 17.500M3.5 10.500h9M3.5 13.500h8"/>',
    "scales": '<path d="M12 4v16M7 20h10M5 7h14M5 7l-2.5 6.500h5zM19 7l-2.5 6.500h5z"/>',
}
KINDS = {
    "purchases": "receipt", "sales": "upload", "bank": "bank", "inbox": "inbox", "payroll": "people", "tax": "euro", "legal": "scales",
    "accounts": "list", "information": "document", "ecritures": "book",
}  # fmt: skip


@register.simple_tag
def icon(name: str, size: int = 0) -> SafeString:
    """`{% icon "home" %}`: beside words, so no reader says it. `size`: where it is not the 18 px of all. KeyError of an unknown one."""
    wide = f' width="{size}" height="{size}"' if size else ""
    return mark_safe(  # noqa: S308 - constants of this file
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"{wide}>{ICONS[name]}</svg>'
    )


@register.simple_tag
def icon_names() -> list[str]:
    return sorted(ICONS)


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """Of a folder of this kind."""
    return icon(KINDS.get(kind, "folder"))


@register.simple_tag
def stylesheet_url() -> str:
    return STYLES.url


@register.simple_tag
def script_url() -> str:
    return SCRIPTS.url


@register.simple_tag
def deposit_script_url() -> str:
    return DEPOSIT.url


@register.simple_tag
def photo_script_url() -> str:
    return PHOTO.url


@register.simple_tag
def pixels_url() -> str:
    return PIXELS.url


@register.simple_tag(takes_context=True)
def house(context: template.Context) -> Cabinet | None:
    """Whose pages these are, for who is not signed in yet."""
    request = context.get("request")
    return met_by(request.user, request.get_host()) if request is not None else None


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> SafeString:
    """For `<html>`: what this browser chose, else as the machine is."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return mark_safe(f' data-theme="{chosen}"' if chosen in ("light", "dark") else "")  # noqa: S308 - one of two words


@register.simple_tag
def filename(name: str) -> SafeString:
    """Cut where the room ends, with the extension kept: « Facture EDF de jan….pdf »."""
    stem, extension = paths.split_ext(name)
    return format_html('<span class="filename" title="{}"><span>{}</span><span>{}</span></span>', name, stem, extension)


@register.simple_tag
def dated(value: datetime | None) -> SafeString | str:
    """`aujourd'hui 14:11`, `hier`, `18 nov.`, `18/11/2025`; the exact moment when one asks."""
    if not value:
        return ""
    at = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="minutes"),
        f"{at:%d/%m/%Y %H:%M}",
        language.relative(at, timezone.localtime()),
    )


@register.filter
def since(value: datetime | None) -> str:
    """`il y a 2 min`."""
    return language.ago((timezone.now() - value).total_seconds()) if value else ""


@register.filter
def number(value: int) -> str:
    """`2 010`."""
    return language.number(value)


@register.filter
def initials(name: Any) -> str:
    """`MD` of Marie Dupont, `D` of an address."""
    words = [w for w in str(name).split("@")[0].replace("-", " ").split() if w[0].isalnum()]
    return "".join(w[0] for w in ([words[0], words[-1]] if len(words) > 1 else words[:1])).upper() or "?"
