"""What a serving portal does by the clock: tells people, sends mail, forgets what is old. One process at a time does it."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import close_old_connections

from syncd.core.time_units import DAY
from syncd.portal.calendar import alerts
from syncd.portal.documents import texts
from syncd.portal.messages import mails, receipts
from syncd.portal.messages.requests import reminding
from syncd.portal.models import Letter
from syncd.portal.notifications import notices, outbox
from syncd.portal.people import counters, sessions, sign_in_attempts
from syncd.portal.records import audit
from syncd.portal.storage import blob_store, disk_reserve, picture_store, text_index, upload_store
from syncd.portal.storage.port import NoRoom
from syncd.portal.turn import Held, Name, turn_of

LOG = logging.getLogger(__name__)
PERIOD = 5.0
SWEEP = 600.0
SHARE, QUIET, LATEST = (
    2.0,
    2.0,
    60.0,
)  # seconds: of reading in each round; without a new document; until it is read all the same


def tell() -> None:
    """What people are told of: gathered, then sent. A part that fails is logged, and holds up no other."""
    for part in (
        sign_in_attempts.answer, notices.gather, receipts.gather, mails.gather, lambda: reminding.round(datetime.now(UTC)),
        alerts.gather, lambda: outbox.deliver(_may_go),
    ):  # fmt: skip
        try:
            part()
        except Exception:
            LOG.exception("a part of a round failed: %s", part.__module__)


def _may_go(letter: Letter) -> bool:
    return mails.may_go(letter) and alerts.may_go(letter)


class PostRound(threading.Thread):
    """A failure of one round is logged and the next one tries again."""

    def __init__(self) -> None:
        super().__init__(name="rounds", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        held = turn_of(Name.ROUNDS)
        pruned = swept = 0.0
        while not self._over.wait(PERIOD):
            try:
                if not held.mine:
                    held.acquire()
                close_old_connections()
                tell()
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
                    counters.prune()
                    outbox.prune()
                    pruned = time.monotonic()
            except Held:  # another process serves the same portal, and does it
                continue
            except Exception:
                LOG.exception("a round of the portal failed")
            finally:
                close_old_connections()
        held.release()

    def stop(self) -> None:
        self._over.set()
        self.join(2)  # whoever hangs on a mail server ends with the process


class TextRound(threading.Thread):
    """Reads what documents say, so that they are found by it: a share of each round, half of the time at most."""

    def __init__(self) -> None:
        super().__init__(name="texts", daemon=True)
        self._over = threading.Event()

    def run(self) -> None:
        held = turn_of(Name.TEXTS)
        self._came = self._compared = time.monotonic()
        rest = PERIOD
        while not self._over.wait(rest):
            try:
                if not held.mine:
                    held.acquire()
                    text_index().mend()
                close_old_connections()
                rest = self._round()
            except (Held, NoRoom):  # another process serves the same portal, and does it; a full disk is told by others
                rest = PERIOD
            except Exception:
                rest = PERIOD
                LOG.exception("what documents say could not be read")
            finally:
                close_old_connections()
        held.release()

    def _round(self) -> float:
        """Seconds until the next."""
        began = time.monotonic()
        if not settings.FULL_TEXT:
            text_index().clear()
            self._over.set()
            return PERIOD
        if began - self._compared > DAY:
            self._compared = began
            text_index().mend()
            texts.compare()
        if texts.follow() and began - self._came < LATEST:  # a synchronisation, or a deposit, is under way
            return QUIET
        self._came = began
        read = texts.read_some(SHARE, self._over.is_set)
        return max(time.monotonic() - began, 0.1) if read else PERIOD

    def stop(self) -> None:
        self._over.set()
        self.join(2)
