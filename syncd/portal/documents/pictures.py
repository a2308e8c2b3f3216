"""How a document looks, for whoever may have it: made by the process that reads strangers' files, kept beside the blobs."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import Any

import msgspec

from syncd.portal.clients.tree import place_of
from syncd.portal.models import Document, Version
from syncd.portal.people.visibility import fate_of
from syncd.portal.readers import kinds
from syncd.portal.readers.values import Invoice, Preview
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may
from syncd.portal.storage import blob_store, picture_store

MAKER, READER = 1, 2  # of pictures, of what is read: one more, and all is made again
SECONDS = 10.0  # for one
MAKING = 2  # at a time
WAITING = 200  # of one client; the clients' take turns
SPARED = 300.0  # seconds in which nothing more is tried of a document of which something took too much
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
    given: dict[str, object] = {"width": width, "height": height, "page": page}
    return _kept(key, document.client_id, version, ("picture", given), wait)


def preview(actor: Person, document: Document, version: Version, wait: float) -> Preview | None:
    """What can be read of it; None where that is nothing. Raises Refusal without the right, Pending."""
    _check(actor, document)
    extension = kinds.extension(document.path)
    key = f"{bytes(version.sha256).hex()}-read-{extension}.{READER}"
    read = _kept(key, document.client_id, version, ("preview", {"extension": extension}), wait)
    found: Preview | None = _decoded(read, Preview)
    return found


def invoice(actor: Person, document: Document, version: Version, wait: float) -> Invoice | None:
    """The electronic invoice that it is, or brings along; None where there is none. Raises Refusal without the right, Pending."""
    _check(actor, document)
    key = f"{bytes(version.sha256).hex()}-invoice.{READER}"
    found: Invoice | None = _decoded(_kept(key, document.client_id, version, ("invoice", {}), wait), Invoice)
    return found


def _decoded(read: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(read, type=kind) if read else None
    except msgspec.MsgspecError:  # cut by a loss of power
        return None


def _check(actor: Person, document: Document) -> None:
    if not may(actor, Verb.DOWNLOAD, place_of(document), fate_of(document)):
        raise Refusal(Code.NOT_ALLOWED_HERE)


def _kept(key: str, whose: str, version: Version, asked: tuple[str, dict[str, object]], wait: float) -> bytes:
    """`whose`: the client's id."""
    store, blobs, content = picture_store(), blob_store(), bytes(version.sha256)
    if (found := store.get(key)) is not None:
        return found
    if _makers.spared(content):
        return NONE

    def make() -> bytes:
        if _makers.spared(content):  # since it waits
            return NONE
        do, given = asked
        with blobs.open(version.id) as source:
            try:
                made = reader().ask(do, source, seconds=SECONDS, **given)  # type: ignore[arg-type]
            except TooMuch:
                _makers.spare(content)
                made = NONE
            except Unreadable:
                made = NONE
        store.put(key, made)
        return made

    try:
        return _makers.ask(whose, key, make).result(wait)
    except (TimeoutError, Busy):
        raise Pending from None
    except OSError:  # its bytes are missing: told by whoever opens it
        return NONE


Make = Callable[[], bytes]


class _Makers:
    """Threads that wait for the process, so that no page's does for long; the same is made once. Clients take turns: whoever
    asks for a thousand waits for them, and nobody else does.
    """

    def __init__(self) -> None:
        self._lines: dict[str, deque[tuple[str, Make, Future[bytes]]]] = {}  # the one whose turn it is first
        self._asked: dict[str, Future[bytes]] = {}
        self._spared: dict[bytes, float] = {}
        self._lock, self._begun = threading.Lock(), False
        self._more = threading.Condition(self._lock)

    def ask(self, whose: str, key: str, make: Make) -> Future[bytes]:
        """Raises Busy when too many of theirs wait."""
        with self._lock:
            if (already := self._asked.get(key)) is not None:
                return already
            if len(self._lines.get(whose, ())) >= WAITING:
                raise Busy
            made: Future[bytes] = Future()
            self._lines.setdefault(whose, deque()).append((key, make, made))
            self._asked[key] = made
            self._more.notify()
            if not self._begun:
                self._begun = True
                for n in range(MAKING):
                    threading.Thread(target=self._work, name=f"pictures-{n}", daemon=True).start()
            return made

    def spare(self, content: bytes) -> None:
        """Something of that content took too much."""
        now = time.monotonic()
        with self._lock:
            self._spared = {c: until for c, until in self._spared.items() if until > now} | {content: now + SPARED}

    def spared(self, content: bytes) -> bool:
        return self._spared.get(content, 0.0) > time.monotonic()

    def pending(self) -> bool:
        return bool(self._asked)

    def _next(self) -> tuple[str, Make, Future[bytes]]:
        with self._lock:
            while not self._lines:
                self._more.wait()
            whose = next(iter(self._lines))
            line = self._lines.pop(whose)
            task = line.popleft()
            if line:
                self._lines[whose] = line  # behind the others
            return task

    def _work(self) -> None:
        while True:
            key, make, made = self._next()
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
