"""What v1 promises, as data: docs/wire-v1.json holds it, and a change that an older version cannot read is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncd.wire.endpoints import ENDPOINTS, Endpoint
from syncd.wire.openapi import schemas

Json = dict[str, Any]
_TOLD = ("title", "description", "default")  # a default's value is the matter of the side that has it
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern")


def schema() -> Json:
    """Of this code: each endpoint with its types, and the types by name."""
    by_type, components = schemas()

    def of(type_: Any) -> Any:
        return "bytes" if type_ is bytes else _plain(by_type.get(type_))

    def row(e: Endpoint[Any, Any]) -> Json:
        return {"request": of(e.request), "answer": of(e.answer), "writes": e.writes, "framed": str(e.framed)}

    return {
        "endpoints": {e.name: row(e) for e in ENDPOINTS},
        "types": {name: _plain(components[name]) for name in sorted(components)},
    }


def _plain(made: Any) -> Any:
    """Without what is told to people; what has no order is put in one."""
    if isinstance(made, list):
        return sorted(made) if all(isinstance(each, str) for each in made) else [_plain(each) for each in made]
    if not isinstance(made, dict):
        return made
    return {
        word: {name: _plain(each) for name, each in said.items()} if word == "properties" else _plain(said)
        for word, said in made.items()
        if word not in _TOLD
    }


def breaks(before: Json, now: Json, *, bounds: bool = True) -> list[str]:
    """Where one of the two could not read what the other writes, each place with why. `bounds`: those of texts and numbers
    are compared too.

    A new endpoint, and a new field with a default, break nothing. Types are compared by what they hold, not by their names.
    """
    found = list[str]()
    for name, row in before["endpoints"].items():
        later = now["endpoints"].get(name)
        if later is None:
            found.append(f"{name}: it is gone")
            continue
        found += [f"{name}: {key} is another" for key in ("writes", "framed") if row[key] != later[key]]
        comparison = _Comparison(before["types"], now["types"], bounds)
        for part in ("request", "answer"):
            found += comparison.each(row[part], later[part], f"{name}, {part}")
    return list(dict.fromkeys(found))


class _Comparison:
    """Of two sets of types; each pair is compared once."""

    def __init__(self, before: Json, now: Json, bounds: bool) -> None:
        self._before, self._now, self._bounds = before, now, bounds
        self._met: set[tuple[str, str]] = set()

    def each(self, before: Any, now: Any, at: str) -> Iterator[str]:
        if not isinstance(before, dict) or not isinstance(now, dict):
            if before != now:
                yield f"{at}: it is another"
            return
        if "$ref" in before and "$ref" in now:
            pair = before["$ref"], now["$ref"]
            if pair in self._met:
                return
            self._met.add(pair)
        before, now = _resolved(before, self._before), _resolved(now, self._now)
        if "properties" in before and "properties" in now:
            yield from self._fields(before, now, at)
        elif "anyOf" in before and "anyOf" in now and len(before["anyOf"]) == len(now["anyOf"]):
            for one, other in zip(before["anyOf"], now["anyOf"], strict=True):
                yield from self.each(one, other, at)
        elif "items" in before and "items" in now:
            yield from self.each(before["items"], now["items"], f"{at}[]")
        elif isinstance(before.get("additionalProperties"), dict) and "additionalProperties" in now:
            yield from self.each(before["additionalProperties"], now["additionalProperties"], f"{at}.*")
        elif self._scalar(before) != self._scalar(now):
            yield f"{at}: it is another"

    def _fields(self, before: Json, now: Json, at: str) -> Iterator[str]:
        held, later = before["properties"], now["properties"]
        for name, type_ in held.items():
            if name not in later:
                yield f"{at}.{name}: it is gone"
            else:
                yield from self.each(type_, later[name], f"{at}.{name}")
        for name in set(now["required"]) - set(before["required"]):
            yield f"{at}.{name}: {'it lost its default' if name in held else 'it is new, and has no default'}"

    def _scalar(self, type_: Json) -> Json:
        if self._bounds:
            return type_
        loose = {word: said for word, said in type_.items() if word not in _BOUNDS}
        return {"type": "string"} if "enum" in loose else loose


def _resolved(type_: Json, types: Json) -> Json:
    found: Json = types[type_["$ref"].rsplit("/", 1)[-1]] if "$ref" in type_ else type_
    return found
