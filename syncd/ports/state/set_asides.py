"""Documents that were renamed `supp_…` here because they were deleted online (RULES 3)."""

from __future__ import annotations

from typing import Protocol

from syncd.core.entry import SetAsideRecord


class SetAsideStore(Protocol):
    """An intent is committed before the rename, and settled after it, or after a crash in between."""

    def of(self, client: str) -> list[SetAsideRecord]:
        """In the order in which they were intended."""
        ...

    def intend(self, client: str, record: SetAsideRecord) -> int:
        """The row to settle."""
        ...

    def settle(self, row: int, record: SetAsideRecord | None) -> None:
        """The rename was done as `record` says; None: it was not."""
        ...

    def intended(self) -> list[tuple[int, str, SetAsideRecord]]:
        """(row, client, record) of what was intended and is not settled."""
        ...

    def put(self, client: str, record: SetAsideRecord) -> None:
        """One that lies there is as `record` says from now on."""
        ...

    def forget(self, client: str, doc: str) -> None: ...

    def followed(self, client: str) -> frozenset[str]:
        """Tombstones that were followed here."""
        ...
