"""What an endpoint reads is what its description says it reads."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.wire.openapi import REQUESTS


@pytest.mark.parametrize("path", REQUESTS)
def test_what_the_portal_reads_is_what_is_described(portal: object, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.api import endpoints, transfer

    read: list[Any] = []

    class Enough(Exception):
        pass

    def reading(data: bytes, type_: Any) -> Any:
        read.append(type_)
        raise Enough

    module = transfer if path == "/get" else endpoints
    monkeypatch.setattr(module, "decode", reading)

    async def json() -> bytes:
        return b""

    call: Any = SimpleNamespace(json=json, cabinet=SimpleNamespace(id=""))
    with pytest.raises(Enough):
        asyncio.run(getattr(module, path.strip("/").replace("-", "_"))(call))
    assert read == [REQUESTS[path][0]]
