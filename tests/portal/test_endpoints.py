"""The data plane answers what the table of endpoints says, and only that."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from syncd.wire.endpoints import ENDPOINTS, PREFIX
from tests.portal.upload_client import Engine


def test_every_endpoint_has_somebody_who_answers_it_and_nothing_else_is_answered(portal: object) -> None:
    from syncd.portal.api.routes import answered, routes

    assert set(answered()) == set(ENDPOINTS)
    assert [(r.path, *(r.methods or ())) for r in routes()][:-1] == [
        (e.path, *({e.method} | ({"HEAD"} if e.method == "GET" else set()))) for e in ENDPOINTS
    ]


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.spoken], ids=lambda e: e.path)
def test_what_is_read_is_what_the_table_says(shared: object, office_there: Any, endpoint: Any) -> None:
    """A body of another type names the field that is missing from the one that is asked for."""

    engine = Engine(office_there.cabinet)

    async def work() -> tuple[int, Any]:
        async with engine.line() as line:
            answer = await line.post(endpoint.path, content=b"{}")
            return answer.status_code, answer.json()

    status, said = asyncio.run(work())
    assert (status, said["code"]) == (400, "malformed")
    first = next(f.encode_name for f in msgspec.structs.fields(endpoint.request) if f.required)
    assert f"`{first}`" in said["message"]


def test_what_no_version_knows_yet_is_said_in_a_sentence_to_whoever_has_a_key(
    shared: object, office_there: Any
) -> None:
    engine = Engine(office_there.cabinet)

    async def work() -> None:
        async with engine.line() as line:
            answer = await line.post("/later", content=b"{}")
            assert (answer.status_code, answer.json()["code"]) == (404, "endpoint")
            assert "POST /later" in answer.json()["message"] and "another version" in answer.json()["message"]
            assert (await line.get("/hello")).json()["code"] == "endpoint"
            line.headers.pop("authorization")
            assert (await line.post("/later", content=b"{}")).status_code == 401
        assert PREFIX == "/api/v1"  # what proxies of existing installations let through (cli/units)

    asyncio.run(work())
