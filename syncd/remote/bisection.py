"""Which documents of a request it fails for: found by halves, and refused by themselves, so that all others go."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

from syncd.core.errors import Unreachable
from syncd.core.protocol import Cursor, Result, Written

T = TypeVar("T")
BARRED, CUT = "proxy_barred", "line_cut"
IN_VAIN = 64  # requests barred in between, and none let through: then it is not about one document
CUTS = 12  # the same of requests that are cut, each of which was tried several times
ENOUGH = 4 * CUTS  # by so many cuts nothing more is learnt: what is left waits for the next run


class Bisection(Generic[T]):
    """`blame`: what an item is refused with for an error; None: the error is not about what was sent. `alone`: another way
    for one whose request is cut. `through`: whether anything was let through before, or was by now. `divided`: what was cut,
    and sent again by halves.
    """

    def __init__(
        self,
        items: Sequence[T],
        write: Callable[[Sequence[T]], Awaitable[Written]],
        blame: Callable[[Unreachable, T], Awaitable[Result | None]],
        alone: Callable[[T], Awaitable[Written | None]],
        *,
        through: bool,
    ) -> None:
        self._items, self._write, self._blame, self._alone, self.through = items, write, blame, alone, through
        self._results, self._written = dict[int, Result](), list[Written]()
        self._barred = self._cut = 0
        self._some = False  # whether any of these was let through
        self.divided = list[range]()

    async def __call__(self) -> Written:
        """Results in the order of the items. Raises Unreachable when nothing at all is let through, or the portal is away."""
        waiting = deque([range(len(self._items))])
        while waiting:
            part = waiting.popleft()
            try:
                written = await self._write([self._items[n] for n in part])
            except Unreachable as e:
                waiting += await self._failed(part, e)
            else:
                self._took(part, written)
        return joined([self._results[n] for n in range(len(self._items))], self._written)

    def _took(self, part: range, written: Written) -> None:
        self.through = self._some = True
        self._written.append(written)
        self._results |= dict(zip(part, written.results, strict=True))

    async def _failed(self, part: range, error: Unreachable) -> tuple[range, ...]:
        """What of it is to be sent next."""
        why = await self._blame(error, self._items[part[0]]) if len(part) else None
        if why is None or self._in_vain(why):
            raise error
        if len(part) > 1 and self._cut < ENOUGH:
            if why.reason == CUT:
                self.divided.append(part)
            half = len(part) // 2
            return part[:half], part[half:]
        other = await self._alone(self._items[part[0]]) if len(part) == 1 and why.reason == CUT else None
        if other is not None and other.results[0].ok:
            self._took(part, other)
        else:
            self._results |= dict.fromkeys(part, other.results[0] if other is not None else why)
        return ()

    def _in_vain(self, why: Result) -> bool:
        """Whether enough was tried to know that nothing is let through."""
        if why.reason == CUT:
            self._cut += 1
            return self._cut >= CUTS and not self._some
        self._barred += 1
        return self._barred >= IN_VAIN and not self.through


def alone(result: Result) -> Written:
    """Of one document that did not get as far as being written."""
    nothing = Cursor("", 0, "")
    return Written((result,), nothing, nothing)


def joined(results: Sequence[Result], written: Sequence[Written]) -> Written:
    """Several requests as one, if nothing came in between; else the feed has to say what did. `written`: as they went."""
    if len(written) == 1 and len(results) == len(written[0].results):
        return written[0]
    nothing = Cursor("", 0, "")
    if not written:
        return Written(tuple(results), nothing, nothing)
    whole = all(one.after == then.before for one, then in pairwise(written))
    return Written(tuple(results), written[0].before if whole else nothing, written[-1].after)
