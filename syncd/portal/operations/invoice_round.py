"""What electronic invoices say, read in the background. One process at a time does it."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections

from syncd.portal.documents import invoice_facts
from syncd.portal.operations.background import LATEST, PERIOD, QUIET, SHARE
from syncd.portal.turn import Held, Name, turn_of


class InvoiceRound(threading.Thread):
    """Reads what electronic invoices say: a share of each round, half of the time at most."""

    def __init__(self) -> None:
        super().__init__(name="invoices", daemon=True)
        self._over = threading.Event()
        self._newest, self._came = "", 0.0

    def run(self) -> None:
        held = turn_of(Name.INVOICES)
        rest = PERIOD
        while not self._over.wait(rest):
            try:
                if not held.mine:
                    held.acquire()
                close_old_connections()
                rest = self._round()
            except Held:  # another process reads them
                rest = PERIOD
            except Exception:
                rest = PERIOD
                logging.getLogger(__name__).exception("electronic invoices could not be read")
            finally:
                close_old_connections()
        held.release()

    def _round(self) -> float:
        """Seconds until the next."""
        began, newest = time.monotonic(), invoice_facts.newest()
        if newest != self._newest and began - self._came < LATEST:  # a synchronisation, or a deposit, is under way
            self._newest = newest
            return QUIET
        self._newest, self._came = newest, began
        read = invoice_facts.read_some(SHARE, self._over.is_set)
        return max(time.monotonic() - began, 0.1) if read else PERIOD

    def stop(self) -> None:
        self._over.set()
        self.join(2)
