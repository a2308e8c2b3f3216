"""What one connection may hold, and for how long: the serving process's own limits, over real sockets (HAZARDS 49)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Ask = Callable[..., socket.socket]
SHORT = 1.0
SOON = 8.0  # seconds: the server looks every second, on a busy machine later


@pytest.fixture
def limits(portal: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from syncd.portal.api import connection_limits

    for name in ("HEAD_SECONDS", "BODY_SECONDS", "TAKEN_SECONDS"):
        monkeypatch.setattr(connection_limits, name, SHORT)
    return connection_limits


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] in ("/echo", "/api/echo"):
        while (await receive()).get("more_body"):
            pass
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * SHORT)
    body = bytes(20_000_000) if scope["path"] == "/large" else b"fine"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for n in range(0, len(body), 64_000):
        await send({"type": "http.response.body", "body": body[n : n + 64_000], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


@contextlib.contextmanager
def serving(most: int, **more: Any) -> Iterator[Ask]:
    """A server of ours around that small application; asked with bytes, it gives the socket (`source`: from where)."""
    import uvicorn

    from syncd.portal.serve import Server

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1, **more)
    ready = threading.Event()
    server = Server(config, ready.set, lambda: None, most)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert ready.wait(10)
    opened: list[socket.socket] = []

    def connect(data: bytes = b"", *, room: int = 0, source: str = "") -> socket.socket:
        sock = socket.socket()
        if source:
            sock.bind((source, 0))
        if room:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        sock.settimeout(SOON)
        sock.connect(listening.getsockname())
        opened.append(sock)
        sock.sendall(data)
        return sock

    try:
        yield connect
    finally:
        for sock in opened:
            sock.close()
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def ask(limits: Any) -> Iterator[Ask]:
    with serving(2000) as connect:
        yield connect


def told(sock: socket.socket) -> bytes:
    """Everything until the other side ends it; the test fails when it does not."""
    out = b""
    with contextlib.suppress(ConnectionError):
        while piece := sock.recv(65536):
            out += piece
    return out


def head(path: str, **more: object) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: here", *(f"{k.replace('_', '-')}: {v}" for k, v in more.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_whoever_asks_for_nothing_or_for_half_is_let_go(ask: Ask) -> None:
    silent, half, lines = ask(), ask(b"GET / HTTP/1.1\r\nHos"), ask()
    begun = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() < begun + SOON:  # no line of it is ever a head
            lines.sendall(b"\r\n")
            time.sleep(0.1)
    assert time.monotonic() < begun + SOON
    assert told(silent) == told(half) == b""


def test_a_head_without_end_is_refused_at_its_limit(ask: Ask) -> None:
    sock, sent = ask(b"GET / HTTP/1.1\r\nHost: here\r\nX-Long: "), 0
    with contextlib.suppress(ConnectionError):
        while sent < 20_000_000:
            sock.sendall(b"a" * 65536)
            sent += 65536
    assert sent < 10_000_000  # what lay in the buffers between the two
    many = ask(b"GET / HTTP/1.1\r\nHost: here\r\n")
    with contextlib.suppress(ConnectionError):
        for n in range(200_000):
            many.sendall(b"X-%d: a\r\n" % n)
        pytest.fail("every line was taken")


def test_what_follows_a_chunked_body_is_not_kept(ask: Ask) -> None:
    sock, sent = ask(head("/echo", Transfer_Encoding="chunked") + b"1\r\na\r\n0\r\nX-Trailer: "), 0
    with contextlib.suppress(ConnectionError):
        while sent < 20_000_000:
            sock.sendall(b"a" * 65536)
            sent += 65536
    assert sent < 10_000_000


def test_a_body_in_crumbs_and_lines_by_the_thousand_are_not_taken_apart(ask: Ask) -> None:
    """Each byte of these costs a hundred times what a byte of a form does."""
    chunked = head("/echo", Transfer_Encoding="chunked")
    crumbs = ask(chunked + b"1\r\na\r\n" * 5_000 + b"0\r\n\r\n")
    assert told(crumbs).startswith(b"HTTP/1.1 400")
    trailers = ask(chunked + b"1\r\na\r\n0\r\n" + b"X-T: a\r\n" * 500 + b"\r\n")
    assert told(trailers).startswith(b"HTTP/1.1 400")
    lines = ask(b"GET / HTTP/1.1\r\nHost: here\r\n" + b"X: a\r\n" * 500 + b"\r\n")
    assert told(lines).startswith(b"HTTP/1.1 400")
    fine = ask(chunked + b"1\r\na\r\n" * 150 + b"1000\r\n" + bytes(4096) + b"\r\n0\r\nX-T: a\r\n\r\n")
    assert fine.recv(100).startswith(b"HTTP/1.1 200")
    typed = ask(head("/echo", Content_Length=1_000))
    typed.sendall(b"a" * 1_000)
    assert typed.recv(100).startswith(b"HTTP/1.1 200")


def test_a_body_that_stops_is_let_go_and_a_slow_one_is_not(ask: Ask) -> None:
    stopped = ask(head("/echo", Content_Length=100) + b"a")
    slow = ask(head("/echo", Content_Length=20))
    engine = ask(head("/api/echo", Content_Length=2) + b"a")
    for _ in range(20):  # longer in all than a pause may be
        slow.sendall(b"a")
        time.sleep(SHORT / 6)
    assert slow.recv(100).startswith(b"HTTP/1.1 200")
    assert told(stopped) == b""
    engine.sendall(b"b")  # it may pause for longer
    assert engine.recv(100).startswith(b"HTTP/1.1 200")


def test_a_long_wait_for_an_answer_is_nobodys_fault(ask: Ask) -> None:
    assert ask(head("/slow", Content_Length=0)).recv(100).startswith(b"HTTP/1.1 200")


def test_a_reader_who_stops_is_let_go_and_a_slow_one_is_not(ask: Ask) -> None:
    stopped = ask(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n", room=4096)
    slow = ask(b"GET /large HTTP/1.1\r\nHost: here\r\n\r\n", room=4096)
    end = time.monotonic() + 4 * SHORT
    while time.monotonic() < end:
        assert slow.recv(200_000)
        time.sleep(0.05)
    rest = told(stopped)
    assert 0 < len(rest) < 20_000_000
    assert slow.recv(100)


def test_what_nobody_wants_any_more_is_listened_to_for_a_while(ask: Ask) -> None:
    for path, most in (("/", 1_000_000), ("/api/v1/put", 32_000_000)):
        sock, sent = ask(head(path, Content_Length=100_000_000)), 0
        with contextlib.suppress(ConnectionError):
            while sent < 100_000_000:
                sock.sendall(bytes(500_000))
                sent += 500_000
        assert most <= sent < most + 20_000_000, path
    whole = ask(head("/", Content_Length=500_000) + bytes(500_000) + head("/", Content_Length=0))
    assert whole.recv(200).startswith(b"HTTP/1.1 200")
    time.sleep(0.2)
    assert b"HTTP/1.1 200" in whole.recv(2000)  # the next request over the same connection


def test_several_requests_sent_together_are_answered_each(ask: Ask) -> None:
    sock = ask(head("/echo", Content_Length=3) + b"abc" + head("/echo", X_Own="b", Content_Length=0) * 2)
    out = b""
    while out.count(b"fine") < 3:
        out += sock.recv(1000)
    assert out.count(b"HTTP/1.1 200") == 3
    flood = ask(head("/slow", Content_Length=0) * 1000)
    assert told(flood).startswith(b"HTTP/1.1 400")


def test_when_all_are_taken_those_that_wait_for_nothing_make_way(limits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 60.0)
    with serving(20) as ask:
        busy = [ask(head("/slow", Content_Length=0)) for _ in range(5)]
        idle = [ask() for _ in range(60)]
        assert ask(head("/echo", Content_Length=0)).recv(100).startswith(b"HTTP/1.1 200")
        assert all(s.recv(100).startswith(b"HTTP/1.1 200") for s in busy)
        assert told(idle[0]) == b""


def test_a_body_that_dribbles_makes_way_and_one_that_comes_does_not(
    limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `expendable` sees them: a byte now and then keeps no place from those who send."""
    monkeypatch.setattr(limits, "WITHHELD", 0.3)
    monkeypatch.setattr(limits, "BODY_SECONDS", 60.0)
    with serving(20) as ask:
        dribbling = [ask(head("/echo", Content_Length=15_000)) for _ in range(19)]
        coming, sent = ask(head("/echo", Content_Length=100_000)), 0
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            for sock in dribbling:
                sock.sendall(b"a")
            coming.sendall(b"a" * 2_000)
            sent += 2_000
            time.sleep(0.1)
        assert ask(head("/echo", Content_Length=0)).recv(100).startswith(b"HTTP/1.1 200")
        coming.sendall(b"a" * (100_000 - sent))
        assert coming.recv(100).startswith(b"HTTP/1.1 200")
