"""A large document on its way up, by tus 1.0: what arrived before a cut, or a restart, is not sent again."""

from __future__ import annotations

import base64
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Mapping
from functools import partial

from syncd.core.protocol import PutItem, Result, Written
from syncd.ports.remote import Source
from syncd.remote.bisection import alone
from syncd.remote.passage import Passage
from syncd.remote.request import Again, Answered, Request, TooMuch
from syncd.remote.session import Session
from syncd.wire import endpoints
from syncd.wire.endpoints import PREFIX
from syncd.wire.messages import decode, encode

PIECES = (sys.maxsize - 1, 64_000_000, 8_000_000, 768_000, 64_000)  # of an upload, as something in between takes them
_TUS = {"Tus-Resumable": "1.0.0"}
_LOCATION = re.compile(rf"(?P<site>[A-Za-z]+://[^/]+)?{PREFIX}/tus/(?P<upload>[0-9a-f]{{32}})")
_NUMBER = re.compile("[0-9]{1,16}")


class ResumableUpload:
    """`pieces`: how large they may be, as all uploads learnt. `arrived`: how much of it had, each time that was seen."""

    def __init__(self, session: Session, pieces: Passage, item: PutItem, source: Source) -> None:
        self._session, self._pieces, self._item, self._source = session, pieces, item, source
        self._where, self._offset = "", 0
        self.arrived = list[int]()

    @property
    def advances(self) -> bool:
        """Whether a line that breaks carries it piece by piece. What came last may be told one try late: the portal writes it."""
        return len(set(self.arrived[-3:])) > 1

    async def __call__(self) -> Written:
        session, item = self._session, self._item
        meta = "item " + base64.b64encode(encode(item)).decode()
        headers = {**_TUS, "Upload-Length": str(item.content.size), "Upload-Metadata": meta}
        creation = Request(endpoints.TUS_CREATE, accept=(201, 422), headers=headers)
        created = await session.attempts(lambda: session.whole(creation))
        if created.status == 422:
            return alone(session.errors.decoded(created.body, lambda data: decode(data, Result)))
        self._where = self._upload(created.headers)
        self._offset = self._place(created.headers)
        self.arrived.append(self._offset)
        return await session.attempts(self._rest)

    async def _rest(self) -> Written:
        """All pieces that are still to be sent."""
        size = self._item.content.size
        while True:
            piece = next((p for p in PIECES if p < self._pieces.most), PIECES[-1])
            sent = min(piece, size - self._offset)
            try:
                answer = await self._append(piece)
            except TooMuch:
                self._pieces.refused(sent)
                if piece == PIECES[-1]:
                    return alone(Result("refused", "proxy_limit"))
                self._offset = await self._there()
            except Again:
                with contextlib.suppress(Again):
                    self._offset = await self._there()
                    self.arrived.append(self._offset)
                raise
            else:
                self._pieces.passed(sent)
                if answer.status == 200:
                    return self._session.counted(answer.body, 1)
                before, self._offset = self._offset, self._place(answer.headers)
                if 2 * (self._offset - before) < sent or self._offset == before:  # a byte to an answer would never end
                    raise self._session.errors.not_the_portal("an upload that does not advance")

    async def _append(self, most: int) -> Answered:
        headers = {
            **_TUS, "Upload-Offset": str(self._offset), "Content-Type": "application/offset+octet-stream",
        }  # fmt: skip
        body = partial(_up_to, most, self._source, self._offset)
        return await self._session.whole(Request(endpoints.TUS_PATCH, body, (200, 204), headers, path=self._where))

    async def _there(self) -> int:
        """How much of it has arrived; 0 when nothing is known of it."""
        head = await self._session.whole(Request(endpoints.TUS_HEAD, accept=(200, 404), path=self._where))
        return self._place(head.headers) if head.status == 200 else 0

    def _upload(self, headers: Mapping[str, str]) -> str:
        """Where it is to go: only ever here, whatever address the answer names (RULES 7)."""
        found = _LOCATION.fullmatch(headers.get("location", ""))
        if found is None or not self._session.is_here(found["site"] or ""):
            raise self._session.errors.not_the_portal("an upload sent elsewhere")
        return endpoints.TUS_PATCH.at(upload=found["upload"])

    def _place(self, headers: Mapping[str, str]) -> int:
        text = headers.get("upload-offset", "")
        if not _NUMBER.fullmatch(text) or int(text) > self._item.content.size:
            raise self._session.errors.not_the_portal("an upload without its place")
        return int(text)


async def _up_to(most: int, source: Source, offset: int) -> AsyncIterator[bytes]:
    async for chunk in source.chunks(offset):
        yield chunk[:most]
        most -= len(chunk)
        if most <= 0:
            return
