"""How often a person of the cabinet is told by mail what companies deposit."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.portal.models import User
from syncd.portal.rights import Role

NOW, TWICE, DAILY = "now", "twice", "daily"
HOURS: Mapping[str, tuple[int, ...]] = {TWICE: (8, 14), DAILY: (8,)}  # o'clock, in the cabinet's time zone
PACES = (TWICE, DAILY, NOW)


def pace_of(user: User) -> str:
    """A company's people have their acknowledgement at once; an accountant follows fifty companies."""
    if not Role(user.role).of_cabinet:
        return NOW
    return user.mail_pace if user.mail_pace in PACES else TWICE
