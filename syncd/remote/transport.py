"""One request over the HTTP library: its address, its certificates, its limits of time, and the error table."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Iterator

import msgspec

from syncd.core import web_address
from syncd.remote import http_library, proxies, trust
from syncd.remote.error_table import ErrorTable
from syncd.remote.request import Again, Request, Response
from syncd.wire.endpoints import PREFIX

MOST_SAID = 100_000  # bytes of an error that are read


class Patience(msgspec.Struct, frozen=True):
    """How long an answer may take, in seconds: `begin` until it begins (a whole request later, a large body piece by piece),
    `end` for a short one; a long one must keep to `rate` bytes per second after the first `grace`.
    """

    begin: float = 60.0
    grace: float = 30.0
    rate: float = 1000.0
    end: float = 300.0


USUAL = Patience()


class Transport:
    """`url` without path; the key goes into a header, never into a log. `requests`: made so far.

    OSError: `ca_file` is none; ValueError: `url` is no address; UsageError: the proxy of the environment is none.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        transport: http_library.httpx.AsyncBaseTransport | None = None,
        patience: Patience = USUAL,
    ) -> None:
        self._patience = patience
        self.requests = 0
        self._address, self._token, self._transport = web_address.parse(url), token, transport
        self._url = str(self._address)
        self._proxy = proxies.of(self._address)
        self._trusted = trust.trusted(self._address, ca_file)
        self.errors = ErrorTable(self._url)

    @functools.cached_property
    def _http(self) -> http_library.httpx.AsyncClient:
        return http_library.httpx.AsyncClient(
            base_url=self._url + PREFIX, verify=self._trusted, transport=self._transport,
            proxy=self._proxy, trust_env=False,
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "syncd", "Accept-Encoding": "identity"},
            timeout=http_library.httpx.Timeout(self._patience.begin, connect=10.0), limits=http_library.httpx.Limits(max_connections=8),
        )  # fmt: skip

    async def close(self) -> None:
        if "_http" in self.__dict__:  # made at the first request
            await self._http.aclose()

    def is_here(self, site: str) -> bool:
        """Whether an address without path is the portal's own; none is."""
        try:
            return not site or web_address.parse(site).origin == self._address.origin
        except ValueError:
            return False

    @contextlib.asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Response]:
        self.requests += 1
        async with contextlib.AsyncExitStack() as stack:
            answer = await self._begun(request, stack)
            end = self._patience.end if request.short else None
            status, headers = answer.status_code, answer.headers
            if status not in request.accept:
                raise self.errors.of(status, await self._said(answer))
            if headers.get("content-type", "").lower().startswith("text/html"):
                raise self.errors.barred(status, "a web page, ")
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise self.errors.not_the_portal("an answer that is packed")
            yield Response(status, headers, self._chunks(answer, end))

    async def _begun(self, request: Request, stack: contextlib.AsyncExitStack) -> http_library.httpx.Response:
        """The answer's head; what there is to send was sent by then, or is not wanted."""
        wait, content = request.begin or self._patience.begin, request.content
        with self._broken():
            try:
                async with asyncio.timeout(wait) as limit:
                    going = self._http.stream(
                        request.endpoint.method, request.path or request.endpoint.path, headers=dict(request.headers),
                        content=content if isinstance(content, bytes) else _going(content(), limit, wait),
                        timeout=http_library.httpx.Timeout(wait, connect=10.0),
                    )  # fmt: skip
                    return await stack.enter_async_context(going)
            except TimeoutError:
                raise Again(f"no answer within {wait:.0f} s") from None

    async def _said(self, answer: http_library.httpx.Response) -> bytes:
        body = b""
        async for chunk in self._chunks(answer, self._patience.grace):
            body += chunk
            if len(body) > MOST_SAID:
                break
        return body

    async def _chunks(self, answer: http_library.httpx.Response, end: float | None) -> AsyncIterator[bytes]:
        """The answer's bytes as they come over the line. Raises Again when they come more slowly than any line carries."""
        clock, patience = asyncio.get_running_loop().time, self._patience
        pieces = aiter(answer.aiter_raw())
        began, waited, came = clock(), 0.0, 0  # the time spent on what came is not the portal's
        while True:
            now = clock()
            last = now + patience.grace + came / patience.rate - waited
            with self._broken():
                try:
                    async with asyncio.timeout_at(last if end is None else min(last, began + end)):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise Again("the answer does not come to its end") from None
            waited += clock() - now
            came += len(piece)
            yield piece

    @contextlib.contextmanager
    def _broken(self) -> Iterator[None]:
        try:
            yield
        except http_library.httpx.TransportError as e:
            raise self.errors.line(e) from None


async def _going(body: AsyncIterator[bytes], limit: asyncio.Timeout, wait: float) -> AsyncIterator[bytes]:
    """While a body is read here nobody is waited for; each piece of it may take as long as an answer."""
    clock = asyncio.get_running_loop().time
    limit.reschedule(None)
    async for piece in body:
        limit.reschedule(clock() + wait)
        yield piece
        limit.reschedule(None)
    limit.reschedule(clock() + wait)
