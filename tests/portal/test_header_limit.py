"""A head that is a document of its own, or of cookies by the thousand, reaches no page."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from syncd.portal.api.header_limit import HeaderLimit


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("cookie", "; ".join(f"a{n}=1" for n in range(180)), 200),  # all that a browser keeps of one site
        ("cookie", "; ".join(f"a{n}=1" for n in range(4_000)), 431),
        ("cookie", ";" * 4_000, 431),
        ("x-other", ";" * 4_000, 200),
        ("x-other", "a" * 40_000, 431),
    ],
)
def test_what_one_request_may_bring(name: str, value: str, status: int) -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(HeaderLimit(PlainTextResponse("fine")))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as line:
            return (await line.get("/", headers={name: value})).status_code

    assert asyncio.run(ask()) == status
