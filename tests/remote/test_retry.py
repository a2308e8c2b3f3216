"""What may be asked again is, a few times; the first attempt is one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import stamina

from syncd.remote import retry as module
from syncd.remote.retry import ATTEMPTS, retry


class Away(Exception):
    pass


class Asked:
    """Fails so many times, with `fault`, then answers."""

    def __init__(self, failures: int, fault: Exception) -> None:
        self.failures, self.fault, self.count = failures, fault, 0

    async def __call__(self) -> str:
        self.count += 1
        if self.count <= self.failures:
            raise self.fault
        return "answered"


@pytest.fixture(autouse=True)
def without_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def _ask(asked: Asked) -> str:
    return asyncio.run(retry(asked, lambda e: isinstance(e, Away)))


@pytest.mark.parametrize("failures", range(ATTEMPTS))
def test_what_passes_is_waited_for(failures: int) -> None:
    asked = Asked(failures, Away())
    assert _ask(asked) == "answered" and asked.count == failures + 1


def test_the_last_fault_is_the_one_that_is_said() -> None:
    asked = Asked(ATTEMPTS, Away("nobody"))
    with pytest.raises(Away, match="nobody"):
        _ask(asked)
    assert asked.count == ATTEMPTS


@pytest.mark.parametrize("failures", [1, 2])
def test_what_does_not_pass_is_raised_at_once(failures: int) -> None:
    asked = Asked(failures, ValueError("no answer of the protocol"))
    with pytest.raises(ValueError):
        _ask(asked)
    assert asked.count == 1


def test_nothing_is_begun_again_after_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GIVE_UP", 0.0)
    asked = Asked(1, Away())
    with pytest.raises(Away):
        _ask(asked)
    assert asked.count == 1
