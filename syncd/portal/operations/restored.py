"""A database server, or an object storage, was put back to an earlier time: the portal on it goes on as a restored one."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from django.contrib.sessions.models import Session
from django.db.models import F

from syncd.portal.models import Cabinet, EngineToken, Invitation, Knock, Letter, ProgramKey, SignedIn, User
from syncd.portal.people.accounts import OUTSIDE
from syncd.portal.records.feed import publishing

BEYOND = 1_000_000  # turns: no engine that wrote before the restoration holds such a number


def begin_anew(*, revoke_keys: bool) -> int:
    """Every cabinet begins a new epoch, and what opened the portal and may have been closed since is closed: as
    `backup.restore` does of a file. How many cabinets. May be done twice."""
    cabinets = list(Cabinet.objects.order_by("id").values_list("id", flat=True))
    for cabinet in cabinets:
        with publishing(cabinet):
            Cabinet.objects.filter(id=cabinet).update(
                epoch=secrets.token_hex(16),
                lease_number=F("lease_number") + BEYOND + secrets.randbelow(BEYOND),
                lease_until=0,
            )
    for ended in (Session, SignedIn, Invitation, Knock):
        ended.objects.all().delete()
    User.objects.exclude(**OUTSIDE).update(**OUTSIDE)
    Letter.objects.filter(sent_at__isnull=True).delete()
    if revoke_keys:
        for keys in (EngineToken, ProgramKey):
            keys.objects.filter(revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))
    return len(cabinets)
