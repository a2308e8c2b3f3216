"""How much goes into one request: less after the line broke, more again after it held.

Over a line that breaks every few megabytes a batch of them would never arrive whole. Documents beyond the bound cross by
themselves instead, and go on where they were cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from syncd.core.errors import Unreachable
from syncd.engine.context import BATCH_BYTES
from syncd.engine.interruptible_remote import Cut
from syncd.ports.state import State

LEAST = 256_000


@contextmanager
def bounded(state: State) -> Iterator[int]:
    """Bytes of documents to a batch, while some are carried out; what becomes of it bounds the next ones."""
    most = state.progress.read().batch_bytes or BATCH_BYTES
    try:
        yield most
    except (Unreachable, Cut):
        state.progress.change(batch_bytes=max(LEAST, most // 4))
        raise
    if most < BATCH_BYTES:
        state.progress.change(batch_bytes=min(BATCH_BYTES, most * 2))
