"""A line of the stream is the event it was made from: of today, of an older version, of a later one."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.events import FORM, Event, of_json, of_line

texts = st.text(st.characters(codec="utf-8"), max_size=20)
events = st.builds(
    Event, texts, texts, texts, side=st.sampled_from(["", "local", "remote"]), folder=st.booleans(), origin=texts, to=texts,
    reason=texts, detail=texts, size=st.none() | st.integers(0, 2**50), sha256=texts, version=st.none() | st.integers(1, 99),
    by=texts, new=st.just(True), notice=st.booleans(), warning=st.booleans(), dry_run=st.booleans(), replaces=st.booleans(),
    form=st.just(FORM),
)  # fmt: skip


@given(event=events)
def test_an_event_is_what_its_line_says(event: Event) -> None:
    line = event.as_dict()
    assert of_line(line) == event and of_json(msgspec.json.encode(line, order="sorted")) == event
    assert of_line(line).as_dict() == line


def test_a_line_of_the_first_version_is_read() -> None:
    line: dict[str, Any] = {
        "type": "event", "client": "001", "action": "move", "path": "Ventes/a.pdf", "side": "remote", "from": "Achats/a.pdf",
        "folder": False,
    }  # fmt: skip
    event = of_line(line)
    assert (event.origin, event.form, event.replaces) == ("Achats/a.pdf", 1, False) and event.as_dict() == line


def test_of_a_later_form_what_is_known_is_read_and_its_form_kept() -> None:
    event = of_line({"v": 2, "client": "001", "action": "sealed", "path": "a.pdf", "because": {"of": "later"}})
    assert (event.action, event.path, event.form) == ("sealed", "a.pdf", 2) and event.as_dict()["v"] == 2
