"""A large download by ranges: what was asked for and nothing else, and a source that is closed whatever comes of it."""

from __future__ import annotations

import asyncio
import io
from types import SimpleNamespace
from typing import Any

import pytest

DATA = bytes(range(256)) * 1000


class Source(io.BytesIO):
    """Remembers how much was read at once."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.largest = max(self.largest, len(data))
        return data


def asked(
    said: str, data: bytes = DATA, method: str = "GET", again: Any = None
) -> tuple[int, dict[str, str], bytes, Source]:
    from syncd.portal.api.ranged_download import RangedDownload

    async def allowed() -> None:
        pass

    call: Any = SimpleNamespace(
        request=SimpleNamespace(headers={"range": said} if said else {}), again=again or allowed
    )
    source, sent = Source(data), list[Any]()

    async def work() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        nobody: Any = None
        response = RangedDownload(call, source, len(data), {"Syncd-Modified": "1.5"})
        await response({"type": "http", "method": method}, nobody, send)

    asyncio.run(work())
    headers = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:]), source


@pytest.mark.parametrize(
    ("said", "status", "begin", "end"),
    [("", 200, 0, 256_000), ("bytes=0-", 200, 0, 256_000), ("bytes=1-", 206, 1, 256_000), ("bytes=255999-", 206, 255_999, 256_000),
     ("bytes=10-19", 206, 10, 20), ("bytes=0-999999999", 200, 0, 256_000), ("bytes=5-4", 200, 0, 256_000), ("bytes=0-1,5-6", 200, 0, 256_000),
     ("bytes=-5", 200, 0, 256_000), ("furlongs=1-2", 200, 0, 256_000), ("bytes=" + "9" * 400 + "-", 200, 0, 256_000)],
)  # fmt: skip
def test_what_is_asked_for_comes(portal: Any, said: str, status: int, begin: int, end: int) -> None:
    got, headers, body, source = asked(said)
    assert (got, body) == (status, DATA[begin:end]) and source.closed and source.largest <= 1_000_000
    assert headers["content-length"] == str(end - begin) and headers["syncd-modified"] == "1.5"
    assert headers.get("content-range") == (f"bytes {begin}-{end - 1}/{len(DATA)}" if status == 206 else None)


@pytest.mark.parametrize(("said", "data"), [("bytes=256000-", DATA), ("bytes=9999999-", DATA), ("bytes=1-", b"")])
def test_a_place_beyond_the_end_is_said_to_be_none(portal: Any, said: str, data: bytes) -> None:
    status, headers, body, source = asked(said, data)
    assert (status, body, headers["content-range"]) == (416, b"", f"bytes */{len(data)}") and source.closed


def test_an_empty_version_and_a_question_without_a_body_are_answered(portal: Any) -> None:
    assert asked("", b"")[0::2] == (200, b"")
    status, headers, body, source = asked("bytes=5-", method="HEAD")
    assert (status, body, headers["content-length"]) == (206, b"", str(len(DATA) - 5)) and source.closed


def test_it_is_cut_short_when_the_key_is_revoked(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.core.errors import Refused
    from syncd.portal.api import ranged_download

    monkeypatch.setattr(ranged_download, "LARGEST", 64_000)
    looks = 0

    async def again() -> None:
        nonlocal looks
        looks += 1
        if looks > 2:
            raise Refused("token", "revoked")

    status, _, body, source = asked("", again=again)
    assert status == 200 and body == DATA[:128_000] and source.closed
