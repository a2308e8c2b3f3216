"""One request to the portal and its answer, as every step of the stair passes them on.

transport (the HTTP library) < bandwidth_limit < fencing: each is a `Sender` around the one before. retry stands around whole
attempts, session puts them together, http speaks verbs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from syncd.core.errors import Unreachable
from syncd.wire.endpoints import Endpoint

Body = Callable[[], AsyncIterator[bytes]]


class Again(Exception):
    """It may be over in a moment: the line broke, or the portal is overloaded or restarts behind its proxy.

    `status`: it answered, with this error.
    """

    def __init__(self, cause: str, status: int = 0) -> None:
        super().__init__(cause)
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


class Request(msgspec.Struct, frozen=True):
    """`path`: where the endpoint's own says `{what varies}`. `accept`: statuses that are answers. `begin`: seconds until one
    begins, where more than usual. `short`: the answer is whole soon after it began, whatever its size."""

    endpoint: Endpoint[Any, Any]
    content: bytes | Body = b""
    accept: Sequence[int] = (200,)
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    begin: float | None = None
    path: str = ""
    short: bool = False


class Response(msgspec.Struct, frozen=True):
    """`chunks`: the body, as it comes; read while the request is open."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


class Answered(msgspec.Struct, frozen=True):
    """A short answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Sender(Protocol):
    def send(self, request: Request) -> AbstractAsyncContextManager[Response]:
        """One attempt. Raises Again for what may pass, SyncdError for what is no answer; so do the chunks."""
        ...
