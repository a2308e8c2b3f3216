"""The guards' memory: how much was done within a day, what waits for agreement, what was agreed to (RULES 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from syncd.core.events import Event

LEFT = "left"  # under which name the windows count what was removed here and stays online


class WaitingRow(msgspec.Struct, frozen=True):
    """`lines`: what would be done, each as it would be told. `declined_at`: when `declined_by` said no to this very set (seconds since 1970); 0: nobody did."""

    client: str
    reason: str
    digest: str
    digests: tuple[str, ...]
    lines: tuple[Event, ...]
    since: float
    declined_by: str = ""
    declined_at: float = 0.0


class GuardStore(Protocol):
    def windows(self, now: float) -> dict[str, dict[str, int]]:
        """How many of each kind were done in each client's open window."""
        ...

    def close_windows(self) -> None:
        """The day has ended: all count anew."""
        ...

    def count(self, client: str, kind: str, now: float) -> None: ...

    def uncount(self, client: str, kind: str) -> None:
        """One of those counted is undone."""
        ...

    def waiting(self, client: str | None = None) -> list[WaitingRow]: ...

    def put_waiting(self, client: str, waiting: Sequence[WaitingRow]) -> None:
        """All that waits of the client from now on."""
        ...

    def agreed(self, client: str, now: float) -> frozenset[str]:
        """Digests of actions that somebody agreed to lately, and that were not carried out yet."""
        ...

    def agree(self, client: str, digests: Sequence[str], now: float, by: str, *, anew: bool = True) -> None:
        """Not `anew`: exactly these, while what was done lately goes on counting."""
        ...

    def decline(self, client: str, digest: str, now: float, by: str) -> None:
        """Somebody said no to the set that waits under this digest: it goes on waiting, and is said so."""
        ...

    def use_agreement(self, client: str, digest: str) -> None: ...

    def storm(self, client: str, reason: str) -> str:
        """The detail of the client's last storm of this reason (core.events.STORMS), '' when there was none."""
        ...

    def set_storm(self, client: str, reason: str, detail: str) -> None: ...
