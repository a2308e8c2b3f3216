"""What no request may exceed, whoever it is for."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEADERS = 32_000  # bytes, names and values together
COOKIES = 200  # more than browsers keep of one site: they are taken apart several times


class HeaderLimit:
    """431 for a request whose headers are a document of their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookies = sum(value.count(b";") for name, value in scope.get("headers", ()) if name == b"cookie")
        size = sum(len(name) + len(value) for name, value in scope.get("headers", ())) + len(
            scope.get("raw_path") or b""
        )
        if scope["type"] == "http" and (size > HEADERS or cookies >= COOKIES):
            await PlainTextResponse("headers\n", 431)(scope, receive, send)
            return
        await self._app(scope, receive, send)
