"""Bytes of packages go when nobody needs them: of what was dealt with at once, of what was made after a month."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from syncd.core.packages.manifest import Way
from syncd.core.time_units import DAY
from syncd.portal.exchange.access import State
from syncd.portal.models import Cabinet, ExchangePackage
from syncd.portal.records.feed import writing
from syncd.portal.storage import package_store

KEPT, LISTED = timedelta(days=30), timedelta(days=365)


def prune() -> None:
    """By the clock: a package that nobody fetched is made again, and holds the same; its line stays for a year."""
    now, store = datetime.now(UTC), package_store()
    for cabinet in Cabinet.objects.values_list("id", flat=True):
        with writing(cabinet):
            rows = ExchangePackage.objects.filter(cabinet=cabinet)
            made = rows.filter(way=Way.TO_COMPANY, state=State.MADE, stored=True, changed_at__lt=now - KEPT)
            made.update(stored=False)
            rows.filter(act="", stored=False, changed_at__lt=now - LISTED).delete()
    stored = set(ExchangePackage.objects.filter(stored=True).values_list("id", flat=True))
    for name, since in store.held():
        if name not in stored and since < time.time() - DAY:
            store.drop(name)
    store.sweep()
