"""The way out to an approved platform: checked where it leads at every connection, verified always, never redirected, and at an end."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
from django.conf import settings

from syncd.core import web_address
from syncd.core.flows import Failure
from syncd.core.web_address import Address

SECONDS, PATIENCE = 30.0, 10.0  # of one answer; of one step of it
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "syncd"}
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class Failed(Exception):
    """Nothing came of it. `after`: what the platform says of when to ask again."""

    def __init__(self, failure: Failure, after: str = "") -> None:
        super().__init__(failure)
        self.failure, self.after = failure, after


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def check(text: str) -> Address:
    """An address that may be given: https, and no number of a network that is somebody's own. Raises ValueError."""
    found = web_address.parse(text)
    if not found.secure and not (settings.PLATFORMS_HERE and found.loopback):
        raise ValueError("https")
    try:
        number = ipaddress.ip_address(found.host)
    except ValueError:
        if found.host == "localhost" and not settings.PLATFORMS_HERE:
            raise ValueError("local") from None
        return found
    if not _is_public(number):
        raise ValueError("local")
    return found


def _is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is one of the open network: not ours, and none that leads to ours by a detour."""
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            return _is_public(number.ipv4_mapped)
        if number in _TRANSLATED or number.sixtofour is not None or number.teredo is not None:
            return False
    if settings.PLATFORMS_HERE and number.is_loopback:
        return True
    return number.is_global and not number.is_multicast


class Line:
    """Connections of one pass, used again within it. By one thread. Raises Failed, and nothing else of the network's."""

    def __init__(self) -> None:
        self._until = 0.0
        backend = _Checked(lambda: self._until)
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend, max_connections=4)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, most: int) -> Answer:
        """An answer of `most` bytes."""
        with self.open(method, url, headers, body, most=most) as (status, said, pieces):
            return Answer(status, said, b"".join(pieces))

    @contextlib.contextmanager
    def open(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"", *, most: int, seconds: float = SECONDS
    ) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:  # fmt: skip
        """Status, headers, and the body as it comes."""
        self._until = time.monotonic() + seconds
        steps = dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE)
        sent = [(k.encode(), v.encode()) for k, v in (HEADERS | dict(headers)).items()]
        with _as_failed(), self._pool.stream(method, url, headers=sent, content=body, extensions={"timeout": steps}) as r:  # fmt: skip
            said = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in r.headers}
            if said.get("content-encoding", "identity") != "identity":
                raise Failed(Failure.ODD)
            yield r.status, said, _limited(r.iter_stream(), most)


def _limited(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    came = 0
    for piece in pieces:
        came += len(piece)
        if came > most:
            raise Failed(Failure.LARGE)
        yield piece


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextlib.contextmanager
def _as_failed() -> Iterator[None]:
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError):
        raise Failed(Failure.SLOW) from None
    except ssl.SSLError:
        raise Failed(Failure.CERTIFICATE) from None
    except httpcore.ConnectError as e:
        refused = isinstance(e.args[0] if e.args else None, ssl.SSLError)
        raise Failed(Failure.CERTIFICATE if refused else Failure.UNREACHABLE) from None
    except (httpcore.RemoteProtocolError, httpcore.LocalProtocolError, httpcore.UnsupportedProtocol):
        raise Failed(Failure.ODD) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise Failed(Failure.UNREACHABLE) from None


class _Checked(httpcore.NetworkBackend):
    """Connects to the very number that was looked at: a name that means another one a moment later is of no use."""

    def __init__(self, until: Any) -> None:
        self._plain, self._until = httpcore.SyncBackend(), until

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:  # fmt: skip
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as e:
            raise httpcore.ConnectError(str(e)) from None
        numbers = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if not numbers or not all(_is_public(ipaddress.ip_address(n)) for n in numbers):
            raise Failed(Failure.ADDRESS)
        for n in numbers[:4]:
            try:
                return _Ending(self._plain.connect_tcp(n, port, _left(self._until, timeout)), self._until)
            except httpcore.ConnectError:
                if n == numbers[:4][-1]:
                    raise
        raise httpcore.ConnectError("no address")

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Failed(Failure.ADDRESS)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Ending(httpcore.NetworkStream):
    """A stream in which no step lasts beyond the end of the whole: whoever sends a byte at a time ends, too."""

    def __init__(self, of: httpcore.NetworkStream, until: Any) -> None:
        self._of, self._until = of, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._of.read(max_bytes, _left(self._until, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._of.write(buffer, _left(self._until, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._of.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:  # fmt: skip
        return _Ending(self._of.start_tls(ssl_context, server_hostname, _left(self._until, timeout)), self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._of.get_extra_info(info)


def _left(until: Any, timeout: float | None, ended: type[Exception] = httpcore.ConnectTimeout) -> float:
    left: float = until() - time.monotonic()
    if left <= 0:
        raise ended("the whole took too long")
    return min(left, PATIENCE if timeout is None else timeout)
