"""Scans that nobody is named for are named, as they are spelled on the disk, for as long as they wait."""

from __future__ import annotations

from datetime import UTC, datetime

from syncd.core.events import Event
from syncd.core.reasons import Reason
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.report import run_report
from syncd.report.open_problems import Refused, Standing


def _text(events: list[Event], standing: Standing, language: str = "fr") -> str:
    result = RunResult(verdict=Verdict.WARNING, label="Avertissement", run=2, started=100.0, ended=101.0)
    return "".join(run_report.render(result, iter(events), {}, datetime(2026, 11, 28, tzinfo=UTC), language, standing))


def test_what_waits_since_before_is_named() -> None:
    old = [Refused("", name, "unknown_dossier", 1.0) for name in ("racine.pdf", "999999")]
    said = _text([], Standing(cabinet=old))
    assert "• racine.pdf : numérisé pour un dossier inconnu" in said and "• 999999 : numérisé" in said
    assert "• 999999: scanned for an unknown code" in _text([], Standing(cabinet=old), "en")
    assert "• Les horloges" in _text([], Standing(cabinet=[Refused("", "", "clock_skew", 1.0)]))


def test_a_name_keeps_its_spelling() -> None:
    event = Event("", "problem", "racine.pdf", reason=Reason.UNKNOWN_DOSSIER, notice=True, warning=True)
    assert "• racine.pdf : numérisé" in _text([event], Standing())
