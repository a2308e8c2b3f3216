"""Whatever an address looks like, nobody gets the key whose certificate is not to be believed."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from syncd.config.load import loads
from syncd.core import web_address
from syncd.core.errors import Unreachable
from syncd.core.protocol import Caller
from syncd.remote import health_check, trust
from syncd.wiring import assembly


def _openssl(*args: str) -> None:
    subprocess.run(["openssl", *args], check=True, capture_output=True)


_NEW = (
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-subj",
    "/CN=syncd tests",
)


def signed(at: Path, names: str, authority: Path | None = None, *, over: bool = False) -> Path:
    """A certificate with its key in one file: self-signed, or by `authority`; `over`: of the past."""
    by = ["-CA", str(authority), "-CAkey", str(authority)] if authority else []
    ca = [] if authority else ["-addext", "basicConstraints=critical,CA:TRUE"]
    _openssl(*_NEW, "-addext", f"subjectAltName={names}", *ca, *by, "-keyout", f"{at}.key", "-out", f"{at}.crt")
    if over:
        asked = [
            "-x509toreq",
            "-in",
            f"{at}.crt",
            "-signkey",
            f"{at}.key",
            "-copy_extensions",
            "copyall",
            "-out",
            f"{at}.csr",
        ]
        _openssl("x509", *asked)
        _openssl(
            "x509", "-req", "-in", f"{at}.csr", "-days", "-1", "-copy_extensions", "copyall", *by, "-out", f"{at}.crt"
        )
    at.write_text(Path(f"{at}.key").read_text() + Path(f"{at}.crt").read_text())
    return at


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed(tmp_path_factory.mktemp("ca") / "ca.pem", "DNS:authority.example.fr")


class Answers:
    """Takes TLS connections with one certificate, says who it is, and keeps what was asked."""

    def __init__(self, certificate: Path | None) -> None:
        self.asked: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._context and certificate:
            self._context.load_cert_chain(certificate)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain = self._socket.accept()[0]
            except OSError:
                return
            try:
                line = self._context.wrap_socket(plain, server_side=True) if self._context else plain
                asked = line.recv(65536)
                while self._context and asked and not asked.endswith(b"}"):
                    asked += line.recv(65536)
                if asked:
                    self.asked.append(asked)
                    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
                line.close()
            except OSError:
                plain.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def answers() -> Iterator[Callable[[Path | None], Answers]]:
    made: list[Answers] = []

    def make(certificate: Path | None) -> Answers:
        made.append(Answers(certificate))
        return made[-1]

    yield make
    for server in made:
        server.close()


def hello(url: str, tmp_path: Path, ca_file: Path | None = None) -> Unreachable:
    """What a run says that is configured for `url`."""
    key = tmp_path / "key"
    key.write_text("a" * 64)
    text = "[mirror]\n" + "".join(f"{k} = '{tmp_path / k}'\n" for k in ("root", "state", "logs"))
    text += f"[portal]\nurl = '{url}'\ntoken_file = '{key}'\n" + (f"ca_file = '{ca_file}'\n" if ca_file else "")
    config = loads(text, "syncd.toml", {})

    async def ask() -> None:
        remote = assembly.remote(config)
        try:
            await remote.hello(Caller("", "", "", lease=False), None)
        finally:
            await remote.close()

    with pytest.raises(Unreachable) as caught:
        asyncio.run(ask())
    assert caught.value.exit_code == 6
    return caught.value


SPELLINGS = [
    "https://localhost:{port}", "HTTPS://localhost:{port}", "Https://localhost:{port}", "hTTpS://LOCALHOST:{port}/",
    "  https://localhost:{port} ", " HTTPS://localhost:{port}", "HTTPS://127.0.0.1:{port}", "HTTPS://localhost:{port}/portail",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_self_signed_certificate_is_refused_under_each_spelling(
    spelling: str, tmp_path: Path, answers: Callable[[Path | None], Answers]
) -> None:
    server = answers(signed(tmp_path / "own.pem", "DNS:localhost,IP:127.0.0.1"))
    said = hello(spelling.format(port=server.port), tmp_path)
    assert "self-signed" in said.message and not server.asked
    health_check.ping(spelling.format(port=server.port), "", {})
    assert not server.asked


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_authority_of_ones_own_is_believed_when_it_is_named(
    spelling: str, tmp_path: Path, authority: Path, answers: Callable[[Path | None], Answers]
) -> None:
    server = answers(signed(tmp_path / "leaf.pem", "DNS:localhost,IP:127.0.0.1", authority))
    assert "is not the portal" in hello(spelling.format(port=server.port), tmp_path, authority).message
    assert len(server.asked) == 1  # it was believed, and is no portal


def test_the_systems_own_store_is_used(
    tmp_path: Path, authority: Path, answers: Callable[[Path | None], Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # where OpenSSL looks
    server = answers(signed(tmp_path / "leaf.pem", "DNS:localhost", authority))
    assert "is not the portal" in hello(f"HTTPS://localhost:{server.port}", tmp_path).message


@pytest.mark.parametrize(("system", "known"), [("linux", 1), ("win32", 100)])
def test_authorities_that_windows_has_yet_to_meet_count_there(
    system: str, known: int, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lists the few that its own programs met, and fetches the others when they do."""
    few = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    few.load_verify_locations(authority)
    monkeypatch.setattr(ssl, "create_default_context", lambda: few)
    monkeypatch.setattr(sys, "platform", system)
    found = trust.trusted(web_address.parse("https://p.example.fr"), None).cert_store_stats()["x509_ca"]
    assert found == known if known == 1 else found > known


@pytest.mark.parametrize(
    ("names", "over", "said"), [("DNS:autre.example.fr", False, "for another name"), ("DNS:localhost", True, "expired")]
)
def test_what_is_wrong_with_a_certificate_is_named(
    names: str, over: bool, said: str, tmp_path: Path, authority: Path, answers: Callable[[Path | None], Answers]
) -> None:
    server = answers(signed(tmp_path / "leaf.pem", names, authority, over=over))
    found = hello(f"https://localhost:{server.port}", tmp_path, authority)
    assert said in found.message and "ca_file" in found.mend and not server.asked
    assert found.reason == ("certificate_expired" if over else "certificate_name")


def test_an_unknown_authority_and_a_port_without_tls_are_named(
    tmp_path: Path, authority: Path, answers: Callable[[Path | None], Answers]
) -> None:
    server = answers(signed(tmp_path / "leaf.pem", "DNS:localhost", authority))
    unknown = hello(f"https://localhost:{server.port}", tmp_path)
    assert "authority is not known" in unknown.message and unknown.reason == "certificate_unknown"
    assert not server.asked
    plain = answers(None)
    no_tls = hello(f"https://localhost:{plain.port}", tmp_path)
    assert "speaks no TLS" in no_tls.message and no_tls.reason == "no_tls"
    assert not any(b"Bearer" in asked for asked in plain.asked)


def test_there_is_no_context_that_lets_anything_pass() -> None:
    from syncd.core.web_address import parse

    for text in ("http://localhost", "HTTP://localhost", "https://localhost", "HTTPS://localhost"):
        context = trust.trusted(parse(text), None)
        assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
