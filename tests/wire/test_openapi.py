"""The table says what the engine sends, endpoint by endpoint, and the description says what the table says."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from syncd.core.errors import SyncdError
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire import endpoints
from syncd.wire.endpoints import ENDPOINTS, PREFIX, Endpoint
from syncd.wire.messages import decode
from syncd.wire.openapi import document
from tests.remote.test_hostile_answers import ID, VERBS

LATER = {
    endpoints.TUS_HEAD,
    endpoints.TUS_PATCH,
    endpoints.CONTENT,
    endpoints.PACKAGE,
    endpoints.PACKAGE_PATCH,
}  # not what any verb begins with


def sent(verb: str) -> tuple[Endpoint[Any, Any], bytes]:
    """The endpoint and the body of the request that a verb of the engine begins with."""
    seen: list[tuple[str, bytes]] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(
            (f"{request.method} {request.url.path.removeprefix(PREFIX).replace(ID, '{package}')}", request.content)
        )
        return httpx.Response(400, content=b'{"code": "x", "message": "x"}')

    async def work() -> None:
        remote = HttpRemote(Session(Transport("https://portal.example", "key", transport=httpx.MockTransport(take))))
        with pytest.raises((SyncdError, httpx.StreamConsumed)):
            await VERBS[verb](remote)
        await remote.close()

    asyncio.run(work())
    (asked,) = (e for e in ENDPOINTS if e.name == seen[0][0])
    return asked, seen[0][1]


def test_every_endpoint_is_spoken_by_the_engine() -> None:
    assert {sent(verb)[0] for verb in VERBS} == set(ENDPOINTS) - LATER


@pytest.mark.parametrize("verb", VERBS)
def test_what_the_engine_sends_is_what_the_table_says(verb: str) -> None:
    endpoint, body = sent(verb)
    if endpoint.spoken:
        assert endpoint.request is not None
        decode(body, endpoint.request)
        assert set(msgspec.json.decode(body)) <= {f.encode_name for f in msgspec.structs.fields(endpoint.request)}


def test_every_endpoint_is_described() -> None:
    described = {
        f"{method.upper()} {path.removeprefix(PREFIX)}"
        for path, methods in document()["paths"].items() for method in methods
    }  # fmt: skip
    assert described == {e.name for e in ENDPOINTS} and len(ENDPOINTS) == len({e.name for e in ENDPOINTS})
