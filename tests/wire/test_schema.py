"""What v1 promised is kept: what either side of another version could not read is named, and nothing else is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.wire.schema import breaks, schema

ROOT = Path(__file__).parents[2]
Change = Callable[[Any], object]


def fields(made: Any, type_: str) -> Any:
    return made["types"][type_]["properties"]


BREAKING: dict[str, tuple[Change, str]] = {
    "an endpoint that is gone": (lambda s: s["endpoints"].pop("POST /move"), "POST /move: it is gone"),
    "a right to write": (lambda s: s["endpoints"]["POST /get"].update(writes=True), "POST /get: writes is another"),
    "a framing": (lambda s: s["endpoints"]["POST /get"].update(framed="no"), "POST /get: framed is another"),
    "another answer": (
        lambda s: s["endpoints"]["POST /move"].update(answer={"$ref": "#/components/schemas/Taken"}),
        "POST /move, answer.results: it is gone",
    ),
    "a field that is gone": (lambda s: fields(s, "Caller").pop("anew"), "POST /hello, request.caller.anew: it is gone"),
    "a default that is gone": (
        lambda s: s["types"]["Caller"]["required"].append("anew"),
        "POST /hello, request.caller.anew: it lost its default",
    ),
    "a new field without a default": (
        lambda s: (fields(s, "MoveItem").update(why={"type": "string"}), s["types"]["MoveItem"]["required"].append("why")),
        "POST /move, request.items[].why: it is new, and has no default",
    ),
    "another type": (
        lambda s: fields(s, "Former").update(version={"type": "string"}),
        "POST /tree-at, answer[].version: it is another",
    ),
    "a field that may be null": (
        lambda s: fields(s, "Former").update(path={"anyOf": [fields(s, "Former")["path"], {"type": "null"}]}),
        "POST /tree-at, answer[].path: it is another",
    ),
    "another bound": (
        lambda s: fields(s, "Total").update(count={"type": "integer", "minimum": 0, "maximum": 7}),
        "POST /summary, request.waiting[].totals[].count: it is another",
    ),
    "one word more": (
        lambda s: s["types"]["RemoteState"]["enum"].append("lost"),
        "POST /hello, answer.docs[].doc.state: it is another",
    ),
    "in a table of numbers": (
        lambda s: fields(s, "ClientDone")["counts"].update(additionalProperties={"type": "string"}),
        "POST /summary, request.clients[].counts.*: it is another",
    ),
}  # fmt: skip
HARMLESS: dict[str, Change] = {
    "a new endpoint": lambda s: s["endpoints"].update({"POST /new": s["endpoints"]["POST /move"]}),
    "a new field with a default": lambda s: fields(s, "Caller").update(colour={"type": "string"}),
    "another name of a type": lambda s: (
        s["types"].update(Taken2=s["types"].pop("Taken")),
        s["endpoints"]["POST /summary"].update(answer={"$ref": "#/components/schemas/Taken2"}),
    ),
}


@pytest.mark.parametrize("why", BREAKING)
def test_what_an_older_version_cannot_read_is_named_with_its_place(why: str) -> None:
    now = copy.deepcopy(schema())
    change, said = BREAKING[why]
    change(now)
    assert said in breaks(schema(), now)


@pytest.mark.parametrize("why", HARMLESS)
def test_what_every_version_can_read_is_no_break(why: str) -> None:
    now = copy.deepcopy(schema())
    HARMLESS[why](now)
    assert breaks(schema(), now) == []


def test_v1_is_what_was_promised() -> None:
    promised = json.loads((ROOT / "docs" / "wire-v1.json").read_text(encoding="utf-8"))
    assert breaks(promised, schema()) == [] and promised == schema()


def test_an_engine_or_a_portal_of_8cf244d_reads_what_is_written_today() -> None:
    """Its types as that version's own code described them. Bounds came later; they are of what honest sides send."""
    then = json.loads((ROOT / "tests" / "data" / "wire" / "8cf244d.json").read_text(encoding="utf-8"))
    assert breaks(then, schema(), bounds=False) == [
        "POST /put, request.xxh3: it is gone"
    ]  # it was always empty (ADR 15)
    required = {
        (name, field) for made in (then, schema()) for name, type_ in made["types"].items()
        for field in type_.get("required", ()) if name in then["types"]
    }  # fmt: skip
    for name, field in sorted(required):  # what one of the two cannot do without, the other one says
        assert field in then["types"][name]["properties"] and field in schema()["types"][name]["properties"]
