"""One request to the portal: its headers, its retries, and the one error that says what became of it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from syncd.core import address
from syncd.core.errors import AlreadyRunning, Refused, SyncdError, Unreachable
from syncd.remote import library, trust
from syncd.remote.again import again
from syncd.remote.pace import Pace
from syncd.wire.messages import ErrorAnswer, decode, encode

T = TypeVar("T")
MAX_ANSWER = 256_000_000


class Again(Exception):
    """The portal said to come again: overloaded, or restarting behind its proxy."""


class Line:
    """`url` without path; the key goes into a header, never into a log. Times in seconds.

    `lease`: its number goes along with every request. `rate`: bytes per second that bodies of documents keep to, None for
    no limit. OSError: `ca_file` is none; ValueError: `url` is no address.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        transport: library.httpx.AsyncBaseTransport | None = None,
        rate: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._pace = Pace(rate)
        self.requests = 0
        self.lease = 0
        self._turn = self._together = 0
        self._address, self._token, self._transport = address.parse(url), token, transport
        self._url = str(self._address)
        self._trusted = trust.trusted(self._address, ca_file)

    @functools.cached_property
    def _http(self) -> library.httpx.AsyncClient:
        return library.httpx.AsyncClient(
            base_url=self._url + "/api/v1", verify=self._trusted, transport=self._transport,
            trust_env=self._address.secure,
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "syncd"},
            timeout=library.httpx.Timeout(60.0, connect=10.0), limits=library.httpx.Limits(max_connections=8),
        )  # fmt: skip

    async def close(self) -> None:
        if "_http" in self.__dict__:  # made at the first request
            await self._http.aclose()

    async def ask(self, path: str, request: object, type_: type[T], timeout: float | None = None) -> T:
        return self.decoded(await self.retry(lambda: self.answer(path, encode(request), timeout)), type_)

    async def retry(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Every verb is idempotent; three more attempts, then the portal is unreachable. Certificates are not retried."""
        last = ""
        if not self._together:  # those that go at the same time share a number: none of them is later than another
            self._turn += 1  # a repeat keeps its number; what arrives after a later one is refused
        try:
            return await again(attempt, _retryable)
        except library.httpx.TransportError as e:
            if said := trust.fault(e):
                raise Unreachable(
                    f"The certificate of the portal at {self._url} is not accepted: {said}.",
                    mend="Nothing was sent. Renew it, or, when it is of an authority of your own, name that one's certificate as [portal] ca_file.",
                ) from None
            last = _reason(e)
        except Again as e:
            last = str(e)
        raise Unreachable(
            f"The portal at {self._url} does not answer ({last}).",
            mend="Check that it runs and that this machine reaches it; the next run goes on.",
        )

    async def answer(
        self, path: str, content: bytes | Callable[[], AsyncIterator[bytes]], timeout: float | None = None
    ) -> bytes:
        body = content if isinstance(content, bytes) else content()
        extra: dict[str, Any] = {"timeout": library.httpx.Timeout(timeout, connect=10.0)} if timeout else {}
        async with self.stream("POST", path, content=body, **extra) as response:
            parts, size = [], 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > MAX_ANSWER:
                    raise self.not_the_portal("an endless answer")
                parts.append(chunk)
            return b"".join(parts)

    async def lines(self, response: library.httpx.Response) -> AsyncIterator[bytes]:
        """Whole lines, without their ends; what comes after the last end is none."""
        pieces, size = list[bytes](), 0
        async for chunk in response.aiter_raw():
            *ended, begun = chunk.split(b"\n")
            for piece in ended:
                yield b"".join([*pieces, piece])
                pieces, size = [], 0
            pieces.append(begun)
            size += len(begun)
            if size > MAX_ANSWER:
                raise self.not_the_portal("an endless answer")

    async def send(
        self, method: str, path: str, accept: Sequence[int] = (200,), **extra: Any
    ) -> library.httpx.Response:
        async with self.stream(method, path, accept=accept, **extra) as response:
            await response.aread()
            return response

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        accept: Sequence[int] = (200,),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> AsyncIterator[library.httpx.Response]:
        self.requests += 1
        head = {
            "Syncd-Lease": str(self.lease),
            "Syncd-Request": str(self._turn),
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        async with self._http.stream(method, path, headers=head, **extra) as response:
            if response.status_code not in accept:
                await self._fail(response)
            yield response

    async def _fail(self, response: library.httpx.Response) -> None:
        """Turn any other answer into the one error that says what it means."""
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > 100_000:
                break
        try:
            answer = decode(body, ErrorAnswer)
        except msgspec.MsgspecError:
            answer = None
        status = response.status_code
        if answer is None:
            if status in (429, 502, 503, 504):
                raise Again(f"it answers {status}")
            raise self.not_the_portal(f"status {status}")
        if status == 401:
            raise Refused(
                answer.code,
                f"The portal refuses the key: {answer.message}",
                mend="Put a valid key into [portal] token_file (syncd portal engine-token).",
            )
        if status == 409 and answer.code in ("held", "lease"):
            raise AlreadyRunning(answer.message)
        if status in (409, 503):
            raise Again(answer.message)
        raise SyncdError(f"The portal refuses the request ({answer.code}): {answer.message}")

    def decoded(self, data: bytes, type_: type[T]) -> T:
        try:
            return decode(data, type_)
        except msgspec.MsgspecError:
            raise self.not_the_portal("no answer of the protocol") from None

    def not_the_portal(self, why: str) -> Unreachable:
        return Unreachable(
            f"What answers at {self._url} is not the portal ({why}).",
            mend="Check [portal] url, and any proxy or sign-in page in between: no document was touched.",
        )

    async def paced(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            await self._pace.spent(len(chunk))
            yield chunk

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """For requests that go at the same time: they share a number, none of them is later than another."""
        if not self._together:
            self._turn += 1
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1


def passing() -> tuple[type[Exception], ...]:
    """What may be over in a moment."""
    return library.httpx.TransportError, Again


def _retryable(error: Exception) -> bool:
    return isinstance(error, passing()) and not trust.fault(error)


def _reason(error: library.httpx.TransportError) -> str:
    return str(error) or type(error).__name__
