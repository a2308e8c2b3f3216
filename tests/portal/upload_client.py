"""A person at the data plane, in the test's own process: tus by hand, through the whole application."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx


def signed_in(user: Any) -> dict[str, str]:
    """The headers of a browser whose person is signed in, with the token that forms carry."""
    from django.middleware.csrf import get_token
    from django.test import Client as Browser
    from django.test import RequestFactory

    browser = Browser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    asked = RequestFactory().get("/")
    token = get_token(asked)
    cookies = f"sessionid={browser.cookies['sessionid'].value}; csrftoken={asked.META['CSRF_COOKIE']}"
    return {"Cookie": cookies, "X-CSRFToken": token, "Tus-Resumable": "1.0.0"}


def _raw(text: str) -> bytes:
    """As a header is read: a byte to a character, where that is possible."""
    return text.encode("latin-1" if max(map(ord, text), default=0) < 256 else "utf-8")


class Depositor:
    """`answer.json()["message"]` is what a person reads of a refusal."""

    def __init__(self, user: Any, client: str) -> None:
        from syncd.portal.asgi import application

        self.app = application()
        self.headers, self.client = signed_in(user), client

    def line(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=self.headers)

    async def create(self, folder: str, name: str, length: object, meta: Any = None) -> httpx.Response:
        given = {"client": self.client, "batch": "batch-0001", "folder": folder, "name": name, **(meta or {})}
        said = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in given.items())
        raw = [(b"upload-length", _raw(str(length))), (b"upload-metadata", said.encode())]
        async with self.line() as line:
            return await line.post("/deposit/tus/", headers=httpx.Headers(raw))

    async def patch(self, where: str, offset: int, body: bytes | AsyncIterator[bytes]) -> httpx.Response:
        async with self.line() as line:
            return await line.patch(where, content=body, headers={"Upload-Offset": str(offset)})

    async def ask(self, method: str, where: str) -> httpx.Response:
        async with self.line() as line:
            return await line.request(method, where)

    async def deposit(self, folder: str, name: str, data: bytes, meta: Any = None) -> dict[str, str]:
        """What the portal says of it: number, outcome, path, message."""
        created = await self.create(folder, name, len(data), meta)
        assert created.status_code == 201, created.text
        done = await self.patch(created.headers["location"], 0, data)
        assert done.status_code == 204, done.text
        return self.line_of(done)

    @staticmethod
    def line_of(done: httpx.Response) -> dict[str, str]:
        found: dict[str, str] = json.loads(unquote(done.headers["syncd-deposit"]))
        return found


def blob_path(version_id: str) -> Path:
    """Where the bytes of a version lie: what hurts them does so behind the storage's back."""
    from django.conf import settings

    return Path(settings.BLOBS) / version_id[:2] / version_id


class Engine:
    """A cabinet's engine, asking by hand."""

    def __init__(self, cabinet: Any) -> None:
        from syncd.core.protocol import Caller
        from syncd.portal import rights
        from syncd.portal.asgi import application
        from syncd.portal.sync import changes, engine_keys

        self.app, self.cabinet = application(), cabinet
        lease = changes.hello(rights.Engine(cabinet.id), Caller("engine", "machine", "instance"), None).lease
        key = engine_keys.make(rights.Operator(cabinet.id, "x"))
        self.headers = {"Authorization": f"Bearer {key}", "Syncd-Lease": str(lease), "Syncd-Request": "1"}

    def line(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", headers=self.headers)

    @staticmethod
    def item(client: Any, path: str, data: bytes) -> Any:
        from syncd.core.protocol import PutItem
        from syncd.disk.hashing import content_of

        return PutItem(client.id, path, content_of(data))

    async def put(self, client: Any, documents: dict[str, bytes]) -> Any:
        """A result for each."""
        from syncd.core.protocol import Written
        from syncd.wire import framing
        from syncd.wire.messages import decode

        writer = framing.Writer()
        body = b"".join(b"".join(writer.frame(self.item(client, path, data), data)) for path, data in documents.items())
        async with self.line() as line:
            done = await line.post("/put", content=body + writer.trailer())
        assert done.status_code == 200, done.text
        return decode(done.content, Written).results

    async def create(self, client: Any, path: str, data: bytes) -> httpx.Response:
        from syncd.wire.messages import encode

        said = base64.b64encode(encode(self.item(client, path, data))).decode()
        headers = {"Upload-Length": str(len(data)), "Upload-Metadata": f"item {said}"}
        async with self.line() as line:
            return await line.post("/tus", headers=headers)

    async def put_large(self, client: Any, path: str, data: bytes) -> Any:
        """Its result, whether or not it was refused before it was sent."""
        from syncd.core.protocol import Result, Written
        from syncd.wire.messages import decode

        created = await self.create(client, path, data)
        if created.status_code == 422:
            return decode(created.content, Result)
        async with self.line() as line:
            where = created.headers["location"].removeprefix("/api/v1")
            at = created.headers["upload-offset"]
            done = await line.patch(where, content=data[int(at) :], headers={"Upload-Offset": at})
        assert done.status_code == 200, done.text
        return decode(done.content, Written).results[0]
