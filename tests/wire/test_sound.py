"""Every type of the wire bounds every one of its fields, and whatever is made of garbage is sound or the one error."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.core import paths, wire_types
from syncd.core.entry import RemoteDoc, RemoteFolder
from syncd.core.fiscal_years import Exercise
from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import (
    ChainHead,
    ClientTree,
    FolderItem,
    Former,
    GetItem,
    Hello,
    Listing,
    Parity,
    PutItem,
    Result,
    Rotten,
    RunSummary,
    Unsound,
    Written,
)
from syncd.wire import answers, framing, messages
from syncd.wire.messages import ErrorAnswer, decode
from syncd.wire.openapi import types

ANSWERS: list[Any] = [
    Hello, ClientTree, Listing, RemoteDoc, Parity, ChainHead, Former, Rotten, Written, Result, ErrorAnswer, GetItem,
    framing.Trailer,
]  # fmt: skip
EVERY = [*dict.fromkeys([*ANSWERS, *types()])]
BY_HAND = {FolderRule, Exercise, ClientTree}  # ClientTree.check
ID = "0123456789abcdef" * 2
CONTENT = {"size": 3, "sha256": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}
CURSOR = {"epoch": ID, "seq": 1, "tag": ID}
DOC = {"id": ID, "path": "Achats/a.pdf", "content": CONTENT, "version": 1}


def loose(type_: Any, at: str = "", seen: frozenset[Any] = frozenset()) -> Iterator[str]:
    """Fields through which anything would pass."""
    info = msgspec.inspect
    t = type_ if isinstance(type_, info.Type) else info.type_info(type_)
    match t:
        case info.IntType() if t.ge is None or t.le is None or t.le > wire_types.MOST:
            yield f"{at}: a number without bounds"
        case info.FloatType() if t.ge is None or (t.le is None and t.lt is None):
            yield f"{at}: a number without bounds"
        case info.StrType() if t.max_length is None:
            yield f"{at}: a text without an end"
        case info.BytesType() if t.max_length is None:
            yield f"{at}: bytes without an end"
        case info.AnyType():
            yield f"{at}: anything"
        case info.StructType() if t.cls not in BY_HAND and t.cls not in seen:
            for field in t.fields:
                yield from loose(field.type, f"{t.cls.__name__}.{field.name}", seen | {t.cls})
        case info.DictType():
            yield from loose(t.key_type, at, seen)
            yield from loose(t.value_type, at, seen)
        case info.ListType() | info.VarTupleType() | info.SetType() | info.FrozenSetType():
            yield from loose(t.item_type, at, seen)
        case info.UnionType():
            for each in t.types:
                yield from loose(each, at, seen)


@pytest.mark.parametrize("type_", EVERY, ids=str)
def test_no_field_of_the_wire_is_without_bounds(type_: Any) -> None:
    assert list(loose(type_)) == []


def test_the_look_finds_what_is_loose() -> None:
    class Loose(msgspec.Struct):
        number: int
        texts: list[str]
        half: dict[str, wire_types.Count]
        fine: wire_types.Id

    assert len(list(loose(Loose))) == 3


GOOD: list[tuple[Any, Any]] = [
    (RemoteDoc, DOC),
    (RemoteFolder, {"id": ID, "path": "Achats"}),
    (Former, {"doc": ID, "path": "Achats/a.pdf", "content": CONTENT, "version": 1, "version_id": ID}),
    (Rotten, {"doc": ID, "path": "a.pdf", "version_id": ID, "version": 1, "content": CONTENT, "current": True}),
    (GetItem, {"client": ID, "doc": ID, "version_id": ID, "content": CONTENT}),
    (Parity, {"client": ID, "count": 0, "digest": "ab"}),
    (ChainHead, {"run": 1, "at": 1.5, "head": "ab"}),
    (Result, {"status": "ok", "doc": DOC}),
    (Written, {"results": [{"status": "ok", "doc": DOC}], "before": CURSOR, "after": CURSOR}),
    (Listing, {"client": ID, "seq": 1, "epoch": ID, "count": 0, "digest": "ab", "docs": [DOC]}),
    (ClientTree, {"client": ID, "tree": 1, "folders": [{"path": "Achats/Fournisseurs"}], "withheld": ["social"]}),
    (Hello, {
        "cabinet": ID, "cabinet_name": "C", "now": 1.0, "cursor": CURSOR,
        "clients": [{"id": ID, "code": "007868", "name": "SAS Été", "tree": 1}],
        "docs": [{"client": ID, "doc": DOC}], "folders": [{"client": ID, "folder": {"id": ID, "path": "A"}}],
    }),
]  # fmt: skip
POISON: dict[str, list[Any]] = {
    "path": ["", "/etc/x", "../x", "a/../x", "a//b", "./a", "a\\b", "a\x1b[2J", "a\x00", "e\u0301.pdf", "/".join("a" * 3000),
             "a" * 5000, "a/", 7, None],
    "id": ["", ID[:-1], ID + "0", ID.upper(), ID[:-1] + "\n", "../../" + ID[6:], 7, None],
    "number": [-1, 2**53 + 1, 2**63, 2**64, 10**40, "1", None, 1.5, [], True],
    "hash": ["", "MTIz", "!", f"{CONTENT['sha256']}MTIz", 7],
}  # fmt: skip
KINDS = {
    "path": "path", "id": "id", "doc": "id", "version_id": "id", "client": "id", "cabinet": "id", "epoch": "id", "tag": "id",
    "version": "number", "size": "number", "seq": "number", "tree": "number", "count": "number", "run": "number",
    "sha256": "hash",
}  # fmt: skip
EMPTY_MEANS_NONE = ("epoch", "tag", "client")


def spoilt(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The value with one field after the other poisoned."""
    if isinstance(value, dict):
        for name, held in value.items():
            where = f"{at}.{name}"
            if not isinstance(held, dict | list):
                for bad in POISON.get(KINDS.get(name, ""), ()):
                    if bad != "" or name not in EMPTY_MEANS_NONE:
                        yield f"{where}={bad!r:.40}", {**value, name: bad}
            for why, inner in spoilt(held, where):
                yield why, {**value, name: inner}
    elif isinstance(value, list):
        for n, held in enumerate(value):
            for why, inner in spoilt(held, f"{at}[{n}]"):
                yield why, [*value[:n], inner, *value[n + 1 :]]


@pytest.mark.parametrize(("type_", "good"), GOOD, ids=lambda x: getattr(x, "__name__", ""))
def test_one_value_out_of_bounds_is_enough(type_: Any, good: Any) -> None:
    decode(json.dumps(good).encode(), type_)
    cases = list(spoilt(good))
    assert len(cases) > 5
    for why, bad in cases:
        with pytest.raises(msgspec.MsgspecError):
            pytest.fail(f"{why}: {decode(json.dumps(bad).encode(), type_)}")


@pytest.mark.parametrize(
    "rule",
    [{"path": "../x"}, {"path": "/x"}, {"path": "A", "max_size": 2**63}, {"path": "A", "max_size": -1}, {"path": "A", "kind": "\x1b"}],
)  # fmt: skip
def test_the_rules_of_a_tree_are_looked_at_too(rule: dict[str, Any]) -> None:
    tree = {"client": ID, "tree": 1, "folders": [rule]}
    with pytest.raises(msgspec.MsgspecError):
        decode(json.dumps(tree).encode(), ClientTree)
    with pytest.raises(msgspec.MsgspecError):
        decode(json.dumps([tree]).encode(), list[ClientTree])
    assert [type(t) for t in answers.trees(json.dumps([tree, {**tree, "folders": []}]).encode())] == [
        ClientTree,
        Unsound,
    ]


def test_a_summary_is_neither_deep_nor_out_of_bounds() -> None:
    summary = {
        "run": 1, "started": 1.0, "ended": 2.0, "verdict": "done", "counts": {"uploaded": 1}, "exit_code": 0, "chain_head": "",
        "generation": 1,
    }  # fmt: skip

    def with_line(line: dict[str, Any]) -> bytes:
        return json.dumps({**summary, "waiting": [{"client": ID, "reason": "guard_changes", "digest": "ab", "actions": [line]}]}).encode()  # fmt: skip

    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    decode(with_line({"path": "a", "expect": {"size": 1}}), RunSummary)
    for bad in ({"x": deep}, {"x": 2**63}, {"x": "y" * 100_000}):
        with pytest.raises(msgspec.MsgspecError):
            decode(with_line(bad), RunSummary)
    for name in ("generation", "run", "exit_code"):
        with pytest.raises(msgspec.MsgspecError):
            decode(json.dumps({**summary, name: 2**63 - 1}).encode(), RunSummary)


def test_texts_for_people_are_cut_and_obeyed_by_no_terminal() -> None:
    said = decode(json.dumps({"code": "x", "message": "\x1b[2J\x07 \u202e" + "é" * 5000}).encode(), ErrorAnswer).message
    assert said.isprintable() and "\\u001b[2J" in said and len(said) < 1100


@pytest.mark.parametrize("type_", [*EVERY, list[RemoteDoc | None], list[Result]])
def test_nested_without_an_end_is_malformed(type_: Any) -> None:
    for raw in (b"[" * 200_000, b'{"x":' * 200_000, b'{"unknown": ' + b"[" * 200_000):
        with pytest.raises(msgspec.MsgspecError):
            decode(raw, type_)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(ID) | st.just("A/b.pdf"),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from([*KINDS, "docs", "content", "results"]), x, max_size=5),
    max_leaves=12,
)  # fmt: skip
SPOILT = st.sampled_from(
    [json.dumps(bad).encode() for _, good in GOOD for _, bad in [("", good), *spoilt(good)]]
    + [json.dumps([bad]).encode() for _, good in GOOD for _, bad in spoilt(good)]
)


def sound_all_through(value: Any) -> None:
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if name == "path" and not isinstance(value, PutItem | FolderItem):
                assert paths.check(held) == held
            sound_all_through(held)
    elif isinstance(value, dict):
        for pair in value.items():
            sound_all_through(list(pair))
    elif isinstance(value, list | tuple | frozenset):
        for each in value:
            sound_all_through(each)
    elif isinstance(value, str):
        assert paths.is_plain(value) and len(value) <= 4 * paths.MAX_PATH_BYTES
    elif isinstance(value, float):
        assert math.isfinite(value)
    elif isinstance(value, int):
        assert 0 <= value <= wire_types.MOST


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=40) | JSON.map(lambda v: json.dumps(v).encode()) | SPOILT)
def test_garbage_becomes_a_sound_value_or_the_one_error(raw: bytes) -> None:
    ways: list[Any] = [lambda t=t: decode(raw, t) for t in EVERY]
    ways += [lambda f=f: f(raw) for f in (answers.hello, answers.trees, answers.listing, answers.written)]
    ways += [
        lambda: answers.lookup(ID, raw),
        lambda: decode(raw, list[RemoteDoc | None]),
        lambda: decode(raw, list[Former]),
    ]
    for way in ways:
        try:
            value = way()
        except msgspec.MsgspecError:
            continue
        if not isinstance(value, PutItem | FolderItem | messages.MoveRequest):
            sound_all_through(value)


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=60), header=JSON, size=st.integers(-(2**70), 2**70))
def test_garbage_in_frames_is_documents_or_the_one_error(raw: bytes, header: Any, size: int) -> None:
    head = json.dumps({"type": "frame", "header": header, "size": size}).encode()
    for data in (raw, len(head).to_bytes(4, "big") + head + raw):
        reader: framing.Reader[GetItem] = framing.Reader(GetItem)
        try:
            for item, body in reader.feed(data):
                sound_all_through(item)
                assert isinstance(body, bytes)
            reader.finish()
        except framing.BadFrame:
            pass


def test_one_clients_fault_is_taken_out_and_the_rest_is_as_it_came() -> None:
    other = "f" * 32
    good = dict(GOOD[-1][1])
    bad = {"client": other, "doc": {**DOC, "path": "../../x"}}
    told = {
        **good,
        "docs": [bad, *good["docs"]],
        "folders": [*good["folders"], {"client": other, "folder": {"id": ID, "path": ""}}],
    }
    hello = answers.hello(json.dumps(told).encode())
    assert [u.client for u in hello.unsound] == [other] and "path" in hello.unsound[0].why and other in hello.touched
    assert hello == msgspec.structs.replace(answers.hello(json.dumps(good).encode()), unsound=hello.unsound)
    assert answers.hello(json.dumps({**good, "unsound": [{"client": ID, "why": "x"}]}).encode()).unsound == ()
    for nobodys in ({**good, "clients": [{**good["clients"][0], "tree": 2**63}]}, {**good, "docs": [{"client": "x"}]}):
        with pytest.raises(msgspec.MsgspecError):
            answers.hello(json.dumps(nobodys).encode())


def test_a_result_that_is_none_is_its_own_items() -> None:
    good = dict(GOOD[8][1])
    written = answers.written(
        json.dumps({**good, "results": [*good["results"], {"status": "ok", "doc": {**DOC, "path": "/x"}}]}).encode()
    )
    assert [r.status for r in written.results] == ["ok", "conflict"] and written.after.seq == 1
