"""What a browser says of a file's own date is kept with its version, shown, and borne by it in archives (ADR 18)."""

from __future__ import annotations

import asyncio
import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.portal.upload_client import Depositor

PAST = datetime(2014, 5, 13, 16, 53, 20, tzinfo=UTC)


def modified(path: str) -> Any:
    from syncd.portal.models import Version

    return Version.objects.filter(document__path=path).order_by("-number").first().modified_at  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (str(int(PAST.timestamp() * 1000)), PAST), ("", None), ("0", None), ("-5", None), ("yesterday", None),
        ("1" * 30, None), ("²", None), (str(2**53), "now"),
    ],
)  # fmt: skip
def test_what_a_browser_says_is_kept_as_far_as_it_is_a_date(office_there: Any, said: str, kept: Any) -> None:
    marie = Depositor(office_there.marie, office_there.one.code)

    async def work() -> None:
        created = await marie.create("Achats", "a.pdf", 1, {"modified": said} if said else None)
        assert created.status_code == 201
        assert (await marie.patch(created.headers["location"], 0, b"a")).status_code == 204

    asyncio.run(work())
    found = modified("Achats/a.pdf")
    assert abs(found.timestamp() - time.time()) < 60 if kept == "now" else found == kept


def test_archives_pages_and_files_bear_it(office: Any, browse: Any, tmp_path: Path) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    by = Operator(office.cabinet.id, "le client", "company")
    assert deposit_file(by, office.one, "Achats/a.pdf", io.BytesIO(b"a"), PAST.timestamp()).ok
    assert deposit_file(by, office.one, "Achats/b.pdf", io.BytesIO(b"b")).ok
    boss = browse(office.boss)
    answer = boss.get("/dossiers/000001/archive.zip?folder=Achats")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        dates = {i.filename: i.date_time for i in archive.infolist()}
    assert dates["Achats/a.pdf"] == PAST.astimezone(ZoneInfo("Europe/Paris")).timetuple()[:6]
    assert dates["Achats/b.pdf"][0] == datetime.now(UTC).year
    a, b = (Document.objects.get(path=f"Achats/{n}.pdf") for n in "ab")
    assert "Date du fichier" in (page := boss.get(f"/documents/{a.id}").content.decode()) and "13/05/2014" in page
    assert "Date du fichier" not in boss.get(f"/documents/{b.id}").content.decode()
    assert deposit_file(by, office.one, "Achats/a.pdf", io.BytesIO(b"newer"), PAST.timestamp() + 86400).ok
    a.refresh_from_db()
    lifecycle.put_version_back(by, a, 1)
    assert modified("Achats/a.pdf") == PAST, "an earlier version comes back with its date"


def test_a_file_on_the_portals_own_machine_goes_in_and_out_with_it(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.cli.portal import documents as commands

    monkeypatch.setenv("SYNCD_PORTAL_CABINET", "Autre cabinet")
    file = tmp_path / "a.pdf"
    file.write_bytes(b"a")
    os.utime(file, (PAST.timestamp(),) * 2)
    put: Callable[..., Any] = commands.document_put.callback.__wrapped__  # type: ignore[union-attr]
    out: Callable[..., Any] = commands.document_get.callback.__wrapped__  # type: ignore[union-attr]
    assert put("000009", "Achats/a.pdf", file, False) == 0
    assert out("000009", "Achats/a.pdf", tmp_path / "b.pdf", None) == 0
    assert (tmp_path / "b.pdf").stat().st_mtime == PAST.timestamp()
