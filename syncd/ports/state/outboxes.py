"""What the portal and people have yet to be told: nothing is lost while it, or a mail server, is away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from syncd.core.alert_timing import Trouble
from syncd.core.protocol import LeftNote, Receipt


class OutboxStore(Protocol):
    def queue_receipt(self, receipt: Receipt) -> None: ...

    def queue_left(self, note: LeftNote) -> None: ...

    def requeue(self, client: str, now: float) -> None:
        """Tell the portal again what it forgot: receipts of what the company deposited, and what was left."""
        ...

    def pending(self, limit: int = 5000) -> tuple[list[Receipt], list[LeftNote], int]:
        """What waits, oldest first, and the mark to give to `sent`."""
        ...

    def sent(self, mark: int) -> None:
        """What was pending up to this mark has arrived."""
        ...

    def queue_mail(self, recipient: str, message: bytes, now: float) -> None: ...

    def due_mails(self, now: float, limit: int = 50) -> list[tuple[int, str, bytes]]:
        """(id, recipient, message) of those to try now, oldest first."""
        ...

    def mail_sent(self, mail: int) -> None: ...

    def mail_failed(self, mail: int, fault: str, now: float) -> None:
        """It is tried again after a pause that grows."""
        ...

    def waiting_mails(self) -> tuple[int, float, str]:
        """How many did not go out at their first attempt, since when, and why."""
        ...

    def troubles(self) -> dict[str, Trouble]:
        """By key: what people were told of, or will be."""
        ...

    def put_troubles(self, troubles: Iterable[Trouble]) -> None:
        """All there are from now on."""
        ...
