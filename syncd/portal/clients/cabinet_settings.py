"""What a cabinet sets for itself: its look, and which habits its pages follow."""

from __future__ import annotations

import re

from syncd.core.plain_text import one_line
from syncd.portal.models import Cabinet, User
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor


def met_by(user: object, host: str = "") -> Cabinet | None:
    """Whose pages these are: of who is signed in; before that the portal's only cabinet, and where there are several the one
    that is known by `host` (as a browser sends it), None without one."""
    if isinstance(user, User):
        return user.cabinet
    several = list(Cabinet.objects.all()[:2])
    return several[0] if len(several) == 1 else at_host(host)


def at_host(host: str) -> Cabinet | None:
    """The cabinet that has this host for itself."""
    name = host.partition(":")[0].lower()
    return Cabinet.objects.filter(host=name).first() if name else None


LOGO = 300_000  # bytes
_SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@alone
def choose_look(actor: Actor, colour: str, logo: bytes | None) -> None:
    """`colour`: `#rrggbb`; `logo`: its bytes, b'' for none any more, None for that of before. Raises Refusal."""
    actor = managing_cabinet(actor)
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise Refusal(Code.NO_COLOUR)
    if _brightness(colour) > 0.18:
        raise Refusal(Code.COLOUR_TOO_LIGHT)
    values: dict[str, object] = {"colour": colour}
    if logo is not None:
        kind = next((t for sign, t in _SIGNS.items() if logo.startswith(sign)), "")
        if logo and (not kind or len(logo) > LOGO):
            raise Refusal(Code.NO_LOGO)
        values |= {"logo": logo, "logo_type": kind}
    Cabinet.objects.filter(id=actor.cabinet).update(**values)
    audit.record(actor, "look_changed")


@alone
def choose_habits(actor: Actor, *, treated: bool) -> None:
    """`treated`: people of the cabinet tick what they have dealt with. Raises Refusal."""
    actor = managing_cabinet(actor)
    Cabinet.objects.filter(id=actor.cabinet).update(treated=treated)
    audit.record(actor, "habits_changed")


@alone
def choose_phone(actor: Actor, phone: str) -> None:
    """As access sheets print it; '' for none. Raises Refusal."""
    actor, phone = managing_cabinet(actor), one_line(phone, 1000)
    if not re.fullmatch(r"[0-9 .()/+\u00a0\u202f-]{0,40}", phone):
        raise Refusal(Code.PHONE_MALFORMED)
    Cabinet.objects.filter(id=actor.cabinet).update(phone=phone)
    audit.record(actor, "phone_changed")


def _brightness(colour: str) -> float:
    """Relative luminance (WCAG 2): up to 0.18, white text on it, and it on white, has a contrast of at least 4.5."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
