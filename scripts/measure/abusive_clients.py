"""One kind of abuse, of the portal on this very machine: `python -m measure.abusive_clients KIND PORT SECONDS COUNT COOKIE TOKEN PATH [tls]`.

Bounded in count and time; says `begun` once all are at it, and how many answers of which status came at its end.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import random
import resource
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

HOST = "127.0.0.1"  # nowhere else, whatever is asked for
FROM = "127.0.0.2"  # not where the honest person is, nor where a proxy might be
MOST, LONGEST = 2_100, 120.0


@dataclass
class Abuse:
    """`cookie` and `token` are of somebody signed in, for what only such a person can do; `path` is what is fetched."""

    port: int
    until: float
    cookie: str
    token: str
    path: str
    tls: ssl.SSLContext | None = None
    said: Counter[str] = field(default_factory=Counter)

    async def connect(self, small: bool = False) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = socket.socket()
        sock.setblocking(False)
        if sys.platform == "linux":  # elsewhere the loopback has one address
            sock.bind((FROM, 0))
        if small:  # little is taken ahead of the reader
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.get_running_loop().sock_connect(sock, (HOST, self.port))
        if self.tls is None:
            return await asyncio.open_connection(sock=sock, limit=2048)
        return await asyncio.open_connection(sock=sock, limit=2048, ssl=self.tls, server_hostname=HOST)

    def head(self, method: str, path: str, **more: object) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", f"Cookie: {self.cookie}"]
        if self.tls is not None:
            lines.append(f"Origin: https://{HOST}:{self.port}")
        lines += [f"{k.replace('_', '-')}: {v}" for k, v in more.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def answer(self, reader: asyncio.StreamReader) -> bool:
        """Counts the status of what comes. False when nothing did."""
        line = await reader.readline()
        self.said[line.split(b" ")[1].decode() if line.count(b" ") else "cut"] += 1
        return bool(line)


async def bodies(a: Abuse, n: int) -> None:
    """A form of which one byte comes."""
    reader, writer = await a.connect()
    writer.write(
        a.head("POST", "/connexion", Content_Type="application/x-www-form-urlencoded", Content_Length=1000) + b"c"
    )
    await a.answer(reader)
    writer.close()


async def dribbles(a: Abuse, n: int) -> None:
    """A form that comes, a byte every two seconds."""
    reader, writer = await a.connect()
    writer.write(a.head("POST", "/connexion", Content_Type="application/x-www-form-urlencoded", Content_Length=15_000))
    answer = asyncio.ensure_future(a.answer(reader))
    try:
        while not answer.done():
            writer.write(b"c")
            await writer.drain()
            await asyncio.wait([answer], timeout=2)
        await answer
    finally:
        answer.cancel()
        writer.close()


async def polls(a: Abuse, n: int) -> None:
    """An engine's long-poll. `path`: what it asks; `token`: its key."""
    reader, writer = await a.connect()
    said = {"Authorization": f"Bearer {a.token}", "Content_Type": "application/json", "Content_Length": len(a.path)}
    writer.write(a.head("POST", "/api/v1/poll", Connection="close", **said) + a.path.encode())
    await a.answer(reader)
    writer.close()


async def readers(a: Abuse, n: int) -> None:
    """A document of which a few bytes are taken a second."""
    reader, writer = await a.connect(small=True)
    writer.write(a.head("GET", a.path))
    await a.answer(reader)
    while await reader.read(50):  # noqa: ASYNC110  # slow is what it is
        await asyncio.sleep(1)
    writer.close()


async def archives(a: Abuse, n: int) -> None:
    """The same archive again and again, as fast as it comes."""
    reader, writer = await a.connect()
    writer.write(a.head("GET", a.path, Connection="close"))
    await a.answer(reader)
    while await reader.read(65536):
        pass
    writer.close()
    await asyncio.sleep(0.5)


async def passwords(a: Abuse, n: int) -> None:
    reader, writer = await a.connect()
    form = f"csrfmiddlewaretoken={a.token}&login=quelqu.un.{n}.{time.monotonic()}&password=un+mot+de+passe".encode()
    head = a.head(
        "POST",
        "/connexion",
        Content_Type="application/x-www-form-urlencoded",
        Content_Length=len(form),
        Connection="close",
    )
    writer.write(head + form)
    await a.answer(reader)
    while await reader.read(65536):
        pass
    writer.close()


async def searches(a: Abuse, n: int) -> None:
    """What a page asks most of the database for."""
    reader, writer = await a.connect()
    writer.write(a.head("GET", f"/recherche?q=document+{n}", Connection="close"))
    await a.answer(reader)
    while await reader.read(65536):
        pass
    writer.close()


async def idle(a: Abuse, n: int) -> None:
    reader, writer = await a.connect()
    await reader.read(1)
    a.said["cut"] += 1
    writer.close()


async def headers(a: Abuse, n: int) -> None:
    """A head without an end, 100 MB at most."""
    reader, writer = await a.connect()
    writer.write(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Long: ".encode())
    for _ in range(1600):
        writer.write(b"a" * 65536)
        await writer.drain()
    await a.answer(reader)
    writer.close()


async def uploads(a: Abuse, n: int) -> None:
    """An upload of which half a megabyte comes, and then nothing more. `path`: the uploads that were begun."""
    where = a.path.split(",")
    reader, writer = await a.connect()
    writer.write(
        a.head("PATCH", where[n % len(where)], X_CSRFToken=a.token, Upload_Offset=0, Content_Length=4_000_000)
        + bytes(500_000)
    )
    await a.answer(reader)
    writer.close()
    await asyncio.sleep(1)


async def heads(a: Abuse, n: int) -> None:
    """A head that comes, a line every two seconds."""
    reader, writer = await a.connect()
    writer.write(f"GET /connexion HTTP/1.1\r\nHost: {HOST}\r\n".encode())
    answer = asyncio.ensure_future(a.answer(reader))
    try:
        while not answer.done():
            writer.write(b"X-Slow: a\r\n")
            await writer.drain()
            await asyncio.wait([answer], timeout=2)
        await answer
    finally:
        answer.cancel()
        writer.close()


async def _whole(a: Abuse, request: bytes) -> None:
    """One request, and its answer to the end."""
    reader, writer = await a.connect()
    writer.write(request)
    await a.answer(reader)
    while await reader.read(65536):
        pass
    writer.close()


async def pipelines(a: Abuse, n: int) -> None:
    """Twenty pages asked for together over one connection."""
    await _whole(a, a.head("GET", "/connexion") * 19 + a.head("GET", "/connexion", Connection="close"))


async def cookies(a: Abuse, n: int) -> None:
    """A head that is nothing but cookies: names by the thousand."""
    own, a.cookie = a.cookie, "; ".join(f"{k:x}=1" for k in range(4_000))
    head = a.head("GET", "/connexion", Connection="close")
    a.cookie = own
    await _whole(a, head)


async def parameters(a: Abuse, n: int) -> None:
    """An address that is nothing but parameters."""
    await _whole(a, a.head("GET", "/connexion?" + "&".join(f"{k:x}=1" for k in range(4_000)), Connection="close"))


async def sessions(a: Abuse, n: int) -> None:
    """A page, each time by another session that is none."""
    own, a.cookie = a.cookie, f"sessionid={random.randbytes(16).hex()}"
    head = a.head("GET", "/mode-d-emploi", Connection="close")
    a.cookie = own
    await _whole(a, head)


async def trailers(a: Abuse, n: int) -> None:
    """A form in pieces of a byte, with lines behind it."""
    head = a.head("POST", "/connexion", Content_Type="application/x-www-form-urlencoded", Transfer_Encoding="chunked", Connection="close")  # fmt: skip
    await _whole(a, head + b"1\r\na\r\n" * 5_000 + b"0\r\n" + b"X-Trailer: a\r\n" * 2_000 + b"\r\n")


async def ranges(a: Abuse, n: int) -> None:
    """Thousands of parts of one document."""
    parts = ",".join(f"{k * 2_000}-{k * 2_000 + 9}" for k in range(2_000))
    await _whole(a, a.head("GET", a.path, Range=f"bytes={parts}", Connection="close"))


async def words(a: Abuse, n: int) -> None:
    """A search for ten thousand characters, none of them a word that is there."""
    await _whole(a, a.head("GET", "/recherche?q=" + "+".join(f"a{k % 10}{k:x}%25_" for k in range(1_200)), Connection="close"))  # fmt: skip


async def pictures(a: Abuse, n: int) -> None:
    """Pictures of documents, each another. `path`: their addresses."""
    where = a.path.split(",")
    await _whole(a, a.head("GET", where[(n + int(time.monotonic() * 50)) % len(where)], Connection="close"))


async def begun(a: Abuse, n: int) -> None:
    """An upload that is announced, and left."""
    about = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in (
        ("client", "000001"), ("folder", "Achats"), ("name", f"{n} {time.monotonic()}.pdf"), ("batch", "batch-of-a-bench"),
    ))  # fmt: skip
    sent = {"X_CSRFToken": a.token, "Upload_Length": 4_000_000, "Upload_Metadata": about, "Tus_Resumable": "1.0.0"}
    await _whole(a, a.head("POST", "/deposit/tus/", Content_Length=0, Connection="close", **sent))


async def program(a: Abuse, n: int) -> None:
    """A program's requests, one after the other over one line, as fast as they are answered. `token`: its key."""
    reader, writer = await a.connect()
    asked = a.head("GET", "/api/v1/programs/clients", Authorization=f"Bearer {a.token}")
    while True:
        writer.write(asked)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        a.said[head.split(" ", 2)[1]] += 1
        await reader.readexactly(int(head.split("content-length: ", 1)[1].split("\r\n", 1)[0]))


KINDS: dict[str, Callable[[Abuse, int], Awaitable[None]]] = {
    f.__name__: f
    for f in (
        bodies, dribbles, polls, readers, archives, passwords, searches, idle, headers, uploads, heads, pipelines, cookies,
        parameters, sessions, trailers, ranges, words, pictures, begun, program,
    )
}  # fmt: skip


async def _again(what: Callable[[Abuse, int], Awaitable[None]], abuse: Abuse, n: int) -> None:
    while (left := abuse.until - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left):
                await what(abuse, n)
        except TimeoutError:
            return
        except OSError:
            abuse.said["cut"] += 1
        await asyncio.sleep(0.1)


async def main(
    kind: str, port: int, seconds: float, count: int, cookie: str, token: str, path: str, tls: str = ""
) -> None:
    context = ssl._create_unverified_context() if tls else None
    abuse = Abuse(port, time.monotonic() + min(seconds, LONGEST), cookie, token, path, context)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8_192), most))
    tasks = [asyncio.ensure_future(_again(KINDS[kind], abuse, n)) for n in range(min(count, MOST))]
    await asyncio.sleep(1.0)
    print("begun", flush=True)
    await asyncio.gather(*tasks)
    print(", ".join(f"{n} × {status}" for status, n in abuse.said.most_common()), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:9]))
