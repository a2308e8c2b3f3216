"""The ORM is called only from these threads, each with its own connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, TypeVar

from django.db import close_old_connections

from syncd.portal.language import FRENCH, speaking, spoken

T = TypeVar("T")
_pool = ThreadPoolExecutor(4, thread_name_prefix="orm")


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """There the caller's language is spoken too."""
    language = spoken()

    def call() -> T:
        close_old_connections()
        try:
            with speaking(language) if language != FRENCH else nullcontext():  # an engine needs no phrases
                return function(*args)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_pool, call)
