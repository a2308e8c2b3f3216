"""Writing down where documents were, before they change place, go to the bin, or come back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from syncd.portal.models import Document, Past


def leaving(documents: Iterable[Document]) -> datetime:
    """These documents are about to change place or life. In the caller's transaction. The moment that is written down."""
    now = datetime.now(UTC)
    Past.objects.bulk_create(
        [Past(document=d, until=now, path=d.path, live=not d.tombstone) for d in documents], batch_size=500
    )
    return now


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a date. Raises ValueError for one that no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OSError, OverflowError) as e:
        raise ValueError(f"{seconds} s is no date") from e
