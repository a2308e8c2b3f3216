"""Packages whose bytes are mixed, lost, late or left behind: found by a reader who tried to break them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import AlreadyRunning
from tests.portal.exchange_packages import PAGE, Engine, package
from tests.portal.test_packages import DOCS, desk, engine, handed_in, packages

__all__ = ["desk", "engine"]


def brought(order: Any, data: bytes, size: int) -> str:
    from syncd.portal.exchange.orders import upload_key
    from syncd.portal.storage import upload_store

    key = upload_key(order.id)
    upload_store().begin(key, "", order.client, size, b'{"client": "%s", "size": %d}' % (order.client.encode(), size))
    upload_store().append(key, 0, [data])
    return key


def test_halves_of_two_engines_are_no_package(office: Any, desk: Any, engine: Engine) -> None:
    from syncd.portal.storage import package_store, upload_store

    desk.post(f"{PAGE}{office.one.code}/preparer", {"what": "all"})
    order, whole = engine.order(), b"B" * 1000
    key = brought(order, b"A" * 500, 1000)
    upload_store().append(key, 500, [whole[500:]])
    engine.tell(engine.made(order, whole), key="RWQkey")
    (row,) = packages(office.one)
    if row.stored:
        with package_store().open(row.id) as held:
            assert hashlib.sha256(held.read()).hexdigest() == row.sha256
    assert row.state != "made"


def test_an_engine_that_was_taken_over_leaves_no_bytes(office: Any, desk: Any, engine: Engine) -> None:
    from syncd.portal.storage import package_store

    desk.post(f"{PAGE}{office.one.code}/preparer", {"what": "all"})
    order, old = engine.order(), b"O" * 1000
    brought(order, old, 1000)
    with pytest.raises(AlreadyRunning):
        engine.tell(engine.made(order, old), instance="old")
    assert order.id not in dict(package_store().held())


def test_a_folder_that_came_after_the_order_is_asked_for(office: Any, desk: Any, engine: Engine) -> None:
    from syncd.portal.exchange import access
    from syncd.portal.models import Client

    client = Client.objects.get(id=office.one.id)
    whole = client.rules
    without = [rule for rule in whole if rule["path"] != "Social"]
    Client.objects.filter(id=client.id).update(rules=without)
    desk.post(f"{PAGE}{client.code}/preparer", {"what": "all"})
    Client.objects.filter(id=client.id).update(rules=whole)
    engine.brings(b"with Social inside")
    Client.objects.filter(id=client.id).update(rules=without)
    (row,) = packages(client)
    client.refresh_from_db()
    assert "payroll" in access.exchange_of(client, row).kinds


def test_what_was_refused_can_be_handed_in_again(office: Any, desk: Any, engine: Engine, tmp_path: Path) -> None:
    from syncd.portal.storage import package_store

    file = package(tmp_path / "company", office.one, DOCS)
    handed_in(desk, office.one, file)
    engine.tell(engine.answer(engine.order()))
    (row,) = packages(office.one)
    package_store().drop(row.id)
    desk.act("deal", row)
    engine.tell(engine.answer(engine.order(), "refused", why="hand it in again", french="remettez-le"))
    assert "Paquet remis" in handed_in(desk, office.one, file)


def test_a_discard_that_failed_keeps_the_package(office: Any, desk: Any, engine: Engine, tmp_path: Path) -> None:
    handed_in(desk, office.one, package(tmp_path / "company", office.one, DOCS))
    engine.tell(engine.answer(engine.order()))
    (row,) = packages(office.one)
    desk.act("discard", row)
    engine.tell(engine.answer(engine.order(), "failed", why="No space left on device", french="plus de place"))
    (row,) = packages(office.one)
    assert row.state != "discarded" and row.stored


def test_one_that_is_taken_back_leaves_nothing_of_what_was_brought(office: Any, desk: Any, engine: Engine) -> None:
    from syncd.portal.storage import upload_store
    from syncd.portal.storage.port import Gone

    desk.post(f"{PAGE}{office.one.code}/preparer", {"what": "all"})
    key = brought(engine.order(), b"x" * 900, 1000)
    (row,) = packages(office.one)
    desk.act("take_back", row)
    with pytest.raises(Gone):
        upload_store().arrived(key)
