"""One upload over three processes, one of which is killed while it receives: it arrives whole.

A large one, with its figures: `UPLOAD_MB=500 ./scripts/test-services -s tests/services/test_upload_anywhere.py`.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from syncd.core.content import Content
from syncd.core.protocol import PutItem, Written
from syncd.wire.messages import decode, encode
from tests.support import databases
from tests.support.portals import Portals, syncd

MB = 1_000_000
SIZE = int(os.environ.get("UPLOAD_MB", "18")) * MB
PIECE = max(SIZE // 12, 3 * MB)
BLOCK = os.urandom(MB)

pytestmark = pytest.mark.skipif(not databases.S3[""], reason="no servers: ./scripts/test-services")


def body(start: int, end: int) -> Iterator[bytes]:
    """Bytes of the document, whose every block begins with its number."""
    for n in range(start // MB, (end - 1) // MB + 1 if end else 0):
        block = n.to_bytes(8) + BLOCK[8:]
        yield block[max(start - n * MB, 0) : min(end - n * MB, MB)]


def unlimited(database: str) -> str:
    """The client, whose folders take a document of any size."""
    ((client, rules),) = databases.ask(database, "SELECT id, rules FROM portal_client")
    said = json.dumps([{**rule, "max_size": 0} for rule in rules])
    databases.ask(database, "UPDATE portal_client SET rules = %s::jsonb RETURNING id", said)
    return str(client)


def sha256() -> bytes:
    sha = hashlib.sha256()
    for block in body(0, SIZE):
        sha.update(block)
    return sha.digest()


class Sender:
    """`sent`: bytes that went out, those that were lost with a process, too."""

    def __init__(self, three: Portals, where: str, headers: dict[str, str]) -> None:
        self._three, self._where, self._headers = three, where, headers
        self._turn, self.sent = itertools.count(), 0

    def url(self) -> str:
        """Of the next process, as a proxy would choose it."""
        urls = list(self._three.urls.values())
        return urls[next(self._turn) % len(urls)] + self._where

    def offset(self) -> int:
        done = httpx.head(self.url(), headers=self._headers)
        assert done.status_code == 200
        return int(done.headers["Upload-Offset"])

    def patch(self, at: int, upto: int, *, kill: bool = False) -> httpx.Response:
        url = self.url()

        def pieces() -> Iterator[bytes]:
            for n, block in enumerate(body(at, upto)):
                if kill and n == (upto - at) // MB // 2:
                    self._three.kill(next(n for n, own in self._three.urls.items() if url.startswith(own)))
                self.sent += len(block)
                yield block

        given = {**self._headers, "Upload-Offset": str(at), "Content-Length": str(upto - at)}
        return httpx.patch(url, content=pieces(), headers=given, timeout=600)


def test_an_upload_over_three_processes_with_one_killed_arrives_whole(tmp_path: Path) -> None:
    with Portals(tmp_path, 3) as three:
        syncd("portal", "client", "add", three.first, "000001", "Boulangerie", "--template", "commerce")
        headers = three.headers()
        client = unlimited(three.database)
        item = encode(PutItem(client, "Achats/grand.pdf", Content(SIZE, sha256())))
        given = {"Upload-Length": str(SIZE), "Upload-Metadata": f"item {base64.b64encode(item).decode()}"}
        began = time.monotonic()
        created = httpx.post(f"{three.urls[1]}/api/v1/tus", headers={**headers, **given})
        assert created.status_code == 201, created.text
        sender, at = Sender(three, created.headers["Location"], headers), 0
        while at < SIZE:
            upto = min(at + PIECE, SIZE)
            if at >= 5 * PIECE and len(three.urls) == 3:
                with pytest.raises(httpx.HTTPError):
                    sender.patch(at, upto, kill=True)
                at = sender.offset()  # at another one
                continue
            done = sender.patch(at, upto)
            at = int(done.headers.get("Upload-Offset", SIZE))
        took = time.monotonic() - began
        assert done.status_code == 200, done.text
        (result,) = decode(done.content, Written).results
        assert result.ok and result.doc is not None, result
        got = hashlib.sha256()
        for url in three.urls.values():
            whole = got.copy()
            with httpx.stream("GET", f"{url}/api/v1/content/{result.doc.version_id}", headers=headers) as answer:
                for chunk in answer.iter_bytes():
                    whole.update(chunk)
            assert whole.digest() == sha256()
        assert sender.sent < SIZE * 1.35 and len(three.urls) == 2
        assert databases.ask(three.database, "SELECT count(*) FROM portal_uploadpiece") == [(0,)]
        print(f"\n{SIZE // MB} MB in {took:.1f} s, {sender.sent / SIZE:.2f} times sent, at most {three.most_memory() / MB:.0f} MB held")  # fmt: skip
        assert three.most_memory() < 250 * MB
