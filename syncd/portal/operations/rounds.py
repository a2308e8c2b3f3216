"""What a serving portal does again and again beside its pages: one process at a time, and a failure ends no round but its own."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

from django.db import close_old_connections

from syncd.portal.storage.port import NoRoom
from syncd.portal.turn import Held, Name, turn_of

PERIOD = 5.0
SHARE, QUIET, LATEST = 2.0, 2.0, 60.0
"""Seconds: of reading in each round; without a new document; until it is read all the same."""


class Round(threading.Thread, ABC):
    """`turn`: held by the one process that does it; `fault`: what is logged where one round fails, before the next one tries."""

    def __init__(self, turn: Name, fault: str) -> None:
        super().__init__(name=turn.name.lower(), daemon=True)
        self._over = threading.Event()
        self._turn, self._fault = turn, fault

    def run(self) -> None:
        held, rest = turn_of(self._turn), PERIOD
        while not self._over.wait(rest):
            try:
                if not held.mine:
                    held.acquire()
                    self._begin()
                close_old_connections()
                rest = self._round()
            except (Held, NoRoom):  # another process does it; a full disk is told by others
                rest = PERIOD
            except Exception:
                rest = PERIOD
                logging.getLogger(type(self).__module__).exception(self._fault)
            finally:
                close_old_connections()
        held.release()

    def _begin(self) -> None:
        """Once, before the first round of this process."""

    @abstractmethod
    def _round(self) -> float:
        """Seconds until the next."""

    def stop(self) -> None:
        self._over.set()
        self.join(2)  # whoever hangs on a mail server, or on a document, ends with the process
