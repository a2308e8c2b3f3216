"""Between ASGI and the pages: no thread waits for whoever sends or reads (HAZARDS 49)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SIGNED_IN = "somebody"


class Asked:
    """One request by hand: `say` sends a piece of the body, `told` is what was answered so far."""

    def __init__(
        self, pages: Any, method: str, path: str, *headers: tuple[str, str], slow: bool = False, address: str = "x"
    ) -> None:
        raw = [(k.encode(), v.encode()) for k, v in headers]
        self.scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": raw, "scheme": "http", "root_path": "", "asgi": {"spec_version": "2.3"}, "server": ("here", 80), "client": (address, 1),
        }  # fmt: skip
        self._coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        self.asked, self.drained = 0, asyncio.Event()
        if not slow:
            self.drained.set()
        self.task = asyncio.ensure_future(pages(self.scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        self.asked += 1
        return await self._coming.get()

    async def _send(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        await self.drained.wait()

    def say(self, body: bytes, more: bool = False) -> Asked:
        self._coming.put_nowait({"type": "http.request", "body": body, "more_body": more})
        return self

    def hang_up(self) -> None:
        self._coming.put_nowait({"type": "http.disconnect"})

    async def done(self) -> Asked:
        await asyncio.wait_for(self.task, 20)
        return self

    @property
    def status(self) -> int:
        return int(self.told[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.told[1:])

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode(): v.decode("latin-1") for k, v in self.told[0]["headers"]}


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    size = environ["CONTENT_LENGTH"]
    return [f"{size}:".encode(), environ["wsgi.input"].read(int(size))]


@pytest.fixture
def whose(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is signed in whose cookie says so."""
    from syncd.portal.api import form_bodies

    def asked(scope: Any) -> str:
        return SIGNED_IN if (b"cookie", b"in") in scope["headers"] else ""

    monkeypatch.setattr(form_bodies, "_whose", asked)


def test_what_does_not_come_and_who_does_not_read_hold_no_thread(whose: None, tmp_path: Path) -> None:
    from syncd.portal.api.wsgi_bridge import Pages

    big = tmp_path / "big"
    big.write_bytes(bytes(3_000_000))

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/big":
            start("200 OK", [("Content-Length", "3000000"), ("Accept-Ranges", "bytes")])
            return environ["wsgi.file_wrapper"](big.open("rb"), 4096)
        return echo(environ, start)

    async def work() -> None:
        pages = Pages(app)
        withheld = [Asked(pages, "POST", "/connexion").say(b"a", more=True) for _ in range(50)]
        readers = [Asked(pages, "GET", "/big", slow=True).say(b"") for _ in range(50)]
        while not all(r.told for r in readers):
            await asyncio.sleep(0.01)
        for path in ("/", "/connexion", "/big"):
            assert (await Asked(pages, "POST", path).say(b"b").done()).status == 200
        await pages.answers()
        for asked in withheld:
            asked.say(b"b")
            assert (await asked.done()).body == b"2:ab"
        for reader in readers:
            reader.drained.set()
            assert (await reader.done()).body == bytes(3_000_000)

    asyncio.run(work())


def test_strangers_send_little_and_people_what_a_page_takes(
    whose: None, portal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.api import form_bodies
    from syncd.portal.api.wsgi_bridge import Pages

    (sheet, _), (deposit, size) = form_bodies._LARGER
    assert size == 1_000_000_000
    monkeypatch.setattr(form_bodies, "_LARGER", ((sheet, 25_000_000), (deposit, 5_000_000)))

    async def work() -> None:
        pages, mine, piece = Pages(echo), ("cookie", "in"), bytes(100_000)
        announced = await Asked(pages, "POST", "/connexion", ("content-length", "100000000")).done()
        assert announced.status == 413 and announced.asked == 0 and "volumineux" in announced.body.decode()
        chunked = Asked(pages, "POST", "/connexion")
        for _ in range(3):
            chunked.say(piece, more=True)
        assert (await chunked.done()).status == 413 and chunked.asked == 1
        for path, most in (("/clients/x", 2_600_000), ("/dossiers/1/deposer/Achats/TVA", 5_000_000)):
            fine, over = (Asked(pages, "POST", path, mine) for _ in "ab")
            for _ in range(most // len(piece) - 1):
                fine.say(piece, more=True)
                over.say(piece, more=True)
            assert len((await fine.say(piece).done()).body) == most + 8 and fine.status == 200
            assert (await over.say(piece, more=True).say(b"a").done()).status == 413
        assert not [p for p in (portal / "uploads").iterdir() if not p.name.startswith("import-")]
        wrong = (
            await Asked(pages, "POST", "/", mine, ("content-length", "1"), ("transfer-encoding", "x"))
            .say(b"abc")
            .done()
        )
        assert wrong.body == b"3:abc"  # what came counts, not what was announced

    asyncio.run(work())


def test_a_body_has_its_time_and_one_person_a_few_at_once(whose: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.api import form_bodies
    from syncd.portal.api.wsgi_bridge import Pages

    async def work() -> None:
        pages, mine = Pages(echo), ("cookie", "in")
        large = [Asked(pages, "POST", "/", mine, ("content-length", "100000")) for _ in range(5)]
        over = (await large[-1].done()).status
        assert over == 429 and not any(a.task.done() for a in large[:-1])
        monkeypatch.setattr(form_bodies, "GRACE", 0.1)
        stopped = await Asked(pages, "POST", "/connexion").say(b"a", more=True).done()
        assert stopped.status == 408 and stopped.headers["connection"] == "close"
        for asked in large[:-1]:
            asked.hang_up()
            assert not (await asked.done()).told
        again = Asked(pages, "POST", "/", mine, ("content-length", "100000")).say(bytes(100_000))
        assert (await again.done()).status == 200

    asyncio.run(work())


def test_who_hung_up_is_not_asked_for_and_a_queue_has_an_end(whose: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.api import fair_queue, health, wsgi_bridge

    monkeypatch.setattr(fair_queue, "WAITING", 20)
    monkeypatch.setattr(health, "HEALTHY", 0.3)
    gate, ran = threading.Event(), list[str]()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        ran.append(environ["HTTP_X_NAME"])
        gate.wait(20)
        return echo(environ, start)

    async def work() -> None:
        pages = wsgi_bridge.Pages(app)
        asked = [Asked(pages, "GET", "/", ("x-name", str(n)), address=f"10.0.0.{n}").say(b"") for n in range(21)]
        assert (await asked[-1].done()).status == 503
        asked[15].hang_up()
        await asked[15].done()
        said: Any = await health.Health(pages).answer(None)  # type: ignore[arg-type]
        assert said.status_code == 503 and b"pages\n" in said.body
        gate.set()
        for n in range(20):
            await asked[n].done()
        assert "15" not in ran and len(ran) == 19

    asyncio.run(work())


def test_ranges_of_a_document_and_headers_that_look_like_a_proxys(whose: None, tmp_path: Path) -> None:
    from syncd.portal.api.wsgi_bridge import Pages

    video = tmp_path / "video"
    video.write_bytes(bytes(range(256)) * 4)
    closed = list[int]()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        assert "HTTP_X_FORWARDED_PROTO" not in environ
        start(
            "200 OK",
            [("Content-Type", "video/mp4"), ("Content-Length", "1024"), ("Accept-Ranges", "bytes"), ("X-Own", "é")],
        )
        wrapped = environ["wsgi.file_wrapper"](video.open("rb"), 4096)
        whole = wrapped.close

        def close() -> None:
            closed.append(1)
            whole()

        wrapped.close = close
        return wrapped

    async def work() -> None:
        pages = Pages(app)

        async def ask(wanted: str) -> Asked:
            return await Asked(pages, "GET", "/x", ("range", wanted), ("x_forwarded_proto", "https")).say(b"").done()

        part = await ask("bytes=10-19")
        assert (part.status, part.body) == (206, bytes(range(10, 20)))
        assert part.headers["content-range"] == "bytes 10-19/1024" and part.headers["content-type"] == "video/mp4"
        assert (await ask("bytes=-4")).body == bytes((252, 253, 254, 255))
        assert (await ask("bytes=2000-")).status == 416
        assert len(closed) == 3

    asyncio.run(work())
