"""A health check outside is told how a pass ended and how many, and nothing that names anybody."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from syncd.config.load import loads
from syncd.core.verdicts import Tally, Verdict, summary
from syncd.wiring import watching


def test_it_is_told_verdict_and_counts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[mirror]\n" + "".join(f"{k} = '{tmp_path / k}'\n" for k in ("root", "state", "logs"))
    text += (
        "[portal]\nurl = 'http://127.0.0.1:1'\ntoken_file = '/dev/null'\n[monitor]\nping = 'https://check.example/x'\n"
    )
    config = loads(text, "syncd.toml", {})
    told: list[Any] = []
    heard = threading.Event()

    def ping(url: str, outcome: str, body: dict[str, Any]) -> None:
        told.append((outcome, body))
        heard.set()

    monkeypatch.setattr("syncd.remote.health_check.ping", ping)
    tally = Tally(stopped=["A001", "B002"], waiting=["C003"])
    tally.counts["uploaded"] = 7
    message = {"message": "client A001 of https://portal: Achats/salaires.pdf", "reason": "stop_x", "cause": "A001"}
    watching.ping(config, "fail", summary(tally, Verdict.ERROR, "Erreur", 3, run=12, started=1.5, ended=2.5, **message))
    assert heard.wait(5)
    ((outcome, body),) = told
    assert outcome == "fail" and (body["verdict"], body["uploaded"], body["stopped"], body["waiting"]) == (
        "error",
        7,
        2,
        1,
    )
    assert all(isinstance(v, int) for name, v in body.items() if name != "verdict")
