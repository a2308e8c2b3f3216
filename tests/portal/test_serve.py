"""One process serves a portal's directory."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import AlreadyRunning


def test_a_second_one_is_refused_while_the_first_works(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal import serve as serving
    from syncd.portal.operations import background, invoice_round
    from syncd.portal.readers.worker_client import reader
    from syncd.portal.turn import Serving, served

    ran: list[str] = []

    def run(_: Any, sockets: list[socket.socket]) -> None:
        ran.append("ran")
        for sock in sockets:
            sock.close()

    monkeypatch.setattr(serving.Server, "run", run)
    for turn in (background.PostRound, background.TextRound, invoice_round.InvoiceRound):
        for verb in ("start", "stop"):
            monkeypatch.setattr(turn, verb, lambda _: None)
    monkeypatch.setattr(type(reader()), "stop", lambda _: None)
    monkeypatch.setattr(serving, "PATIENCE", 0.05, raising=False)

    def serve() -> None:
        serving.serve("127.0.0.1", 0, ready)

    def ready(_: Any) -> None: ...

    held = Serving()
    held.acquire()
    assert served()
    with pytest.raises(AlreadyRunning) as refused:
        serve()
    held.release()
    assert refused.value.exit_code == 11 and "serves this portal" in str(refused.value) and ran == []
    serve()
    assert ran == ["ran"] and not served()
