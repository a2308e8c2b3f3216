"""Requests of v1, and the one way to read what came. Answers are the values of `core.protocol`, as JSON; bytes as base64."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from syncd.core import wire_types
from syncd.core.client_cards import CardChange
from syncd.core.protocol import (
    Caller,
    ClientTree,
    Cursor,
    FolderItem,
    GetItem,
    MoveItem,
    PutItem,
    RemoveItem,
)
from syncd.core.wire_types import Count, Handle, Id, Moment, Text, Word

T = TypeVar("T")
BatchItem = PutItem | FolderItem


class HelloRequest(msgspec.Struct, forbid_unknown_fields=False):
    """`brief`: only whose documents changed, since the changes themselves are asked for afterwards."""

    protocol: Count
    caller: Caller
    cursor: Cursor | None = None
    wait: Moment = 0.0
    brief: bool = False


class PollRequest(msgspec.Struct):
    """`instance`: of the engine that listens; as long as it does, the lease that it holds does not run out."""

    protocol: Count
    instance: Handle
    cursor: Cursor
    wait: Moment = 0.0


class ClientsRequest(msgspec.Struct):
    clients: list[Id]


class HistoryRequest(msgspec.Struct):
    client: Id
    at: Moment


class LookupRequest(msgspec.Struct):
    client: Id
    docs: list[Id]


class GetRequest(msgspec.Struct):
    items: list[GetItem]


class MoveRequest(msgspec.Struct):
    items: list[MoveItem]


class RemoveRequest(msgspec.Struct):
    items: list[RemoveItem]


class ChangeCardsRequest(msgspec.Struct):
    """1,000 at most."""

    changes: list[CardChange]


class Taken(msgspec.Struct):
    """The answer where there is nothing to say."""


class ErrorAnswer(msgspec.Struct):
    """Any answer that is not 2xx: a stable code, one sentence, and who holds what is held."""

    code: Word
    message: Text
    holder: Text = ""


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)


def decode(data: bytes | msgspec.Raw, type_: type[T]) -> T:
    """Checked by its type (core.wire_types). Raises msgspec.MsgspecError: the caller says what the other side sent."""
    value: T = guarded(_decoder(type_), data)  # type: ignore[arg-type]
    _look_into(value)
    return value


def guarded(decoder: Callable[[Any], T], data: bytes | msgspec.Raw) -> T:
    """What a decoder makes of it; one that is nested without an end is malformed like any other."""
    try:
        return decoder(data)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None


@functools.lru_cache(maxsize=64)
def _decoder(type_: Any) -> Callable[[Any], Any]:
    return msgspec.json.Decoder(type_, dec_hook=wire_types.check).decode


def _look_into(value: object) -> None:
    """What the types of rules do not say, since they are also read from where they are kept."""
    try:
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, ClientTree):
                each.check()
    except ValueError as e:
        raise msgspec.ValidationError(str(e)) from None
