"""What documents say: read by the process that reads strangers' files, a share at a time, as documents come and go.

The index follows the cabinet's feed, and is compared with all documents where it cannot (it is new, or the portal was restored).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from syncd.portal.documents import pictures
from syncd.portal.models import Cabinet, Document, FeedRow, Version
from syncd.portal.readers import kinds
from syncd.portal.readers.texts import TEXT_KINDS
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.storage import blob_store, text_index

MOST = 100_000  # characters of one document
SECONDS, WITHIN = 10.0, 6.0  # for one: until it is ended; until what was read so far is enough
NICE = 10
AT_ONCE = 500
MAKER = 1  # of texts: one more, and all are read again


def follow() -> bool:
    """The index expects what came and forgets what went. Whether anything did."""
    index, moved = text_index(), False
    for cabinet in Cabinet.objects.all():
        name, said = f"feed of {cabinet.id}", index.mark(f"feed of {cabinet.id}")
        epoch, _, at = said.rpartition(" ")
        if epoch != f"{MAKER} {cabinet.epoch}" or int(at) > cabinet.seq:
            compare()
            index.keep_mark(name, f"{MAKER} {cabinet.epoch} {cabinet.seq}")
            moved = True
            continue
        while rows := list(_since(cabinet, int(at))):
            _look_at([document for _, kind, document in rows if kind == "doc"])
            at, moved = str(rows[-1][0]), True
            index.keep_mark(name, f"{epoch} {at}")
    return moved


def _since(cabinet: Cabinet, seq: int) -> Iterator[tuple[int, str, str]]:
    rows = FeedRow.objects.filter(cabinet=cabinet, seq__gt=seq).order_by("seq")
    yield from rows.values_list("seq", "kind", "object")[:AT_ONCE]


def _look_at(documents: Sequence[str]) -> None:
    live = _wanted(
        Document.objects.filter(id__in=documents, tombstone="").values_list("version_id", "client_id", "key")
    )
    current = {version for version, _ in live}
    versions = Version.objects.filter(document__in=documents).values_list("id", flat=True)
    index = text_index()
    index.forget([v for v in versions if v not in current])
    index.expect(live)


def _wanted(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """(version, client) of those whose text can be read."""
    return [(version, client) for version, client, key in rows if key.rpartition(".")[2] in TEXT_KINDS]


def compare() -> None:
    """What the index holds with what there is, both in order: however many there are, a few are in memory."""
    index = text_index()
    known, unknown, gone = index.known(), list[tuple[str, str]](), list[str]()
    held = next(known, None)
    live = Document.objects.filter(tombstone="").order_by("version_id").values_list("version_id", "client_id", "key")
    for version, client in _each_wanted(live.iterator(5000)):
        while held is not None and held < version:
            gone.append(held)
            held = next(known, None)
        if held == version:
            held = next(known, None)
        else:
            unknown.append((version, client))
    while held is not None:
        gone.append(held)
        held = next(known, None)
    for n in range(0, len(gone), AT_ONCE):
        index.forget(gone[n : n + AT_ONCE])
    for n in range(0, len(unknown), AT_ONCE):
        index.expect(unknown[n : n + AT_ONCE])


def _each_wanted(rows: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        yield from _wanted([row])


def read_some(seconds: float, over: Callable[[], bool]) -> int:
    """A share of what waits; how many were read. People who wait for a picture come first; `over`: whether it is to end."""
    until, read = time.monotonic() + seconds, 0
    while time.monotonic() < until and not over() and not pictures.asked_for():
        version = text_index().take()
        if not version:
            break
        read += 1
        with contextlib.suppress(OSError):  # its bytes are missing: it comes again later
            _read(version)
    return read


def _read(version: str) -> None:
    index = text_index()
    found = Document.objects.filter(version_id=version, tombstone="").values_list("key", flat=True).first()
    if found is None:
        index.forget([version])
        return
    try:
        with blob_store().open(version) as source:
            text = reader().ask(
                "text", source, seconds=SECONDS, nice=NICE, extension=kinds.extension(found), most=MOST, within=WITHIN
            )
    except Busy:
        index.put_back(version)
    except Unreadable:
        index.put(version, "")
    except TooMuch:  # perhaps the machine was busy: it comes again
        pass
    else:
        index.put(version, text.decode("utf-8", "replace"))
