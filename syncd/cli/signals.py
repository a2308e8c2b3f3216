"""Signals that end a run or a service.

Code that computes for seconds asks between two documents whether it is to end. It can know only when the signal's handler
was called meanwhile: asyncio's own handlers wait for the loop's next turn, these are called between two instructions.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from collections.abc import Callable, Iterator, Mapping
from types import FrameType


@contextlib.contextmanager
def heard(handlers: Mapping[str, Callable[[], object]]) -> Iterator[None]:
    """Inside, a signal (by its name; what this system does not have is left out) calls its handler, which may only leave
    a mark, and wakes the loop. Outside of a main thread nothing is heard."""
    loop = asyncio.get_running_loop()
    before = {}

    def hearing(handler: Callable[[], object]) -> Callable[[int, FrameType | None], None]:
        def took(number: int, frame: FrameType | None) -> None:
            handler()
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(lambda: None)

        return took

    for name, handler in handlers.items():
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(ValueError):
                before[number] = signal.signal(number, hearing(handler))
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old if old is not None else signal.SIG_DFL)


def ending(stop: Callable[[int], object]) -> contextlib.AbstractContextManager[None]:
    """Ctrl-C, whoever stops services, and a Windows that closes the console: `stop` is called with the exit code."""
    codes = {"SIGINT": 130, "SIGTERM": 143, "SIGBREAK": 143}
    return heard({name: functools.partial(stop, code) for name, code in codes.items()})
