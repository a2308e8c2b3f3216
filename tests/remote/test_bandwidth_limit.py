"""A rate is kept to over many small pieces, and costs nothing where there is none."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from syncd.remote.bandwidth_limit import RateLimit


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        patch.setattr("syncd.remote.bandwidth_limit.time.monotonic", lambda: self.now)
        patch.setattr("syncd.remote.bandwidth_limit.asyncio.sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)


@pytest.mark.parametrize(("rate", "seconds"), [(1000.0, 20.0), (4000.0, 5.0), (None, 0.0)])
def test_twenty_thousand_bytes(monkeypatch: pytest.MonkeyPatch, rate: float | None, seconds: float) -> None:
    clock = Clock(monkeypatch)

    async def work() -> None:
        kept = RateLimit(lambda: rate)
        for _ in range(40):
            await kept.spent(500)

    asyncio.run(work())
    assert clock.now - 100.0 == pytest.approx(seconds)


def test_a_rate_that_changes_holds_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    rates = iter([1000.0, 1000.0, None, None])

    async def work() -> None:
        kept = RateLimit(lambda: next(rates))
        for _ in range(4):
            await kept.spent(1000)

    asyncio.run(work())
    assert clock.now - 100.0 == pytest.approx(2.0)


def test_a_large_piece_at_a_low_rate_goes_in_parts_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    sent: list[tuple[float, bytes]] = []

    async def work() -> None:
        kept, whole = RateLimit(lambda: 1000.0), bytes(range(250)) * 40
        for part in kept.parts(whole):
            await kept.spent(len(part))
            sent.append((clock.now, part))
        assert b"".join(p for _, p in sent) == whole

    asyncio.run(work())
    times = [100.0, *(at for at, _ in sent)]
    assert max(b - a for a, b in itertools.pairwise(times)) == pytest.approx(1.0) and clock.now == pytest.approx(110)
    assert list(RateLimit(lambda: None).parts(b"abc")) == [b"abc"]
