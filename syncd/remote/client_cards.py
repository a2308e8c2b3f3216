"""Clients' cards over HTTP (ports/client_cards.py)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.client_cards import CardChange, CardResult, Cards
from syncd.remote.session import MAX_ANSWER, Session
from syncd.wire import endpoints
from syncd.wire.messages import ChangeCardsRequest, ClientsRequest

AT_ONCE = 200  # changes in one request: a second or two of the portal's time


class HttpClientCards:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def cards(self) -> Cards:
        return await self._session.ask(endpoints.CARDS, ClientsRequest([]), most=MAX_ANSWER)

    async def change(self, changes: Sequence[CardChange]) -> list[CardResult]:
        results: list[CardResult] = []
        for start in range(0, len(changes), AT_ONCE):
            part = list(changes[start : start + AT_ONCE])
            said = await self._session.ask(endpoints.CHANGE_CARDS, ChangeCardsRequest(part))
            if [r.code for r in said] != [c.code for c in part]:
                raise self._session.errors.not_the_portal("what was not changed")
            results += said
        return results

    async def close(self) -> None:
        await self._session.close()
