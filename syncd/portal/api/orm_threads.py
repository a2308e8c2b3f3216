"""The ORM is called only from these threads, each with its own connection.

Every kind of work has threads of its own, so that nothing waits for what is slower than itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, TypeVar

from django.db import close_old_connections

from syncd.portal.language import FRENCH, speaking, spoken

T = TypeVar("T")
LONG = 20_000_000  # bytes; less is read and digested in a moment
_questions = ThreadPoolExecutor(4, thread_name_prefix="orm")
_data = ThreadPoolExecutor(4, thread_name_prefix="data")
_long = ThreadPoolExecutor(2, thread_name_prefix="long")
_archives = ThreadPoolExecutor(2, thread_name_prefix="archive")


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """What is answered at once. There the caller's language is spoken too."""
    return await _run(_questions, function, *args)


async def in_data_thread(function: Callable[..., T], *args: Any) -> T:
    """A piece of a document that is read or written, a batch and its commit."""
    return await _run(_data, function, *args)


async def in_long_thread(function: Callable[..., T], *args: Any) -> T:
    """What reads whole documents again: seconds, or minutes."""
    return await _run(_long, function, *args)


async def in_reading_thread(size: int, function: Callable[..., T], *args: Any) -> T:
    """What reads a document of that size again."""
    return await _run(_long if size > LONG else _data, function, *args)


async def in_archive_thread(function: Callable[..., T], *args: Any) -> T:
    """The next piece of an archive: however many are being fetched, they share these."""
    return await _run(_archives, function, *args)


async def _run(pool: ThreadPoolExecutor, function: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, bound(function, *args))


def bound(function: Callable[..., T], *args: Any) -> Callable[[], T]:
    """What a thread is given: it speaks the caller's language, and leaves no connection of an earlier one open."""
    language = spoken()

    def call() -> T:
        close_old_connections()
        try:
            with speaking(language) if language != FRENCH else nullcontext():  # an engine needs no phrases
                return function(*args)
        finally:
            close_old_connections()

    return call
