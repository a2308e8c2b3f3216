"""Who writes for a cabinet: one engine at a time holds the lease, and what it sends is taken in its order."""

from __future__ import annotations

from syncd.core.errors import AlreadyRunning
from syncd.core.protocol import Caller
from syncd.portal.models import Cabinet
from syncd.portal.server_database import now

LEASE = 300.0  # seconds


def holder(cabinet: Cabinet) -> str:
    return cabinet.lease_machine if cabinet.lease_until > now() else ""


def take_lease(cabinet: Cabinet, caller: Caller) -> int:
    """The same engine and machine take it over at once; others when it has expired."""
    at = now()
    same = (cabinet.lease_engine, cabinet.lease_machine) == (caller.engine, caller.machine)
    if cabinet.lease_engine and not same and cabinet.lease_until > at:
        raise AlreadyRunning(
            f"Another engine works for this cabinet, on '{cabinet.lease_machine}'.",
            mend="Stop it, or wait five minutes after it stopped.",
        )
    cabinet.lease_number += 1
    cabinet.lease_engine, cabinet.lease_machine, cabinet.lease_instance = (
        caller.engine,
        caller.machine,
        caller.instance,
    )
    cabinet.lease_until = at + LEASE
    cabinet.lease_request = 0
    cabinet.save()
    return cabinet.lease_number


def keep_lease(cabinet_id: str, instance: str) -> None:
    """As long as the engine that holds it listens, it does not run out."""
    if instance:
        Cabinet.objects.filter(id=cabinet_id, lease_instance=instance).update(lease_until=now() + LEASE)


def holds_lease(cabinet: Cabinet, number: int, request: int) -> bool:
    """An old number is refused, and so is a request that was overtaken by a later one; the right one is prolonged.

    `cabinet`: as it was read for this request. One of several large documents at once has nothing new to write down.
    """
    at = now()
    if (cabinet.lease_number, cabinet.lease_request) == (number, request) and cabinet.lease_until > at + LEASE / 2:
        return True
    holding = Cabinet.objects.filter(id=cabinet.id, lease_number=number, lease_request__lte=request)
    return bool(holding.update(lease_until=at + LEASE, lease_request=request))
