"""Clients' cards at the portal, as a job sees them that keeps them like the accounting software's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from syncd.core.client_cards import CardChange, CardResult, Cards


class ClientCards(Protocol):
    """Raises Unreachable when the portal is away, Refused when the key is, SyncdError of a portal too old to know them."""

    async def cards(self) -> Cards: ...

    async def change(self, changes: Sequence[CardChange]) -> list[CardResult]:
        """A result for each. Repeating it changes nothing more."""
        ...

    async def close(self) -> None: ...
