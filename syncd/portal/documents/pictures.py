"""How a document looks, for whoever may have it: made by the process that reads strangers' files, kept beside the blobs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum

import msgspec

from syncd.portal.clients.tree import place_of
from syncd.portal.models import Document, Version
from syncd.portal.people.visibility import fate_of
from syncd.portal.readers import kinds
from syncd.portal.readers.limited import Busy, TooMuch, Unreadable, reader
from syncd.portal.readers.values import Preview
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may
from syncd.portal.storage import blob_store, picture_store

MAKER = 1  # one more, and all is made again
SECONDS = 10.0  # for one
MAKING = 2  # at a time
WAITING = 200
MOST_PAGES = 200
NONE = b""


class Size(StrEnum):
    """As addresses have it."""

    SMALL = "petite"
    CARD = "carte"
    PAGE = "page"
    LARGE = "grande"


_BOXES = {Size.SMALL: (112, 144), Size.CARD: (320, 416), Size.PAGE: (1000, 1414), Size.LARGE: (2000, 2828)}


class Pending(Exception):
    """It is being made, or waits for its turn: ask again."""


def picture(actor: Person, document: Document, version: Version, size: Size, page: int, wait: float) -> bytes:
    """WebP; NONE where none can be made. Raises Refusal without the right, Pending when it is not there within `wait` seconds."""
    _check(actor, document)
    width, height = _BOXES[size]
    key = f"{bytes(version.sha256).hex()}-{width}x{height}-{page}.{MAKER}"
    return _kept(key, version.id, lambda: ("picture", {"width": width, "height": height, "page": page}), wait)


def preview(actor: Person, document: Document, version: Version, wait: float) -> Preview | None:
    """What can be read of it; None where that is nothing. Raises Refusal without the right, Pending."""
    _check(actor, document)
    extension = kinds.extension(document.path)
    key = f"{bytes(version.sha256).hex()}-read-{extension}.{MAKER}"
    read = _kept(key, version.id, lambda: ("preview", {"extension": extension}), wait)
    try:
        return msgspec.json.decode(read, type=Preview) if read else None
    except msgspec.MsgspecError:  # cut by a loss of power
        return None


def _check(actor: Person, document: Document) -> None:
    if not may(actor, Verb.DOWNLOAD, place_of(document), fate_of(document)):
        raise Refusal(Code.NOT_ALLOWED_HERE)


Asked = Callable[[], tuple[str, dict[str, object]]]


def _kept(key: str, version_id: str, asked: Asked, wait: float) -> bytes:
    store, blobs = picture_store(), blob_store()
    if (found := store.get(key)) is not None:
        return found

    def make() -> bytes:
        do, given = asked()
        with blobs.open(version_id) as source:
            try:
                made = reader().ask(do, source, seconds=SECONDS, **given)  # type: ignore[arg-type]
            except (Unreadable, TooMuch):
                made = NONE
        store.put(key, made)
        return made

    try:
        return _makers.ask(key, make).result(wait)
    except (TimeoutError, Busy):
        raise Pending from None
    except OSError:  # its bytes are missing: told by whoever opens it
        return NONE


class _Makers:
    """Threads that wait for the process, so that no page's does for long; the same is made once."""

    def __init__(self) -> None:
        self._tasks: queue.Queue[tuple[str, Callable[[], bytes], Future[bytes]]] = queue.Queue(WAITING)
        self._asked: dict[str, Future[bytes]] = {}
        self._lock, self._begun = threading.Lock(), False

    def ask(self, key: str, make: Callable[[], bytes]) -> Future[bytes]:
        """Raises Busy when too many wait."""
        with self._lock:
            if (already := self._asked.get(key)) is not None:
                return already
            made: Future[bytes] = Future()
            try:
                self._tasks.put_nowait((key, make, made))
            except queue.Full:
                raise Busy from None
            self._asked[key] = made
            if not self._begun:
                self._begun = True
                for n in range(MAKING):
                    threading.Thread(target=self._work, name=f"pictures-{n}", daemon=True).start()
            return made

    def pending(self) -> bool:
        return bool(self._asked)

    def _work(self) -> None:
        while True:
            key, make, made = self._tasks.get()
            try:
                result = make()
            except BaseException as e:
                self._over(key)
                made.set_exception(e)
            else:
                self._over(key)
                made.set_result(result)

    def _over(self, key: str) -> None:
        with self._lock:
            self._asked.pop(key, None)


_makers = _Makers()


def asked_for() -> bool:
    """Whether anybody waits for a picture, or a first look, in this process."""
    return _makers.pending()
