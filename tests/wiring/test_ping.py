"""A health check outside is told how a pass ended and how many, and nothing that names anybody."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core.run_result import RunResult, of_tally
from syncd.core.verdicts import Tally, Verdict
from syncd.wiring import service_parts


@pytest.fixture
def config(tmp_path: Path) -> Config:
    text = "[mirror]\n" + "".join(f"{k} = '{tmp_path / k}'\n" for k in ("root", "state", "logs"))
    text += (
        "[portal]\nurl = 'http://127.0.0.1:1'\ntoken_file = '/dev/null'\n[monitor]\nping = 'https://check.example/x'\n"
    )
    return loads(text, "syncd.toml", {})


def ended(verdict: Verdict, **extra: Any) -> RunResult:
    tally = Tally(stopped=["A001", "B002"], waiting=["C003"])
    tally.counts["uploaded"] = 7
    message = {"message": "client A001 of https://portal: Achats/salaires.pdf", "reason": "stop_x", "cause": "A001"}
    result = of_tally(tally, "Erreur", 3, run=12, started=1.5, ended=2.5, **message)
    return replace(result, **{"verdict": verdict, **extra})


def test_it_is_told_verdict_and_counts_alone(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("syncd.remote.health_check.ping", lambda url, outcome, body: told.append((outcome, body)))
    pinger = service_parts.Pinger(config)
    pinger.ended(ended(Verdict.ERROR))
    pinger.close(5)
    ((outcome, body),) = told
    assert outcome == "fail" and (body["verdict"], body["uploaded"], body["stopped"], body["waiting"]) == (
        "error",
        7,
        2,
        1,
    )
    assert all(isinstance(v, int) for name, v in body.items() if name != "verdict")


def test_a_start_comes_before_its_end_and_a_stop_by_hand_is_no_failure(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("syncd.remote.health_check.ping", lambda url, outcome, body: told.append(outcome))
    pinger = service_parts.Pinger(config)
    for verdict in (Verdict.DONE, Verdict.ABANDONED):
        pinger.started()
        pinger.ended(ended(verdict))
    pinger.started()
    pinger.ended(ended(Verdict.ABANDONED, exit_code=143))
    pinger.close(5)
    assert told == ["start", "", "start", "fail", "start"]


def test_a_check_that_hangs_or_trips_delays_nobody(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    over, told = threading.Event(), list[str]()

    def hanging(url: str, outcome: str, body: dict[str, Any]) -> None:
        over.wait(20)
        told.append(outcome)
        raise ValueError("nobody thought of this")

    monkeypatch.setattr("syncd.remote.health_check.ping", hanging)
    pinger = service_parts.Pinger(config)
    began = time.monotonic()
    for _ in range(100):
        pinger.started()
        pinger.ended(ended(Verdict.DONE))
    pinger.close(0.1)
    assert time.monotonic() - began < 5
    over.set()
    pinger.close(5)
    assert 10 < len(told) < 20  # nor is what nobody hears kept for ever
