"""What electronic invoices say, read in the background. One process at a time does it."""

from __future__ import annotations

import time

from syncd.portal.documents import invoice_facts
from syncd.portal.operations.rounds import LATEST, PERIOD, QUIET, SHARE, Round
from syncd.portal.turn import Name


class InvoiceRound(Round):
    """Reads what electronic invoices say: a share of each round, half of the time at most."""

    def __init__(self) -> None:
        super().__init__(Name.INVOICES, "electronic invoices could not be read")
        self._newest, self._came = "", 0.0

    def _round(self) -> float:
        began, newest = time.monotonic(), invoice_facts.newest()
        if newest != self._newest and began - self._came < LATEST:  # a synchronisation, or a deposit, is under way
            self._newest = newest
            return QUIET
        self._newest, self._came = newest, began
        read = invoice_facts.read_some(SHARE, self._over.is_set)
        return max(time.monotonic() - began, 0.1) if read else PERIOD
