"""An approved platform of our own, made from the public description of its flow service (XP Z12-013, 1.3.0). No real one is like it.

`python -m tests.support.flow_platform DIR` (or `./scripts/flow-platform DIR`) serves the invoices of a folder, to try by hand.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

IDENT, SECRET = "syncd-client", "s3cr3t/à garder".encode().hex()
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass
class Kept:
    """A flow as the platform holds it. `said`: what its entry says otherwise than usual."""

    id: str
    data: bytes
    name: str = "facture.xml"
    view: bytes | None = None
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    type: str = "SupplierInvoice"
    status: str = "Ok"
    said: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        at = self.updated.strftime(MOMENT)
        return {
            "flowId": self.id, "name": self.name, "flowSyntax": "CII", "flowProfile": "CIUS", "processingRule": "B2B", "processingRuleSource": "Computed",
            "flowType": self.type, "flowDirection": "In", "submittedAt": at, "updatedAt": at, "acknowledgement": {"status": self.status},
            "sha256": hashlib.sha256(self.data).hexdigest(), **self.said,
        }  # fmt: skip


Odd = Callable[[Request], Response | None]


class Platform:
    """`odd`: asked first of each request; what it gives is the answer. `asked`: what came, method and path."""

    def __init__(self, page: int = 100) -> None:
        self.flows: list[Kept] = []
        self.page, self.lasts = page, 3600
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.odd: Odd = lambda _: None
        self.forgotten: set[str] = set()  # cursors that are not known any more
        self.application = Starlette(routes=[
            Route("/token", self._token, methods=["POST"]),
            Route("/flow-service/v1/flows/search", self._search, methods=["POST"]),
            Route("/flow-service/v1/flows/{flow}", self._file),
            Route("/flow-service/v1/healthcheck", self._health),
        ])  # fmt: skip

    def add(self, ident: str, data: bytes, **more: Any) -> Kept:
        kept = Kept(ident, data, **more)
        self.flows.append(kept)
        return kept

    async def _health(self, _: Request) -> Response:
        return Response()

    async def _token(self, request: Request) -> Response:
        if (odd := self._noted(request)) is not None:
            return odd
        import base64

        given = parse_qs((await request.body()).decode())
        pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if given.get("grant_type") != ["client_credentials"] or pair != f"{IDENT}:{SECRET}":
            return JSONResponse({"error": "invalid_client"}, 401)
        token = f"token-{len(self.asked)}-{time.monotonic_ns()}"
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": self.lasts})

    def _noted(self, request: Request) -> Response | None:
        self.asked.append(f"{request.method} {request.url.path}")
        return self.odd(request)

    def _barred(self, request: Request) -> Response | None:
        if (odd := self._noted(request)) is not None:
            return odd
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return JSONResponse({"errorCode": "MISSING_TOKEN"}, 401)
        return None

    async def _search(self, request: Request) -> Response:
        if (odd := self._barred(request)) is not None:
            return odd
        asked = json.loads(await request.body())
        self.bodies.append(asked)
        where, limit = asked["where"], min(asked.get("limit", 25), self.page)
        if not where or limit > 100:
            return JSONResponse({"errorCode": "MISSING_REQUIRED_FIELD"}, 400)
        cursor = asked.get("cursor", "")
        if cursor in self.forgotten:
            return JSONResponse({"errorCode": "UNKNOWN_CURSOR"}, 400)
        after = where.get("updatedAfter")
        found = sorted(
            (f for f in self.flows if f.type in where["flowType"] or f.said), key=lambda f: (f.updated, f.id)
        )
        if after:
            found = [f for f in found if f.updated > datetime.strptime(after, MOMENT).replace(tzinfo=UTC)]
        at = int(cursor.removeprefix("c")) if cursor else 0
        more = {"nextCursor": f"c{at + limit}"} if at + limit < len(found) else {}
        return JSONResponse({"limit": limit, "results": [f.entry() for f in found[at : at + limit]], **more})

    async def _file(self, request: Request) -> Response:
        if (odd := self._barred(request)) is not None:
            return odd
        kept = next((f for f in self.flows if f.id == request.path_params["flow"]), None)
        kind = request.query_params.get("docType", "Metadata")
        if kept is not None and kind == "Metadata":
            return JSONResponse(kept.entry())
        data = None if kept is None else {"Original": kept.data, "ReadableView": kept.view}.get(kind)
        if data is None:
            return JSONResponse({"errorCode": "NOT_FOUND"}, 404)
        return Response(data, media_type="application/octet-stream")


@contextlib.contextmanager
def serving(platform: Platform, port: int = 0, **options: Any) -> Iterator[str]:
    """Its address, until the end."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    config = uvicorn.Config(platform.application, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1, **options)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    scheme = "https" if "ssl_certfile" in options else "http"
    yield f"{scheme}://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def main() -> int:
    import argparse

    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--port", type=int, default=8090)
    given = asked.parse_args()
    platform, now = Platform(), datetime.now(UTC)
    for n, path in enumerate(sorted(p for p in given.folder.rglob("*") if p.suffix.lower() in (".xml", ".pdf"))):
        platform.add(f"flow-{n:04}", path.read_bytes(), name=path.name, updated=now - timedelta(minutes=n))
    with serving(platform, given.port) as address:
        print(f"{len(platform.flows)} flows. Start the portal with SYNCD_PORTAL_PLATFORMS_HERE=yes, and give it:")
        print(
            f"  address        {address}/flow-service\n  token address  {address}/token\n  identifier     {IDENT}\n  secret         {SECRET}"
        )
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
