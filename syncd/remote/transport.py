"""One request to the portal: its headers, its limits, its retries, and the one error that says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from syncd.core import paths, web_address
from syncd.core.errors import AlreadyRunning, Refused, SyncdError, Unreachable
from syncd.remote import http_library, proxies, trust
from syncd.remote.rate_limit import RateLimit
from syncd.remote.retry import retry
from syncd.wire.endpoints import PREFIX, A, Endpoint, Q
from syncd.wire.messages import ErrorAnswer, decode, encode

T = TypeVar("T")
_OF_PROXIES = (502, 504)  # what a proxy answers when nothing, or nobody in time, answers behind it
SHORT = 64_000_000  # bytes of an answer that is about what was asked, or what changed
MAX_ANSWER = 256_000_000  # of one about all of a client


class Again(Exception):
    """The portal said to come again: overloaded, or restarting behind its proxy. `status`: it answered, with this error."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class TooMuch(Unreachable):
    """Something between here and the portal takes no body of this size."""

    reason = "proxy_limit"


class Barred(Unreachable):
    """Something between here and the portal answered in its place, with a page of its own: a firewall, a virus scanner.

    `status`: of that answer. Of a request with documents in it, it may be about one of them.
    """

    reason = "not_the_portal"

    def __init__(self, told: Unreachable, status: int) -> None:
        super().__init__(told.message, mend=told.mend, reason=told.reason, cause=told.cause)
        self.status = status


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take, in seconds: `begin` until it begins (a whole request later, a large body piece by piece),
    `end` for a short one; a long one must keep to `rate` bytes per second after the first `grace`.
    """

    begin: float = 60.0
    grace: float = 30.0
    rate: float = 1000.0
    end: float = 300.0


@dataclass(frozen=True, slots=True)
class Request:
    """`path`: where the endpoint's own says `{what varies}`. `accept`: statuses that are answers. `begin`: seconds until one
    begins, where more than usual."""

    endpoint: Endpoint[Any, Any]
    content: bytes | Callable[[], AsyncIterator[bytes]] = b""
    accept: Sequence[int] = (200,)
    headers: Mapping[str, str] = field(default_factory=dict)
    begin: float | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A short answer, whole."""

    status: int
    headers: http_library.httpx.Headers
    body: bytes


class Transport:
    """`url` without path; the key goes into a header, never into a log. Times in seconds.

    `lease`: its number goes along with every request. `rate`: bytes per second that bodies of documents keep to, None for
    no limit. OSError: `ca_file` is none; ValueError: `url` is no address;
    UsageError: the proxy of the environment is none.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        transport: http_library.httpx.AsyncBaseTransport | None = None,
        rate: Callable[[], float | None] = lambda: None,
        patience: Patience = Patience(),
    ) -> None:
        self._pace, self._patience = RateLimit(rate), patience
        self.requests = 0
        self.lease = 0
        self._turn = self._together = 0
        self._address, self._token, self._transport = web_address.parse(url), token, transport
        self._url = str(self._address)
        self._proxy = proxies.of(self._address)
        self._trusted = trust.trusted(self._address, ca_file)

    @functools.cached_property
    def _http(self) -> http_library.httpx.AsyncClient:
        return http_library.httpx.AsyncClient(
            base_url=self._url + PREFIX, verify=self._trusted, transport=self._transport,
            proxy=self._proxy, trust_env=False,
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "syncd"},
            timeout=http_library.httpx.Timeout(self._patience.begin, connect=10.0), limits=http_library.httpx.Limits(max_connections=8),
        )  # fmt: skip

    async def close(self) -> None:
        if "_http" in self.__dict__:  # made at the first request
            await self._http.aclose()

    async def ask(self, endpoint: Endpoint[Q, A], request: Q, *, most: int = SHORT, begin: float | None = None) -> A:
        """The answer, as the table says it is."""
        assert endpoint.answer is not None
        type_ = endpoint.answer
        data = await self.asked(endpoint, request, most=most, begin=begin)
        return self.decoded(data, lambda data: decode(data, type_))

    async def asked(
        self, endpoint: Endpoint[Q, A], request: Q, *, most: int = SHORT, begin: float | None = None
    ) -> bytes:
        """The answer as it came; `begin`: seconds until it does."""
        said = Request(endpoint, encode(request), begin=begin)
        return (await self.retry(lambda: self.send(said, most=most))).body

    async def retry(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Every verb is idempotent; three more attempts, then the portal is unreachable. Certificates are not retried."""
        if not self._together:  # those that go at the same time share a number: none of them is later than another
            self._turn += 1  # a repeat keeps its number; what arrives after a later one is refused
        try:
            return await retry(attempt, _retryable)
        except http_library.httpx.TransportError as e:
            if said := trust.fault(e):
                raise Unreachable(
                    f"The certificate of the portal at {self._url} is not accepted: {said}.", reason=trust.reason(e),
                    mend="Nothing was sent. Renew it, or, when it is of an authority of your own, name that one's certificate as [portal] ca_file (init: --ca-file).",
                ) from None  # fmt: skip
            cause = _reason(e)
        except Again as e:
            if e.status:
                raise self._failed(e.status, str(e)) from None
            cause = str(e)
        raise Unreachable(
            f"The portal at {self._url} does not answer ({cause}).", cause=_CAUSES.get(cause, cause),
            mend="Check that it runs and that this machine reaches it; the next run goes on.",
        )  # fmt: skip

    async def send(self, request: Request, *, most: int = SHORT) -> Answered:
        """A short answer, or (`most` above that) one that may take as long as its size does."""
        async with self.stream(request) as response:
            parts, size = list[bytes](), 0
            async for chunk in self.chunks(response, self._patience.end if most <= SHORT else None):
                size += len(chunk)
                if size > most:
                    raise self.not_the_portal("an endless answer")
                parts.append(chunk)
            return Answered(response.status_code, response.headers, b"".join(parts))

    async def lines(self, response: http_library.httpx.Response) -> AsyncIterator[bytes]:
        """Whole lines, without their ends; what comes after the last end is none."""
        pieces, size = list[bytes](), 0
        async for chunk in self.chunks(response):
            *ended, begun = chunk.split(b"\n")
            for piece in ended:
                yield b"".join([*pieces, piece])
                pieces, size = [], 0
            pieces.append(begun)
            size += len(begun)
            if size > MAX_ANSWER:
                raise self.not_the_portal("an endless answer")

    async def chunks(self, response: http_library.httpx.Response, end: float | None = None) -> AsyncIterator[bytes]:
        """The answer's bytes as they come over the line. TransportError when they come more slowly than any line carries."""
        clock, patience = asyncio.get_running_loop().time, self._patience
        pieces = aiter(response.aiter_raw())
        began, waited, came = clock(), 0.0, 0  # the time spent on what came is not the portal's
        while True:
            now = clock()
            last = now + patience.grace + came / patience.rate - waited
            try:
                async with asyncio.timeout_at(last if end is None else min(last, began + end)):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise http_library.httpx.ReadTimeout("the answer does not come to its end") from None
            waited += clock() - now
            came += len(piece)
            yield piece

    @contextlib.asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[http_library.httpx.Response]:
        """An answer whose body is still to be read (`chunks`, `lines`)."""
        self.requests += 1
        head = {
            "Syncd-Lease": str(self.lease),
            "Syncd-Request": str(self._turn),
            "Accept-Encoding": "identity",
            **request.headers,
        }
        wait = request.begin or self._patience.begin
        async with contextlib.AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(wait) as limit:
                    content = request.content
                    body = content if isinstance(content, bytes) else _going(content(), limit, wait)
                    timeout = http_library.httpx.Timeout(wait, connect=10.0)
                    going = self._http.stream(
                        request.endpoint.method, request.path or request.endpoint.path, headers=head, content=body, timeout=timeout
                    )  # fmt: skip
                    response = await stack.enter_async_context(going)
            except TimeoutError:
                raise http_library.httpx.ReadTimeout(f"no answer within {wait:.0f} s") from None
            if response.status_code not in request.accept:
                await self._fail(response)
            if response.headers.get("content-type", "").lower().startswith("text/html"):
                raise self.barred(response.status_code, "a web page, ")
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise self.not_the_portal("an answer that is packed")
            yield response

    async def _fail(self, response: http_library.httpx.Response) -> None:
        """Turn any other answer into the one error that says what it means."""
        body = b""
        async for chunk in self.chunks(response, self._patience.grace):
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
                raise Again("", status)
            if status >= 500:
                raise self._failed(status)
            if status == 413:
                raise TooMuch(
                    f"What lies between here and {self._url} takes no request of this size (413).",
                    mend="Raise its limit (client_max_body_size, say).",
                )
            raise self.barred(status)
        if status == 401:
            raise Refused(
                answer.code,
                f"The portal refuses the key: {answer.message}",
                mend="Put a valid key into [portal] token_file (syncd portal engine-token).",
            )
        if status == 409 and answer.code in ("held", "lease"):
            raise AlreadyRunning(answer.message)
        if status in (409, 503):
            raise Again(answer.message, status if status >= 500 else 0)
        if status == 507:
            raise Unreachable(
                "The portal's disk is full.", reason="portal_full", mend="Whoever hosts it makes room; the next run goes on."
            )  # fmt: skip
        if status >= 500:
            raise self._failed(status, answer.message)
        refusal = SyncdError(f"The portal refuses the request ({answer.code}): {answer.message}")
        refusal.reason, refusal.cause = "portal_refuses", f"{answer.code} : {answer.message}"
        raise refusal

    def decoded(self, data: bytes, made: Callable[[bytes], T]) -> T:
        try:
            return made(data)
        except msgspec.MsgspecError as e:
            raise self.not_the_portal(f"no answer of the protocol: {str(e)[:200]}") from None

    def _failed(self, status: int, why: str = "") -> Unreachable:
        """It was reached, and could not do it; or what stands before it reached nothing."""
        behind = status in _OF_PROXIES and not why
        said = f"{status}: {why}" if why else str(status)
        return Unreachable(
            f"The portal at {self._url} answers with an error ({paths.printable(said[:200])}).",
            reason="proxy_alone" if behind else "portal_failed", cause=paths.printable(f"{status} {why}".strip()[:200]),
            mend="See that it runs behind its proxy." if behind else "See the portal's journal (journalctl -u syncd-portal).",
        )  # fmt: skip

    def not_the_portal(self, why: str) -> Unreachable:
        why = paths.printable(why[:300])
        return Unreachable(
            f"What answers at {self._url} is not the portal ({why}).", reason="not_the_portal", cause=why,
            mend="Check [portal] url, and any proxy or sign-in page in between: no document was touched.",
        )  # fmt: skip

    def barred(self, status: int, what: str = "") -> Unreachable:
        told = self.not_the_portal(f"{what}status {status}")
        page = what or 300 <= status < 500
        return Barred(told, status) if page and status not in (401, 407) else told

    async def answers(self, endpoint: Endpoint[Q, A], request: Q) -> bool:
        """Whether the portal still gives a list, asked once: what fails every time then is the matter of what was asked."""
        try:
            self.decoded((await self.send(Request(endpoint, encode(request)))).body, lambda data: decode(data, list))
        except SyncdError as e:
            return e.reason == "portal_refuses"
        except passing():
            return False
        return True

    def is_here(self, site: str) -> bool:
        """Whether an address without path is the portal's own; none is."""
        try:
            return not site or web_address.parse(site).origin == self._address.origin
        except ValueError:
            return False

    async def paced(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            for part in self._pace.parts(chunk):
                await self._pace.spent(len(part))
                yield part

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
    return http_library.httpx.TransportError, Again


def _retryable(error: Exception) -> bool:
    return isinstance(error, passing()) and not trust.fault(error)


async def _going(body: AsyncIterator[bytes], limit: asyncio.Timeout, wait: float) -> AsyncIterator[bytes]:
    """While a body is read here nobody is waited for; each piece of it may take as long as an answer."""
    clock = asyncio.get_running_loop().time
    limit.reschedule(None)
    async for piece in body:
        limit.reschedule(clock() + wait)
        yield piece
        limit.reschedule(None)
    limit.reschedule(clock() + wait)


_CAUSES = {  # what a report in either language says instead (core.words, DETAILS)
    "All connection attempts failed": "no_connection", "ConnectTimeout": "no_answer", "ReadTimeout": "no_answer",
    "WriteTimeout": "no_answer", "PoolTimeout": "no_answer",
}  # fmt: skip


def _reason(error: http_library.httpx.TransportError) -> str:
    return str(error) or type(error).__name__
