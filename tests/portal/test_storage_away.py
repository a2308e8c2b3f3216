"""A storage that does not answer for a moment: nothing is taken for lost or damaged, and whoever asks again is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from syncd.portal.storage.port import Away
from tests.portal.upload_client import Engine

DOCUMENTS = {"Achats/un.pdf": b"un"}


@pytest.fixture
def engine(office_there: Any) -> Engine:
    made = Engine(office_there.cabinet)
    assert all(r.ok for r in asyncio.run(made.put(office_there.one, DOCUMENTS)))
    return made


def away(monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.storage import blob_store

    def ask(*given: object) -> None:
        raise Away("GenericError")

    for name in ("mark", "prove", "size", "open", "read"):
        monkeypatch.setattr(type(blob_store()), name, ask)


def test_nothing_is_said_to_be_damaged_and_nothing_is_moved(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.documents import integrity
    from syncd.portal.storage import blob_store

    away(monkeypatch)
    with pytest.raises(Away):
        list(integrity.check(blob_store(), repair=True, served=False))
    monkeypatch.undo()
    assert list(integrity.check(blob_store(), repair=False, served=False)) == []


def test_an_engine_is_told_to_ask_again_and_not_that_a_version_rots(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.models import Version

    version = Version.objects.get().id

    async def asked() -> int:
        async with engine.line() as line:
            return (await line.get(f"/content/{version}")).status_code

    away(monkeypatch)
    assert asyncio.run(asked()) == 503
    monkeypatch.undo()
    assert asyncio.run(asked()) == 200
