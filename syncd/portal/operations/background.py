"""What a serving portal does by the clock: tells people, sends mail, forgets what is old. One process at a time does it."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import close_old_connections
from filelock import FileLock, Timeout

from syncd.portal.notifications import notices, outbox
from syncd.portal.people import sessions, sign_in_attempts
from syncd.portal.records import audit
from syncd.portal.storage import blob_store, disk_reserve, picture_store, upload_store

PERIOD = 5.0
DAY = 86400.0
SWEEP = 600.0


class PostRound(threading.Thread):
    """A failure of one round is logged and the next one tries again."""

    def __init__(self) -> None:
        super().__init__(name="rounds", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        held = FileLock(settings.DATA / "rounds.lock", timeout=0, mode=0o600)
        pruned = swept = 0.0
        while not self._over.wait(PERIOD):
            try:
                if not held.is_locked:
                    held.acquire()
                close_old_connections()
                sign_in_attempts.answer()
                notices.gather()
                outbox.deliver()
                disk_reserve.tend()
                if time.monotonic() - swept > SWEEP or not swept:
                    swept = time.monotonic()  # also where it fails: not again in every round
                    upload_store().sweep()
                    blob_store().sweep(DAY)
                    picture_store().sweep()
                if time.monotonic() - pruned > DAY or not pruned:
                    audit.prune()
                    sign_in_attempts.prune()
                    sessions.prune()
                    outbox.prune()
                    pruned = time.monotonic()
            except Timeout:  # another process serves the same portal, and does it
                continue
            except Exception:
                logging.getLogger(__name__).exception("a round of the portal failed")
            finally:
                close_old_connections()
        held.release()

    def stop(self) -> None:
        self._over.set()
        self.join(2)  # whoever hangs on a mail server ends with the process
