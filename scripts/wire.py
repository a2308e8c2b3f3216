"""Writes what v1 is from the table of endpoints: the tables of docs/wire.md, and docs/wire-v1.json, which it promises."""

from __future__ import annotations

import inspect
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec

from syncd.wire.endpoints import ENDPOINTS, Endpoint, Framed
from syncd.wire.messages import BatchItem
from syncd.wire.openapi import types
from syncd.wire.schema import breaks, schema

DOCS = Path(__file__).parent.parent / "docs"
PAGE, PROMISE = DOCS / "wire.md", DOCS / "wire-v1.json"
BEGIN, END = "<!-- written by scripts/wire.py -->", "<!-- end of what scripts/wire.py writes -->"
NAMES = {None: "–", bytes: "bytes of a document", BatchItem: "`PutItem` or `FolderItem`"}


def named(type_: Any) -> str:
    if type_ in NAMES:
        return NAMES[type_]
    if getattr(type_, "__origin__", None) is list:
        return "list of " + named(type_.__args__[0])
    if parts := getattr(type_, "__args__", ()):
        return " or ".join("null" if part is type(None) else named(part) for part in parts)
    return f"`{type_.__name__}`"


def row(endpoint: Endpoint[Any, Any]) -> str:
    asks, answers = named(endpoint.request), named(endpoint.answer)
    if endpoint.framed is Framed.REQUEST:
        asks = f"a batch: {asks}, with its bytes"
    elif endpoint.framed is Framed.ANSWER:
        answers = f"a batch: {answers}, with its bytes"
    elif endpoint.framed is Framed.LINES:
        answers = f"a line of JSON each: {answers}; then an empty line, without which the answer was cut"
    return f"| `{endpoint.name}` | {asks} | {answers} | {'yes' if endpoint.writes else ''} | {endpoint.about} |"


def values() -> list[type]:
    """Every struct and every enumeration that is spoken, in the order in which the endpoints name them."""
    found = dict[type, None]()

    def walk(info: Any) -> None:
        own = getattr(info, "cls", None)
        if own is not None and issubclass(own, msgspec.Struct | Enum):
            if own in found:
                return
            found[own] = None
        for field in getattr(info, "fields", ()):
            walk(field.type)
        for name in ("item_type", "key_type", "value_type"):
            if hasattr(info, name):
                walk(getattr(info, name))
        for each in (*getattr(info, "types", ()), *getattr(info, "item_types", ())):
            walk(each)

    for info in msgspec.inspect.multi_type_info(types()):
        walk(info)
    return list(found)


def value(type_: type) -> str:
    said = " ".join(inspect.cleandoc(type_.__doc__ or "").split()).replace("|", "\\|")
    if issubclass(type_, Enum):
        return f"| `{type_.__name__}` | {', '.join(f'`{each.value}`' for each in type_)} | {said} |"
    assert issubclass(type_, msgspec.Struct)
    tag = type_.__struct_config__.tag
    fields = [f'`"type": "{tag}"`'] if tag else []
    for field in msgspec.structs.fields(type_):
        optional = "?" if not field.required else ""
        fields.append(
            f"`{field.encode_name}{optional}: {inspect.get_annotations(type_)[field.name]}`".replace("|", "\\|")
        )
    return f"| `{type_.__name__}` | {'<br>'.join(fields) or '–'} | {said} |"


def tables() -> str:
    lines = [
        BEGIN, "", "| request | asks | answers | writes | |", "|---|---|---|---|---|", *map(row, ENDPOINTS), "",
        "Values, their fields (`?`: it has a default, an older version does not say it) and the types of these "
        "(`syncd/core/wire_types.py`):", "",
        "| value | fields | |", "|---|---|---|", *map(value, values()), "", END,
    ]  # fmt: skip
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its tables written anew; what stands around them is as it was."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + tables() + after


def main(check: bool) -> str:
    """Writes, or says what is wrong: '' when nothing is."""
    promised, now = json.loads(PROMISE.read_text(encoding="utf-8")), schema()
    if broken := breaks(promised, now):
        return "\n".join(f"docs/wire-v1.json promises otherwise: {one}: this needs v2 or a default" for one in broken)
    for path, written in ((PAGE, page(PAGE.read_text(encoding="utf-8"))), (PROMISE, json.dumps(now, indent=1) + "\n")):
        if not check:
            path.write_text(written, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != written:
            return f"docs/{path.name} is not what the code says: run .venv/bin/python scripts/wire.py"
    return ""


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv) or 0)
