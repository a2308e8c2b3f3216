"""Threads for one kind of page, and whose turn it is: one person's hundred requests wait for each other, not everybody for them.

An asker is a session, or an address without one. Sessions that are made up win nothing: what waits of one address has an end
of its own, and an address is given some of the threads alone.
"""

from __future__ import annotations

import asyncio
import functools
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from django.conf import settings
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.types import Scope

from syncd.portal.api.form_bodies import BUSY, Refused

T = TypeVar("T")
WAITING = 400  # requests inside one room, at work or waiting: of everybody,
OF_ADDRESS = 200  # of one address, which may be a whole company's,
OF_ASKER = 60  # and of one asker
Asker = tuple[str, str]  # session or '', address


def asker(scope: Scope) -> Asker:
    address = str((scope.get("client") or ("",))[0])
    cookies = "; ".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"cookie")
    return cookie_parser(cookies).get(settings.SESSION_COOKIE_NAME, "")[:64], address


class Room(Generic[T]):
    """Used from one event loop alone. An asker has at most two fifths of the threads at a time, and one at least; an address
    three fifths, and two at least: one thread is always left to the others where there are three."""

    def __init__(self, name: str, threads: int, of_asker: int = 0) -> None:
        self._of_asker = of_asker
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free, self._share = threads, max(1, threads * 2 // 5)
        self._of_address = max(2, threads * 3 // 5)
        self._waiting: OrderedDict[Asker, deque[asyncio.Future[None]]] = OrderedDict()
        self._working: Counter[Asker] = Counter()
        self._at: Counter[str] = Counter()  # at work, of each address
        self._inside: Counter[object] = Counter()  # of everybody (None), of an address, of an asker

    async def run(self, who: Asker, function: Callable[[], T], receive: Callable[[], Awaitable[Any]]) -> T:
        """Raises ClientDisconnect when whoever asked went away before it began, Refused when too many wait."""
        most = {None: WAITING, who[1]: OF_ADDRESS, who: self._of_asker or OF_ASKER}
        if any(self._inside[key] >= limit for key, limit in most.items()):
            raise Refused(503, BUSY)
        self._inside.update(most.keys())
        try:
            await self._turn(who, receive)
            done = self._pool.submit(function)
            loop = asyncio.get_running_loop()
            done.add_done_callback(lambda _: loop.call_soon_threadsafe(functools.partial(self._back, who)))
            return await asyncio.wrap_future(done)
        finally:
            self._inside.subtract(most.keys())
            self._inside += Counter()  # those at zero go

    async def _turn(self, who: Asker, receive: Callable[[], Awaitable[Any]]) -> None:
        """Until a thread is this request's."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(turn)
        self._next()
        if turn.done():
            return
        gone = asyncio.ensure_future(receive())  # the body was taken: what comes is that they hung up
        try:
            await asyncio.wait({turn, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not turn.done():
                raise ClientDisconnect
        except BaseException:
            if turn.done():  # given at the last moment
                self._back(who)
            elif (own := self._waiting.get(who)) is not None and turn in own:
                own.remove(turn)
                if not own:
                    del self._waiting[who]
            raise
        finally:
            gone.cancel()

    def _next(self) -> None:
        """Free threads to those whose turn it is: whoever got one goes behind the others."""
        for who in list(self._waiting):
            if not self._free:
                return
            own, got = self._waiting[who], False
            while own and self._free and self._working[who] < self._share and self._at[who[1]] < self._of_address:
                self._working[who] += 1
                self._at[who[1]] += 1
                self._free -= 1
                own.popleft().set_result(None)
                got = True
                if len(self._waiting) > 1:
                    break  # the others' turn
            if not own:
                del self._waiting[who]
            elif got:  # who was passed over stays before those
                self._waiting.move_to_end(who)

    def _back(self, who: Asker) -> None:
        self._free += 1
        self._working[who] -= 1
        self._at[who[1]] -= 1
        self._working += Counter()  # those at zero go
        self._at += Counter()
        self._next()
