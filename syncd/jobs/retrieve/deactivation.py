"""Clients that were handed over are closed online, on request: nothing moves there any more, and everything stays in place."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.client_cards import CardChange, CardResult
from syncd.core.errors import UsageError
from syncd.core.words import faults
from syncd.jobs.retrieve.bags import Outcome
from syncd.ports.client_cards import ClientCards


async def check_right(portal: ClientCards, clients: Sequence[str]) -> None:
    """Raises UsageError, before anything is brought, where a correspondent did not give the right to all of them (ids)."""
    cards = {card.client: card for card in (await portal.cards()).clients}
    lacking = [cards[c].code for c in clients if c in cards and not cards[c].changeable]
    if lacking:
        codes = ", ".join(lacking[:5]) + ("…" if len(lacking) > 5 else "")
        raise UsageError(faults.MAY_NOT_DEACTIVATE.of(codes=codes), mend=faults.MAY_NOT_DEACTIVATE_MEND.of())


async def deactivate(portal: ClientCards, clients: Sequence[Outcome]) -> dict[str, CardResult]:
    """Those that came whole, by their codes: how each went."""
    changes = [CardChange(c.code, c.id, close=True) for c in clients if c.whole]
    return {result.code: result for result in await portal.change(changes)}
