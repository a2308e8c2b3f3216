"""LISTEN and NOTIFY of PostgreSQL, on connections of their own.

Within the transaction NOTIFY takes one lock for all that commit (it halves what 16 writers get through); so it is sent
after it, for all cabinets of some milliseconds at once.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Collection
from typing import Any

from django.db import Error, connections

CHANNEL = "syncd_feed"
TOGETHER = 0.05  # seconds between two notifications of a process
AGAIN = 1.0  # seconds until a lost connection is made again
MOST = 200  # cabinets in one: a notification holds 8,000 bytes


class NotificationWaker:
    """Keeps to `Waker`. One who only tells has one thread and connection, one who listens two."""

    period = 0.05

    def __init__(self, database: str) -> None:
        self._database, self._lock = database, threading.Lock()
        self._moved: set[str] | None = None  # at first anything may have
        self._to_tell: set[str] = set()
        self._asked, self._telling = threading.Event(), threading.Event()
        self._threads: set[str] = set()
        self._sending = threading.Lock()

    def moved(self) -> Collection[str] | None:
        self._begin("listens", self._listen)
        with self._lock:
            found, self._moved = self._moved, set()
        return found

    def told(self, cabinet: str) -> None:
        with self._lock:
            if self._moved is not None:
                self._moved.add(cabinet)
            self._to_tell.add(cabinet)
        self._begin("tells", self._tell)
        self._telling.set()

    def _begin(self, what: str, work: Any) -> None:
        with self._lock:
            if what in self._threads:
                return
            self._threads.add(what)
        if what == "tells":
            atexit.register(self._send)  # a command ends at once: what it did is told before
        threading.Thread(target=work, name=f"portal {what}", daemon=True).start()

    def _listen(self) -> None:
        while True:
            with contextlib.suppress(Error), self._connected() as raw:
                raw.execute(f"LISTEN {CHANNEL}")
                self._anything()  # what came while nobody listened
                for said in raw.notifies():
                    with self._lock:
                        if self._moved is not None:
                            self._moved.update(said.payload.split(","))
            self._anything()
            time.sleep(AGAIN)

    def _anything(self) -> None:
        with self._lock:
            self._moved = None

    def _tell(self) -> None:
        while True:
            self._telling.wait()
            self._telling.clear()
            self._send()
            time.sleep(TOGETHER)

    def _send(self) -> None:
        """What cannot be told is seen by whoever waits all the same, some seconds later."""
        with self._sending, self._lock:
            some, self._to_tell = sorted(self._to_tell), set()
        if not some:
            return
        with self._sending, contextlib.suppress(Error), self._connected() as raw:
            for n in range(0, len(some), MOST):
                raw.execute("SELECT pg_notify(%s, %s)", (CHANNEL, ",".join(some[n : n + MOST])))

    @contextlib.contextmanager
    def _connected(self) -> Any:
        made = connections.create_connection("default")
        made.settings_dict = {**made.settings_dict, "NAME": self._database}
        try:
            made.ensure_connection()
            yield made.connection
        except Exception as e:
            if isinstance(e, Error) or type(e).__module__.startswith("psycopg"):
                raise Error(str(e)) from e
            raise
        finally:
            made.close()
