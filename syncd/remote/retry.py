"""What may be asked again is: after growing, jittered waits, until it is clear that nobody answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from syncd.remote import http_library

T = TypeVar("T")
ATTEMPTS = 4
GIVE_UP = 30.0  # seconds after which nothing is begun again


async def retry(attempt: Callable[[], Awaitable[T]], passing: Callable[[Exception], bool]) -> T:
    """What `attempt` gives; raises what the last one did, or at once what is not `passing`."""
    began = time.monotonic()
    try:
        return await attempt()
    except Exception as e:
        left = GIVE_UP - (time.monotonic() - began)
        if not passing(e) or left <= 0:
            raise
        failed: Exception | None = e
    # The library is loaded where there is something to repeat, and takes the first attempt for its own.
    async for tried in http_library.stamina.retry_context(
        on=passing, attempts=ATTEMPTS, timeout=left, wait_initial=0.2, wait_max=3.0
    ):
        with tried:
            if failed is not None:
                first, failed = failed, None
                raise first
            return await attempt()
    raise AssertionError("the last attempt returns or raises")
