"""The feed of a cabinet: its row is locked first, and sequence numbers are given last (RULES 7)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction

from syncd.core.protocol import Cursor
from syncd.portal import server_database
from syncd.portal.models import Cabinet
from syncd.portal.records import bulk
from syncd.portal.waking import waker

_Actor = TypeVar("_Actor", bound=Any)
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(slots=True)
class Feed:
    """What one transaction changed; `before` and `after` are set when it commits."""

    rows: dict[tuple[str, str, str], None] = field(default_factory=dict)
    before: Cursor | None = None
    after: Cursor | None = None

    def doc(self, client: str, document: str) -> None:
        self.rows[("doc", client, document)] = None

    def folder(self, client: str, folder: str) -> None:
        self.rows[("folder", client, folder)] = None

    def client(self, client: str) -> None:
        self.rows[("client", client, "")] = None

    def relist(self, client: str) -> None:
        self.rows[("relist", client, "")] = None

    def sync(self) -> None:
        """A pass is asked for, now."""
        self.rows[("sync", "", "")] = None

    def task(self) -> None:
        """A planned task changed: whoever listens asks for them."""
        self.rows[("task", "", "")] = None

    def package(self) -> None:
        """Something is ordered of an exchange package: whoever listens asks for the orders."""
        self.rows[("package", "", "")] = None

    def answer(self, client: str, digest: str, agreed: bool) -> None:
        self.rows[("answer", client, f"{'+' if agreed else '-'}{digest}")] = None


@contextmanager
def publishing(cabinet_id: str) -> Iterator[Feed]:
    """One transaction whose changes appear in the feed together, or not at all.

    What is looked at inside it, no other writer of this cabinet changes: whoever decides by what is there looks inside.
    """
    feed = Feed()
    with transaction.atomic():
        held = Cabinet.objects.select_for_update(no_key=True)
        held.values_list("id", flat=True).get(id=cabinet_id)
        yield feed
        cabinet = held.get(id=cabinet_id)  # one publication may lie inside another
        feed.before = Cursor(cabinet.epoch, cabinet.seq, cabinet.tag)
        changes = [(cabinet.seq + n, secrets.token_hex(16), *row) for n, row in enumerate(feed.rows, 1)]
        if changes:
            bulk.add_feed(cabinet_id, changes)
            cabinet.seq, cabinet.tag = changes[-1][:2]
            cabinet.save(update_fields=["seq", "tag"])
            transaction.on_commit(lambda: waker().told(cabinet_id))
        feed.after = Cursor(cabinet.epoch, cabinet.seq, cabinet.tag)


@contextmanager
def writing(cabinet_id: str) -> Iterator[None]:
    """One transaction that writes nothing into the feed: what is looked at inside it, no other writer of this cabinet changes.

    On the embedded database every transaction is alone anyway; on a server the cabinet's row is locked first (RULES 7).
    """
    with transaction.atomic():
        if not server_database.embedded():
            list(Cabinet.objects.select_for_update(no_key=True).filter(id=cabinet_id).values_list("id"))
        yield


def alone(use_case: Callable[Concatenate[_Actor, _P], _R]) -> Callable[Concatenate[_Actor, _P], _R]:
    """A use case whose whole is one transaction (`writing`) of its actor's cabinet."""

    @wraps(use_case)
    def one(actor: _Actor, /, *given: _P.args, **named: _P.kwargs) -> _R:
        cabinet = getattr(actor, "cabinet_id", None) or actor.cabinet
        with writing(cabinet if isinstance(cabinet, str) else cabinet.id):
            return use_case(actor, *given, **named)

    return one


def head(cabinet: Cabinet) -> Cursor:
    return Cursor(cabinet.epoch, cabinet.seq, cabinet.tag)
