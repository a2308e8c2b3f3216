"""Engines of many cabinets in one process: `python -m measure.simulated_engines URLS UNTIL < cabinets > done`.

Each asks, in turn: whether anything moved, a listing, a batch of three documents, two versions again. What was acknowledged is
printed as it comes, a line of JSON each: nothing of it may be missing afterwards. `URLS`: a file with the processes' addresses.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import msgspec

from measure.cabinet_rows import body


class Engine:
    def __init__(self, line: httpx.AsyncClient, urls: Path, about: dict[str, Any], counts: Counter[str]) -> None:
        self._line, self._urls, self._about, self._counts = line, urls, about, counts
        self._headers = {"Authorization": f"Bearer {about['key']}"}
        self._number = 0

    async def ask(self, path: str, content: bytes | None, *, writes: bool = False) -> httpx.Response | None:
        """From whichever process; None: that one was killed, or says that it cannot now. Asked again by the caller."""
        urls = self._urls.read_text().split()
        headers = dict(self._headers)
        if writes:
            self._number += 1
            headers["Syncd-Request"] = str(self._number)
        began = time.monotonic()
        try:
            method = "GET" if content is None else "POST"
            done = await self._line.request(
                method, random.choice(urls) + "/api/v1" + path, content=content, headers=headers
            )
        except httpx.HTTPError:
            self._counts["cut"] += 1
            await asyncio.sleep(0.5)
            return None
        self._counts[f"{done.status_code}"] += 1
        self._counts["microseconds"] += int((time.monotonic() - began) * 1e6)
        if done.status_code >= 500:
            await asyncio.sleep(1.0)
            return None
        assert done.status_code == 200, (path, done.status_code, done.text)
        return done

    async def hello(self) -> None:
        said = msgspec.json.encode(
            {
                "protocol": 1,
                "caller": {"engine": "e", "machine": "m", "instance": self._about["cabinet"]},
                "cursor": None,
            }
        )
        while (done := await self.ask("/hello", said)) is None:
            pass
        self.cursor = done.json()["cursor"]
        self._headers["Syncd-Lease"] = str(done.json()["lease"])

    async def live(self, until: float) -> None:
        await self.hello()
        while time.time() < until:
            await self.turn()

    async def turn(self) -> None:
        from syncd.core.protocol import PutItem, Written
        from syncd.disk.hashing import content_of
        from syncd.wire import framing
        from syncd.wire.messages import decode

        client = random.choice(self._about["clients"])
        said = {"protocol": 1, "instance": self._about["cabinet"], "cursor": self.cursor, "wait": 2.0}
        if (done := await self.ask("/poll", msgspec.json.encode(said))) is not None:
            self.cursor = done.json()["cursor"]
        writer, data = framing.Writer(), [os.urandom(3_000) for _ in range(3)]
        items = [PutItem(client, f"Achats/{one[:8].hex()}.pdf", content_of(one)) for one in data]
        frames = b"".join(b"".join(writer.frame(i, d)) for i, d in zip(items, data, strict=True)) + writer.trailer()
        if (done := await self.ask("/put", frames, writes=True)) is not None:
            for item, result in zip(items, decode(done.content, Written).results, strict=True):
                assert result.ok and result.doc is not None, result
                print(json.dumps({"version": result.doc.version_id, "sha256": item.content.sha256.hex()}), flush=True)
                self._counts["stored"] += 1
        for version in random.sample(self._about["versions"], 2):
            if (done := await self.ask(f"/content/{version}", None)) is not None:
                assert done.content == body(version), version
                self._counts["read"] += 1


async def work(urls: Path, until: float) -> None:
    counts = Counter[str]()
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as line:
        engines = [Engine(line, urls, json.loads(one), counts) for one in sys.stdin]
        await asyncio.gather(*(e.live(until) for e in engines))
    print(json.dumps({"counts": counts}), flush=True)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), float(sys.argv[2])))
