"""Answers in which a fault can be one client's: it takes that client's part out, the rest is as it came.

Sound answers are decoded once; only where that fails is it looked for whose part is at fault. All raise msgspec.MsgspecError
where it is nobody's.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from syncd.core.entry import RemoteDoc
from syncd.core.protocol import ClientTree, DocChange, FolderChange, Hello, Listing, Result, Unsound, Written
from syncd.core.wire_types import Id
from syncd.wire.messages import decode, encode

T = TypeVar("T")
Parts = list[msgspec.Raw]
NOTHING = msgspec.Raw(b"[]")


class _Whose(msgspec.Struct):
    client: Id


def hello(data: bytes) -> Hello:
    try:
        return replace(decode(data, Hello), unsound=())
    except msgspec.ValidationError:
        said = decode(data, dict[str, msgspec.Raw])
    own = {name: decode(said.get(name, NOTHING), Parts) for name in ("docs", "folders")}
    docs, folders, unsound = list[DocChange](), list[FolderChange](), dict[str, Unsound]()
    for raw in own["docs"]:
        _take(raw, DocChange, docs, unsound)
    for raw in own["folders"]:
        _take(raw, FolderChange, folders, unsound)
    rest = decode(encode({**said, "docs": (), "folders": (), "unsound": ()}), Hello)
    return replace(rest, docs=tuple(docs), folders=tuple(folders), unsound=tuple(unsound.values()))


def trees(data: bytes) -> list[ClientTree | Unsound]:
    found, unsound = list[ClientTree](), dict[str, Unsound]()
    for raw in decode(data, Parts):
        _take(raw, ClientTree, found, unsound)
    return [*found, *unsound.values()]


def listing(line: bytes) -> Listing | Unsound:
    found, unsound = list[Listing](), dict[str, Unsound]()
    _take(msgspec.Raw(line), Listing, found, unsound)
    return found[0] if found else next(iter(unsound.values()))


def lookup(client: str, data: bytes) -> list[RemoteDoc | None] | Unsound:
    try:
        return decode(data, list[RemoteDoc | None])
    except msgspec.ValidationError as e:
        decode(data, list[dict[str, msgspec.Raw] | None])
        return Unsound(client, str(e))


def written(data: bytes) -> Written:
    """A result that is none is its own item's."""
    try:
        return decode(data, Written)
    except msgspec.ValidationError:
        said = decode(data, dict[str, msgspec.Raw])
    results = [_result(raw) for raw in decode(said.get("results", NOTHING), Parts)]
    return replace(decode(encode({**said, "results": ()}), Written), results=tuple(results))


def _result(raw: msgspec.Raw) -> Result:
    try:
        return decode(raw, Result)
    except msgspec.ValidationError as e:
        return Result("conflict", "unsound", str(e))


def _take(raw: msgspec.Raw, type_: type[T], found: list[T], unsound: dict[str, Unsound]) -> None:
    try:
        found.append(decode(raw, type_))
    except msgspec.ValidationError as e:
        client = decode(raw, _Whose).client
        unsound.setdefault(client, Unsound(client, str(e)))
