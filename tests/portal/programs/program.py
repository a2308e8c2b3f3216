"""Another program: a key, and requests with it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
Asked = queue.SimpleQueue[Any]
HERE: Asked | None = (
    None  # where a request's questions of the database are answered by the test's own thread (conftest.inline)
)

KINDS = ("purchases", "sales", "bank", "tax", "legal", "accounts", "information", "other", "inbox")


def make(cabinet: Any, *scopes: str, **wish: Any) -> str:
    """A key of the cabinet, as its operator makes one: of all clients and of every ordinary kind of folder, unless said."""
    from syncd.portal.programs import keys
    from syncd.portal.rights import Operator, Scope

    given = {
        "name": "ISACOMPTA", "emitter": "", "kinds": frozenset(KINDS), "restricted": False, "reach": [("all", "")], **wish,
    }  # fmt: skip
    given["kinds"] = frozenset(given["kinds"])
    return keys.make(
        Operator(cabinet.id, "x"), keys.Wish(scopes=frozenset(Scope(s) for s in scopes), **given)
    )  # fmt: skip


def served(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What comes of it, the database's questions answered here where that is asked for."""
    if HERE is None:
        return asyncio.run(work())
    here, found = HERE, list[T]()

    def done() -> None:
        try:
            found.append(asyncio.run(work()))
        finally:
            here.put(None)

    thread = threading.Thread(target=done)
    thread.start()
    while (asked := here.get()) is not None:
        function, loop, answer = asked
        try:
            loop.call_soon_threadsafe(answer.set_result, function())
        except Exception as e:
            loop.call_soon_threadsafe(answer.set_exception, e)
    thread.join()
    return found[0]


class Caller:
    """`key` '': none is shown."""

    def __init__(self, key: str, app: Any = None) -> None:
        from syncd.portal.asgi import application

        self.document = ""  # one that there is, where a test says so
        self.key, self.app = key, app or application()
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def line(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        base = "http://localhost/api/v1/programs"
        return httpx.AsyncClient(transport=transport, base_url=base, headers=self.headers, trust_env=False)

    def ask(self, method: str, path: str, *, address: str = "127.0.0.1", **given: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with self.line(address) as line:
                return await line.request(method, path, **given)

        return served(sent)

    def get_all(self, paths: Sequence[str]) -> list[httpx.Response]:
        """One after the other, over one line."""

        async def sent() -> list[httpx.Response]:
            async with self.line() as line:
                return [await line.get(path) for path in paths]

        return served(sent)

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.ask("GET", path, params=params)

    def all_documents(self, **params: Any) -> tuple[list[dict[str, Any]], str]:
        """Every one there is, and the cursor that goes on from there."""
        found: list[dict[str, Any]] = []
        since = ""
        while True:
            page = self.get("/documents", since=since, **params).json()
            found += page["documents"]
            since = page["next"]
            if not page["more"]:
                return found, since
