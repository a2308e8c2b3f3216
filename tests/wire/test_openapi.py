"""The description says what the engine sends, endpoint by endpoint."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest

from syncd.core.errors import SyncdError
from syncd.remote.http import HttpRemote
from syncd.remote.transport import Transport
from syncd.wire.messages import decode
from syncd.wire.openapi import REQUESTS, document
from tests.remote.test_hostile_answers import VERBS

FRAMED = {"/put", "/heal", "/tus"}  # no JSON


def sent(verb: str) -> tuple[str, bytes]:
    """Path and body of the request that a verb of the engine begins with."""
    seen: list[tuple[str, bytes]] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path.removeprefix("/api/v1"), request.content))
        return httpx.Response(400, content=b'{"code": "x", "message": "x"}')

    async def work() -> None:
        remote = HttpRemote(Transport("https://portal.example", "key", transport=httpx.MockTransport(take)))
        with pytest.raises((SyncdError, httpx.StreamConsumed)):
            await VERBS[verb](remote)
        await remote.close()

    asyncio.run(work())
    return seen[0]


def test_every_request_of_the_engine_is_described() -> None:
    assert {sent(verb)[0] for verb in VERBS} == set(REQUESTS) | FRAMED
    assert set(document()["paths"]) == {"/api/v1" + path for path in REQUESTS}


@pytest.mark.parametrize("verb", [v for v in VERBS if v not in ("put", "heal", "put_large")])
def test_what_the_engine_sends_is_what_is_described(verb: str) -> None:
    path, body = sent(verb)
    type_ = REQUESTS[path][0]
    decode(body, type_)
    assert set(msgspec.json.decode(body)) <= {f.encode_name for f in msgspec.structs.fields(type_)}
