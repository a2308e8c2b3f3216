"""Keys of engines: shown once, used from allowed networks only, revoked at once; "changer d'ordinateur"."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from syncd.core.errors import Refused, UsageError
from syncd.core.plain_text import one_line
from syncd.portal.models import Cabinet, EngineToken


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


def new_token(cabinet: Cabinet, label: str = "", networks: str = "") -> str:
    """A key for an engine: random 256-bit, stored hashed, shown once."""
    token = secrets.token_hex(32)
    EngineToken.objects.create(cabinet=cabinet, sha256=_digest(token), label=label, networks=networks)
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def engine_token(token: str, address: str) -> EngineToken:
    """The key's record, with its cabinet; Refused when unknown, revoked, or from a network that is not allowed.

    The look-up is by digest: what its timing could tell is about a hash, not about the key.
    """
    found = EngineToken.objects.select_related("cabinet").filter(sha256=_digest(token), revoked_at__isnull=True).first()
    if found is None:
        raise Refused("token", "The key is unknown or was revoked.")
    if found.networks and not any(_within(address, n.strip()) for n in found.networks.split(",")):
        raise Refused("network", "This key may not be used from this network.")
    return found


def saw_engine(token: EngineToken) -> None:
    EngineToken.objects.filter(id=token.id).update(last_seen=datetime.now(UTC))


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
