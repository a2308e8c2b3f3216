"""A run's result is what its line says: of today, of the first version, of a later one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.run_result import RunResult, of_line, of_tally
from syncd.core.verdicts import Tally, Verdict

texts = st.text(st.characters(codec="utf-8"), max_size=20)
results = st.builds(
    RunResult, verdict=st.sampled_from(list(Verdict)), label=texts, counts=st.just({"uploaded": 3, "problems": 0}),
    waiting=st.lists(texts, max_size=2).map(tuple), stopped=st.lists(texts, max_size=2).map(tuple), requests=st.integers(0, 99),
    exit_code=st.integers(0, 143), bytes_up=st.integers(0, 2**50), bytes_down=st.integers(0, 2**50), run=st.integers(1, 2**31),
    started=st.floats(0, 1e12), ended=st.floats(0, 1e12), dry_run=st.booleans(), partial=st.booleans(), message=texts,
    reason=texts, cause=texts, documents=st.none() | st.integers(0, 99), unwritten=texts,
)  # fmt: skip


@given(result=results)
def test_a_result_is_what_its_line_says(result: RunResult) -> None:
    line = json.loads(json.dumps(result.as_dict()))
    if result.message:  # a reason stands beside its message
        assert of_line(line) == result
    assert of_line(line).as_dict() == line


def test_the_line_of_a_run_says_what_it_always_said() -> None:
    tally = Tally(stopped=["B"], waiting=["C", "A"], codes={3, 4})
    tally.counts["uploaded"] = 7
    line = of_tally(tally, "Erreur", 3, run=12, started=1.5, ended=2.5).as_dict()
    counters = [
        "uploaded",
        "downloaded",
        "set_aside",
        "kept_both",
        "restored",
        "moved",
        "withdrawn",
        "removed",
        "left",
        "folders",
        "taken",
        "refused",
        "problems",
    ]
    assert set(line) == {
        "type", "verdict", "label", *counters, "waiting", "stopped", "requests", "exit_code", "bytes_up", "bytes_down", "run",
        "started", "ended",
    }  # fmt: skip
    assert (line["type"], line["verdict"], line["exit_code"], line["uploaded"]) == ("summary", "error", 4, 7)
    assert (line["waiting"], line["stopped"]) == (["A", "C"], ["B"])


def test_a_line_of_another_version_is_read() -> None:
    line: dict[str, Any] = {
        "type": "summary",
        "verdict": "done",
        "uploaded": 2,
        "sealed": 5,
        "because": {"of": "later"},
    }
    result = of_line(line)
    assert (result.count("uploaded"), result.count("sealed"), result.run) == (2, 5, 0) and not result.abandoned
