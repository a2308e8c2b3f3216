"""One remote address has a share of the connections, whatever it does with them (HAZARDS 49)."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import uvloop

from syncd.portal.api import acceptor, address_shares
from syncd.portal.api.address_shares import Shares, network
from tests.portal.test_connection_limits import Ask, head, limits, serving, told
from tests.remote.test_certificates import signed

__all__ = ["limits"]
STRANGER, OTHER = "127.0.0.2", "127.0.0.3"  # addresses that no proxy has
FORM = head("/echo", Content_Length=15_000)


def served(ask: Ask, source: str = "", **headers: object) -> bool:
    sock = ask(head("/echo", Content_Length=0, **headers), source=source)
    with contextlib.suppress(ConnectionError):
        return sock.recv(100).startswith(b"HTTP/1.1 200")
    return False


def test_forms_that_dribble_and_are_opened_anew_keep_nobody_else_out(limits: Any) -> None:
    """Each sends a byte now and then, so none of them makes way; whatever is cut comes back at once."""
    with serving(20) as ask:
        dribbling = [ask(FORM, source=STRANGER) for _ in range(60)]
        for _ in range(5):
            for n, sock in enumerate(dribbling):
                try:
                    sock.sendall(b"a")
                except OSError:
                    dribbling[n] = ask(source=STRANGER)
            assert served(ask) and served(ask, OTHER)


def test_whoever_has_too_many_is_told_and_the_journal_says_so_once(
    limits: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_shares, "HOPELESS", 0.0)
    caplog.set_level(logging.WARNING, address_shares.LOG.name)
    with serving(20) as ask:
        slow = [ask(head("/slow", Content_Length=0), source=STRANGER) for _ in range(10)]
        refused = [ask(source=STRANGER) for _ in range(20)]
        assert all(told(s).startswith(b"HTTP/1.1 503") for s in refused)
        assert all(s.recv(100).startswith(b"HTTP/1.1 200") for s in slow)  # whoever is served is not cut
        until = time.monotonic() + 8
        while not caplog.messages and time.monotonic() < until:
            time.sleep(0.05)
        told(ask(source=STRANGER))
    (line,) = caplog.messages
    assert line.startswith(f"20 connections were refused, 20 of them of {STRANGER}: one address has 10")


def test_an_office_behind_one_address_gives_up_what_rests_and_is_served(limits: Any) -> None:
    """Browsers hold connections open for later; an engine of the same office listens."""
    with serving(20) as ask:
        engine = ask(head("/slow", Content_Length=0), source=STRANGER)
        for _ in range(50):
            assert served(ask, STRANGER)
        assert engine.recv(100).startswith(b"HTTP/1.1 200")


def test_whom_a_proxy_brings_is_counted_by_his_own_address(limits: Any) -> None:
    with serving(100, forwarded_allow_ips="127.0.0.1,192.0.2.1") as ask:
        said = "203.0.113.9, 203.0.113.7, 192.0.2.1"  # the first is his own word
        slow = [ask(head("/slow", Content_Length=0, X_Forwarded_For=said)) for _ in range(50)]
        until = time.monotonic() + 8
        while served(ask, X_Forwarded_For=said) and time.monotonic() < until:
            time.sleep(0.05)
        refused = ask(head("/echo", Content_Length=0, X_Forwarded_For="203.0.113.7"))
        assert refused.recv(200).startswith(b"HTTP/1.1 503")
        assert served(ask, X_Forwarded_For="203.0.113.8") and served(ask)
        assert served(ask, OTHER, X_Forwarded_For="203.0.113.7")  # no proxy of ours: its word counts for nothing
        assert all(s.recv(100).startswith(b"HTTP/1.1 200") for s in slow)
        assert served(ask, X_Forwarded_For=said)  # over with those requests


def test_whoever_opens_them_without_end_opens_few_a_second() -> None:
    shares = Shares("", most=2_000)

    def opened(count: int, now: float, host: str = "203.0.113.7") -> int:
        let = 0
        for _ in range(count):  # each is closed at once
            if (seat := shares.accepted(host, now)) is not None:
                seat.leave()
                let += 1
        return let

    assert opened(3_000, 100.0) == 500  # a share is a quarter
    assert opened(3_000, 101.0) == 100
    assert opened(3_000, 101.0, "203.0.113.8") == 500
    assert opened(3_000, 101.0, "127.0.0.1") == 3_000
    shares.look(200.0)
    assert not shares._shares  # forgotten: nothing is kept of who went


def test_a_share_is_of_a_network_where_addresses_are_for_the_taking() -> None:
    assert network("2001:db8:0:1:aaaa::1") == network("2001:db8:0:1:bbbb::2") == "2001:db8:0:1::/64"
    assert network("2001:db8:0:2::1") == "2001:db8:0:2::/64"
    assert network("::ffff:203.0.113.7") == network("203.0.113.7") == "203.0.113.7"
    assert network("fe80::1%eth0") == "fe80::/64" and network("x") == "x"
    shares = Shares("", most=400)
    seats = [shares.accepted(f"2001:db8::{n:x}", 1.0) for n in range(1, 300)]
    assert sum(s is not None for s in seats) == 200


def test_a_handshake_that_does_not_come_counts(limits: Any, tmp_path: Path) -> None:
    """Over TLS a connection is none before it shook hands: a share holds all the same, and is free afterwards."""
    with serving(20, ssl_certfile=str(signed(tmp_path / "own.pem", "DNS:localhost"))) as ask:
        silent = [ask(source=STRANGER) for _ in range(40)]
        assert [told(s) for s in silent[30:]] == [b""] * 10  # refused while the ten before them are waited for
        context = ssl._create_unverified_context()
        with context.wrap_socket(ask()) as honest:
            honest.sendall(head("/echo", Content_Length=0))
            assert honest.recv(100).startswith(b"HTTP/1.1 200")
        for sock in silent:
            sock.close()
        until = time.monotonic() + 8
        while time.monotonic() < until:
            with contextlib.suppress(OSError), context.wrap_socket(ask(source=STRANGER)) as later:
                later.sendall(head("/echo", Content_Length=0))
                assert later.recv(100).startswith(b"HTTP/1.1 200")
                return
            time.sleep(0.05)
        pytest.fail("the places were not given back")


def test_where_the_loop_watches_no_sockets_they_are_accepted_one_by_one(
    limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows' does."""

    def accept(self: Any, *_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(uvloop.Loop, "add_reader", accept, raising=False)
    with serving(20) as ask:
        assert served(ask) and served(ask, OTHER)


def test_without_descriptors_it_rests_and_goes_on(limits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptor, "REST", 0.1)
    failing = [OSError(errno.EMFILE, "Too many open files")]
    accept = socket.socket.accept

    def scarce(self: socket.socket) -> Any:
        if failing:
            raise failing.pop()
        return accept(self)

    monkeypatch.setattr(socket.socket, "accept", scarce)
    with serving(20) as ask:
        assert served(ask) and not failing
