"""What is refused leaves nothing on the portal's disk, whichever way it came; what has no room is known before it comes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.portal.upload_client import Depositor, Engine

KB = b"k" * 1000


def files(directory: Path) -> int:
    """Bytes of bodies, under whatever name."""
    return sum(p.stat().st_size for part in ("blobs", "uploads") for p in (directory / part).rglob("*") if p.is_file())


@pytest.fixture
def narrow(office_there: Any) -> Any:
    """The first client has room for one more kilobyte."""
    from syncd.portal.clients import clients
    from syncd.portal.rights import Operator

    clients.set_quota(Operator(office_there.cabinet.id, "x"), office_there.one, 1500)
    office_there.one.refresh_from_db()
    return office_there


def by_hand(office: Any, path: str, data: bytes) -> str:
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.rights import Operator

    result = deposit_file(Operator(office.cabinet.id, "x", "company"), office.one, path, io.BytesIO(data))
    return str(result.status if result.ok else result.reason)


def by_browser(office: Any, path: str, data: bytes) -> str:
    """As if the quota had not been known when it was announced."""
    from syncd.portal.documents import deposit
    from syncd.portal.people.visibility import person_of
    from syncd.portal.storage import blob_store

    folder, name = path.split("/")
    staged, content = blob_store().stage_from(io.BytesIO(data))
    begun = deposit.begin(person_of(office.marie), office.one, "batch-0001")
    line = deposit.take(person_of(office.marie), begun, deposit.Incoming(folder, name, len(data)), staged, content)
    return str(line.reason or "ok")


def by_engine(office: Any, path: str, data: bytes) -> str:
    result = asyncio.run(Engine(office.cabinet).put(office.one, {path: data}))[0]
    return str(result.status if result.ok else result.reason)


def by_engine_alone(office: Any, path: str, data: bytes) -> str:
    result = asyncio.run(Engine(office.cabinet).put_large(office.one, path, data))
    return str(result.status if result.ok else result.reason)


@pytest.mark.parametrize("way", [by_hand, by_browser, by_engine, by_engine_alone])
def test_nothing_of_what_is_refused_for_its_room_stays(narrow: Any, shared: Path, way: Callable[..., str]) -> None:
    assert way(narrow, "Achats/a.pdf", KB) == "ok"
    held = files(shared)
    for n in range(3):
        assert way(narrow, f"Achats/more {n}.pdf", KB) == "quota"
        assert files(shared) == held
    assert way(narrow, "Achats/b.pdf", b"small enough") == "ok"


@pytest.mark.parametrize("way", [by_hand, by_browser, by_engine, by_engine_alone])
def test_nothing_stays_of_what_only_the_lock_refuses(
    office_there: Any, shared: Path, monkeypatch: Any, way: Callable[..., str]
) -> None:
    """The room went between the first look and the transaction."""
    from syncd.portal.api import transfer
    from syncd.portal.clients import clients
    from syncd.portal.documents import deposit
    from syncd.portal.rights import Operator

    for service in (deposit, transfer):
        monkeypatch.setattr(service, "no_room", lambda client, item: None)
    clients.set_quota(Operator(office_there.cabinet.id, "x"), office_there.one, 500)
    office_there.one.refresh_from_db()
    assert way(office_there, "Achats/a.pdf", KB) == "quota" and files(shared) == 0


@pytest.mark.parametrize("way", [by_hand, by_engine, by_engine_alone])
def test_nothing_stays_when_the_transaction_fails(
    office_there: Any, shared: Path, monkeypatch: Any, way: Callable[..., str]
) -> None:
    from syncd.portal.records import bulk

    def fails(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(bulk, "add_versions", fails)
    with pytest.raises(
        (RuntimeError, AssertionError), match=r"RuntimeError|a fault of ours"
    ):  # thrown, or answered as 500
        way(office_there, "Achats/a.pdf", KB)
    left = [p for p in (shared / "blobs").rglob("*") if p.is_file()]
    assert not left
    monkeypatch.undo()
    assert way(office_there, "Achats/a.pdf", KB) == "ok"


def test_equal_content_at_the_same_name_is_kept_once(office_there: Any, shared: Path) -> None:
    for _ in range(3):
        assert by_engine(office_there, "Achats/a.pdf", KB) == "ok"
    assert files(shared) == len(KB)


def test_a_browser_is_told_before_a_byte_is_sent(narrow: Any, shared: Path) -> None:
    marie = Depositor(narrow.marie, narrow.one.code)
    created = asyncio.run(marie.create("Achats", "a.pdf", 2000))
    assert created.status_code == 422 and "plein" in created.json()["message"] and files(shared) == 0


def test_the_engine_is_told_before_a_byte_of_a_large_one_is_sent(narrow: Any, shared: Path) -> None:
    created = asyncio.run(Engine(narrow.cabinet).create(narrow.one, "Achats/a.pdf", KB * 2))
    assert created.status_code == 422 and b"quota" in created.content and files(shared) == 0


def test_a_quota_lowered_below_what_is_used_takes_what_frees_space(office_there: Any) -> None:
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.clients import clients
    from syncd.portal.documents import store
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    assert by_hand(office_there, "Achats/a.pdf", KB * 2) == "ok"
    clients.set_quota(Operator(office_there.cabinet.id, "x"), office_there.one, 100)
    office_there.one.refresh_from_db()
    assert by_hand(office_there, "Achats/a.pdf", KB) == "ok"  # a smaller version
    assert by_hand(office_there, "Achats/a.pdf", b"s" * 1000) == "ok"  # one as large
    assert by_hand(office_there, "Achats/a.pdf", KB + b"k") == "quota"
    held = Document.objects.get(path="Achats/a.pdf")
    item = PutItem(office_there.one.id, held.path, content_of(b"x" * 999), doc=held.id, version=held.version)
    assert store.no_room(office_there.one, item) is None


DEEP = "Achats/" + "d/" * 120 + "a.pdf"
LONG = "Achats/" + "/".join("é" * 100 for _ in range(11)) + "/a.pdf"


@pytest.mark.parametrize("path", [DEEP, LONG], ids=["deep", "long"])
def test_a_path_that_is_too_deep_or_too_long_is_refused_by_every_way(
    office_there: Any, shared: Path, path: str
) -> None:
    from syncd.core.protocol import FolderItem
    from syncd.portal.clients import tree
    from syncd.portal.documents import store
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Operator

    for way in (by_hand, by_engine, by_engine_alone):
        assert way(office_there, path, KB) == "too_long", way
    folder = path.rpartition("/")[0]
    actor = Operator(office_there.cabinet.id, "x")
    asked = store.store(actor, [FolderItem(office_there.one.id, folder)]).results[0]
    assert asked.reason == "too_long"
    with pytest.raises(Refusal, match="trop long"):
        tree.folder_add(Operator(office_there.cabinet.id, "x"), office_there.one, folder)
    created = asyncio.run(Depositor(office_there.marie, office_there.one.code).create(folder, "a.pdf", 10))
    assert created.status_code == 422 and "trop long" in created.json()["message"] and files(shared) == 0
