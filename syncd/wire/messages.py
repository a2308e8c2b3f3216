"""Requests of v1. Answers are the values of `core.exchange`, as JSON; bytes as base64."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from syncd.core.exchange import (
    Caller,
    Cursor,
    GetItem,
    MoveItem,
    RemoveItem,
)

T = TypeVar("T")


class HelloRequest(msgspec.Struct, forbid_unknown_fields=False):
    protocol: int
    caller: Caller
    cursor: Cursor | None = None
    wait: float = 0.0


class ClientsRequest(msgspec.Struct):
    clients: list[str]


class HistoryRequest(msgspec.Struct):
    client: str
    at: float


class LookupRequest(msgspec.Struct):
    client: str
    docs: list[str]


class GetRequest(msgspec.Struct):
    items: list[GetItem]


class MoveRequest(msgspec.Struct):
    items: list[MoveItem]


class RemoveRequest(msgspec.Struct):
    items: list[RemoveItem]


class ErrorAnswer(msgspec.Struct):
    """Any answer that is not 2xx: a stable code, one sentence, and who holds what is held."""

    code: str
    message: str
    holder: str = ""


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)


def decode(data: bytes, type_: type[T]) -> T:
    """Raises msgspec.DecodeError or ValidationError: the caller says what the other side sent."""
    return msgspec.json.decode(data, type=type_)
