"""Keys of engines: shown once, used from allowed networks only, revoked at once; "changer d'ordinateur"."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from syncd.core.errors import UsageError
from syncd.core.plain import one_line
from syncd.portal.models import Cabinet, EngineToken
from syncd.portal.services.accounts import new_token


def networks(text: str) -> str:
    """`192.0.2.0/24, 2001:db8::/32` as it is kept; empty: from anywhere. Raises UsageError."""
    found = []
    for part in text.replace(";", ",").replace(" ", ",").split(","):
        if not part:
            continue
        try:
            found.append(str(ipaddress.ip_network(part, strict=False)))
        except ValueError:
            raise UsageError(
                _("« {part} » n'est pas un réseau : écrivez 192.0.2.0/24, ou une adresse.").format(part=part)
            ) from None
    joined = ",".join(found)
    if len(joined) > 500:
        raise UsageError(_("Trop de réseaux : 500 caractères au plus."))
    return joined


def make(cabinet: Cabinet, label: str, allowed: str) -> str:
    """The key itself: nobody can show it again."""
    return new_token(cabinet, one_line(label), networks(allowed))


def revoke(cabinet: Cabinet, key: str) -> None:
    EngineToken.objects.filter(cabinet=cabinet, id=key, revoked_at__isnull=True).update(revoked_at=datetime.now(UTC))


def change_computer(cabinet: Cabinet) -> None:
    """The lease is let go: the engine of another computer takes over at once, the old one's writes are refused."""
    Cabinet.objects.filter(id=cabinet.id).update(lease_until=0)
