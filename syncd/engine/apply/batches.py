"""Documents cut into batches, so that one request carries neither too many nor too much."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from syncd.engine.context import BATCH_COUNT

T = TypeVar("T")


def batches(items: Iterable[T], size: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """In their order. `most`: bytes to a batch; what is larger by itself makes a batch of its own."""
    batch: list[T] = []
    held = 0
    for item in items:
        more = size(item)
        if batch and (len(batch) >= BATCH_COUNT or held + more > most):
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += more
    if batch:
        yield batch
