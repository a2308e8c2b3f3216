"""Invoices are fetched from approved platforms, in the background. One process at a time does it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from syncd.core.flows import Failure
from syncd.portal.flows import passes
from syncd.portal.flows.transport import Line
from syncd.portal.models import FlowConnection
from syncd.portal.operations.rounds import PERIOD, Round
from syncd.portal.storage.port import NoRoom
from syncd.portal.turn import Name

SOON, LATER = 0.5, 900.0  # seconds: while there is something to do; after what nobody foresaw
REST = 120.0  # seconds in which a host that does not answer holds up none of its other clients
DEAD = (Failure.UNREACHABLE, Failure.SLOW, Failure.ADDRESS, Failure.CERTIFICATE)


class FlowRound(Round):
    """Looks at each client's platform when it is due."""

    def __init__(self) -> None:
        super().__init__(Name.FLOWS, "invoices could not be fetched from a platform")
        self._resting: dict[str, float] = {}

    def _round(self) -> float:
        due, now = passes.due(datetime.now(UTC)), time.monotonic()
        self._resting = {host: until for host, until in self._resting.items() if until > now}
        with Line() as line:
            for connection in due:
                if self._over.is_set():
                    break
                self._look(connection, line)
        return SOON if due else PERIOD

    def _look(self, connection: FlowConnection, line: Line) -> None:
        host = passes.host_of(connection)
        if host in self._resting:
            passes.put_off(connection, REST)
            return
        try:
            if passes.look(connection, line, self._over.is_set) in DEAD:
                self._resting[host] = time.monotonic() + REST
        except NoRoom:
            raise
        except Exception:  # one client's matter holds up no other's
            logging.getLogger(__name__).exception("invoices of one client could not be fetched")
            passes.put_off(connection, LATER)
