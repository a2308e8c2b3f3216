"""`/healthz` tries what a portal has to do, names the part that does not work, and costs nothing however often it is asked."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from django.db import connection

from tests.portal.test_disk_reserve import Disk, disk

__all__ = ["disk"]


class Pages:
    asked, rest = 0, 0.01

    async def answers(self) -> None:
        self.asked += 1
        await asyncio.sleep(self.rest)


def health(pages: Pages, times: int = 1) -> set[tuple[int, str]]:
    from syncd.portal.api.health import Health

    one = Health(pages)  # type: ignore[arg-type]

    async def ask() -> set[tuple[int, str]]:
        answers = await asyncio.gather(*(one.answer(None) for _ in range(times)))  # type: ignore[arg-type]
        return {(a.status_code, bytes(a.body).decode()) for a in answers}

    return asyncio.run(ask())


def test_a_storm_of_questions_is_one_look(office_there: Any) -> None:
    pages = Pages()
    assert health(pages, 200) == {(200, "ok\n")} and pages.asked == 1


def test_a_directory_that_another_account_made_is_found_before_anybody_deposits(
    office_there: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    (settings.BLOBS / "ff").mkdir(parents=True, exist_ok=True)
    assert health(Pages()) == {(200, "ok\n")}
    assert not list((settings.BLOBS / "tmp").iterdir())
    real = os.access
    monkeypatch.setattr(
        "syncd.portal.storage.local.os.access", lambda path, mode: str(path)[-2:] != "ff" and real(path, mode)
    )
    assert health(Pages()) == {(503, "storage\n")}
    monkeypatch.undo()
    monkeypatch.setattr(
        "syncd.portal.storage.local.os.write", lambda *_: (_ for _ in ()).throw(OSError(30, "read-only"))
    )
    assert health(Pages()) == {(503, "storage\n")}


def test_what_does_not_work_is_in_the_log_once(
    office_there: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from syncd.portal.api import health as module

    def fails() -> None:
        raise PermissionError(13, "Permission denied", "blobs/tmp")

    one = module.Health(Pages())  # type: ignore[arg-type]
    with monkeypatch.context() as m:
        m.setattr(module, "_storage", fails)
        for _ in range(3):
            asyncio.run(one._look())
    asyncio.run(one._look())
    said = [r.getMessage() for r in caplog.records if r.name == module.__name__]
    assert (
        len(said) == 2 and "storage: [Errno 13] Permission denied: 'blobs/tmp'" in said[0] and "well again" in said[1]
    )


def test_each_part_that_fails_has_its_line(office_there: Any, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.api import health as module

    monkeypatch.setattr(module, "HEALTHY", 0.3)
    real = module._database

    def readonly() -> None:
        with connection.cursor() as cursor:
            cursor.execute("pragma query_only = on")
        try:
            real()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("pragma query_only = off")

    monkeypatch.setattr(module, "_database", readonly)
    monkeypatch.setattr(module, "close_old_connections", lambda: None)
    disk.free = 1
    stuck = Pages()
    stuck.rest = 5
    assert health(stuck) == {(503, "database\npages\ndisk\n")}


def test_what_went_wrong_is_counted_by_its_status(office_there: Any) -> None:
    from syncd.portal.api.metrics import Counted, collect

    before = Counted.errors[507]

    async def full(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 507, "headers": []})

    async def trips(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError

    async def nowhere(message: Any) -> None: ...

    asyncio.run(Counted(full)({"type": "http", "path": "/x"}, None, nowhere))  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        asyncio.run(Counted(trips)({"type": "http", "path": "/x"}, None, nowhere))  # type: ignore[arg-type]
    said = collect().decode()
    assert Counted.errors[507] == before + 1
    assert f'syncd_errors{{status="507"}} {before + 1.0}' in said and 'syncd_errors{status="500"}' in said
    for name in ("disk_free_bytes", "disk_reserve_bytes", "letters_waiting", "letters_oldest_seconds"):
        assert f"syncd_{name}" in said, name


def test_a_storage_that_is_missing_is_not_begun_anew(office: Any, put: Any, browse: Any) -> None:
    """The sweep made its directory again: what was sent from then on went to the wrong disk, and nothing was said."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.storage import blob_store

    put(office.one, "Achats/a.pdf", b"a")
    away = settings.BLOBS.rename(settings.BLOBS.with_name("away"))
    try:
        blob_store().sweep(0)
        with pytest.raises(FileNotFoundError):
            blob_store().stage(b"b")
        marie = browse(office.marie)
        marie.raise_request_exception = False
        given = {"documents": [SimpleUploadedFile("b.pdf", b"b")], "batch": "b" * 16}
        refused = marie.post("/dossiers/000001/deposer/Achats", given)
        assert not settings.BLOBS.exists() and not blob_store().available()
    finally:
        away.rename(settings.BLOBS)
    assert refused.status_code == 500 and "Réessayez dans un instant" in refused.content.decode()
