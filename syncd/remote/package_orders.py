"""Orders of exchange packages over HTTP (ports/package_orders.py)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from functools import partial

from syncd.core.package_orders import PackageOrder, PackageOrders, PackageReport
from syncd.ports.remote import Sink, Source
from syncd.remote.ranged_download import ranged
from syncd.remote.request import Request, TooMuch
from syncd.remote.session import Session
from syncd.wire import endpoints

PIECES = (8_000_000, 768_000, 64_000)  # as something in between takes them
_NUMBER = re.compile("[0-9]{1,16}")


class HttpPackageOrders:
    """Keeps to ports.package_orders.PackageDesk."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._most = PIECES[0]

    async def exchange(self, told: PackageReport) -> PackageOrders:
        return await self._session.ask(endpoints.PACKAGES, told)

    async def fetch(self, order: PackageOrder, sink: Sink) -> bool:
        assert order.content is not None
        path = endpoints.PACKAGE.at(package=order.id)
        return await ranged(self._session, endpoints.PACKAGE, path, order.content.size, sink)

    async def bring(self, order: PackageOrder, source: Source) -> None:
        await self._session.attempts(lambda: self._rest(order.id, source))

    async def _rest(self, package: str, source: Source) -> None:
        path = endpoints.PACKAGE_PATCH.at(package=package)
        head = await self._session.whole(Request(endpoints.PACKAGE_HEAD, path=path))
        offset = self._place(head.headers, source.size)
        while offset < source.size:
            headers = {"Upload-Offset": str(offset), "Upload-Length": str(source.size)}
            body = partial(_up_to, self._most, source, offset)
            try:
                answer = await self._session.whole(Request(endpoints.PACKAGE_PATCH, body, (204,), headers, path=path))
            except TooMuch:
                smaller = [p for p in PIECES if p < self._most]
                if not smaller:
                    raise
                self._most = smaller[0]
                continue
            before, offset = offset, self._place(answer.headers, source.size)
            if offset <= before:
                raise self._session.errors.not_the_portal("an upload that does not advance")

    def _place(self, headers: Mapping[str, str], size: int) -> int:
        text = headers.get("upload-offset", "")
        if not _NUMBER.fullmatch(text) or int(text) > size:
            raise self._session.errors.not_the_portal("an upload without its place")
        return int(text)

    async def close(self) -> None:
        await self._session.close()


async def _up_to(most: int, source: Source, offset: int) -> AsyncIterator[bytes]:
    async for chunk in source.chunks(offset):
        yield chunk[:most]
        most -= len(chunk)
        if most <= 0:
            return
