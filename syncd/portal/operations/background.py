"""What a serving portal does by the clock: tells people, sends mail, forgets what is old. One process at a time does it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from django.conf import settings

from syncd.core.time_units import DAY
from syncd.portal.calendar import alerts
from syncd.portal.documents import texts
from syncd.portal.exchange import people, retention
from syncd.portal.messages import forwarding, mails, receipts
from syncd.portal.messages.requests import reminders, request_round
from syncd.portal.models import Letter
from syncd.portal.notifications import notices, outbox
from syncd.portal.operations.rounds import LATEST, PERIOD, QUIET, SHARE, Round
from syncd.portal.people import counters, sessions, sign_in_attempts
from syncd.portal.programs import deposits as program_deposits
from syncd.portal.records import audit
from syncd.portal.storage import blob_store, disk_reserve, picture_store, text_index, upload_store
from syncd.portal.turn import Name

LOG = logging.getLogger(__name__)
SWEEP = 600.0


def tell() -> None:
    """What people are told of: gathered, then sent. A part that fails is logged, and holds up no other."""
    for part in (
        sign_in_attempts.answer, notices.gather, receipts.gather, mails.gather, lambda: request_round.round(datetime.now(UTC)),
        alerts.gather, lambda: outbox.deliver(_may_go, people.attachment),
    ):  # fmt: skip
        try:
            part()
        except Exception:
            LOG.exception("a part of a round failed: %s", part.__module__)


def _may_go(letter: Letter) -> bool:
    asked = (mails.may_go, alerts.may_go, forwarding.may_go, people.may_go, reminders.may_go)
    return all(may_go(letter) for may_go in asked)


class PostRound(Round):
    """Tells people, and once in a while forgets what is old."""

    def __init__(self) -> None:
        super().__init__(Name.ROUNDS, "a round of the portal failed")
        self._pruned = self._swept = 0.0

    def _round(self) -> float:
        tell()
        disk_reserve.tend()
        if time.monotonic() - self._swept > SWEEP or not self._swept:
            self._swept = time.monotonic()  # also where it fails: not again in every round
            upload_store().sweep()
            blob_store().sweep(DAY)
            picture_store().sweep()
        if time.monotonic() - self._pruned > DAY or not self._pruned:
            for part in (audit, sign_in_attempts, sessions, counters, outbox, program_deposits, retention):
                part.prune()
            self._pruned = time.monotonic()
        return PERIOD


class TextRound(Round):
    """Reads what documents say, so that they are found by it: a share of each round, half of the time at most."""

    def __init__(self) -> None:
        super().__init__(Name.TEXTS, "what documents say could not be read")
        self._came = self._compared = time.monotonic()

    def _begin(self) -> None:
        text_index().mend()

    def _round(self) -> float:
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
