"""Keys of engines: shown once, used from allowed networks only, revoked at once; "changer d'ordinateur"."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from syncd.core.errors import Refused
from syncd.core.plain_text import one_line
from syncd.portal.models import Cabinet, EngineToken
from syncd.portal.people import allowed_networks
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.rights import Actor


@alone
def make(actor: Actor, label: str = "", allowed: str = "") -> str:
    """The key itself, random 256-bit: kept hashed, nobody can show it again. Raises Refusal."""
    actor, token = managing_cabinet(actor), secrets.token_hex(32)
    kept = {"label": one_line(label), "networks": allowed_networks.cleaned(allowed)}
    EngineToken.objects.create(cabinet_id=actor.cabinet, sha256=_digest(token), **kept)
    audit.record(actor, "key_made", label)
    return token


@alone
def revoke(actor: Actor, key: str) -> None:
    """Raises Refusal."""
    actor = managing_cabinet(actor)
    held = EngineToken.objects.filter(cabinet=actor.cabinet, id=key, revoked_at__isnull=True)
    held.update(revoked_at=datetime.now(UTC))
    audit.record(actor, "key_revoked", key)


@alone
def change_computer(actor: Actor) -> None:
    """The lease is let go: the engine of another computer takes over at once, the old one's writes are refused.

    Raises Refusal.
    """
    actor = managing_cabinet(actor)
    Cabinet.objects.filter(id=actor.cabinet).update(lease_until=0)
    audit.record(actor, "computer_changed")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def engine_token(token: str, address: str) -> EngineToken:
    """The key's record, with its cabinet; Refused when unknown, revoked, or from a network that is not allowed.

    The look-up is by digest: what its timing could tell is about a hash, not about the key.
    """
    found = EngineToken.objects.select_related("cabinet").filter(sha256=_digest(token), revoked_at__isnull=True).first()
    if found is None:
        raise Refused("token", "The key is unknown or was revoked.")
    if not allowed_networks.allow(found.networks, address):
        raise Refused("network", "This key may not be used from this network.")
    return found


def saw_engine(token: EngineToken) -> None:
    EngineToken.objects.filter(id=token.id).update(last_seen=datetime.now(UTC))
