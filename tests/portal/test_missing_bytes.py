"""A version whose bytes are gone, or cut, is said of that version alone: the portal itself is well, and its log names it."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.portal.upload_client import Engine
from tests.support import databases

DATA = b"a document of some length"
HURTS = {"missing": None, "cut": 7}  # bytes that are left


@pytest.mark.parametrize("hurt", HURTS)
def test_one_version_that_is_not_there_is_answered_apart(
    office_there: Any, shared: Path, caplog: pytest.LogCaptureFixture, hurt: str
) -> None:

    engine = Engine(office_there.cabinet)
    bad, good = asyncio.run(engine.put(office_there.one, {"Achats/bad.pdf": DATA, "Achats/good.pdf": DATA}))
    _lose(bad.doc.version_id, DATA[: HURTS[hurt]] if HURTS[hurt] else None)

    async def ask(version: str) -> Any:
        async with engine.line() as line:
            return await line.get(f"/content/{version}")

    said = asyncio.run(ask(bad.doc.version_id))
    assert (said.status_code, json.loads(said.content)["code"]) == (
        404,
        "rotten",
    )  # what an older engine understands, too
    (line,) = [r.getMessage() for r in caplog.records if bad.doc.version_id in r.getMessage()]
    assert bad.doc.id in line and ("missing" if hurt == "missing" else "7 of its 25 bytes") in line
    given = asyncio.run(ask(good.doc.version_id))
    assert (given.status_code, given.content) == (200, DATA)


PDF = b"%PDF-1.4 of some length"


def _hurt(document: Any, how: str) -> None:
    """`damaged`: as many bytes, and others."""
    _lose(document.version_id, PDF[::-1] if how == "damaged" else PDF[: HURTS[how]] if HURTS[how] else None)


def _lose(version: str, left: bytes | None) -> None:
    from django.conf import settings

    databases.hurt(settings.DATA, version, left)


@pytest.mark.parametrize("hurt", HURTS)
def test_what_is_not_there_is_said_to_whoever_opens_it_and_nobody_has_read_or_received_it(
    office: Any, browse: Any, put: Any, hurt: str
) -> None:
    bad = put(office.one, "Achats/bad.pdf", PDF)
    _hurt(bad, hurt)
    browser = browse(office.boss)
    for what in ("telecharger", "apercu"):
        answer = browser.get(f"/documents/{bad.id}/{what}", follow=True)
        assert answer.status_code == 410 and "« Achats/bad.pdf » manque" in answer.content.decode().replace("\xa0", " ")
    bad.refresh_from_db()
    assert not bad.opened.exists() and bad.received_at is None and bad.downloads == 0


@pytest.mark.parametrize("hurt", HURTS)
def test_an_archive_holds_a_note_in_place_of_what_is_not_there(office: Any, browse: Any, put: Any, hurt: str) -> None:
    bad, good = (put(office.one, f"Achats/{name}.pdf", PDF + name.encode()) for name in ("bad", "good"))
    _hurt(bad, hurt)
    answer = browse(office.boss).get(f"/dossiers/{office.one.code}/archive.zip?folder=Achats")
    held = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert sorted(held.namelist()) == ["Achats/bad.pdf (contenu manquant).txt", "Achats/good.pdf"]
    assert (
        held.read("Achats/good.pdf") == PDF + b"good"
        and "manque" in held.read("Achats/bad.pdf (contenu manquant).txt").decode()
    )
    assert not bad.opened.exists() and good.opened.exists()


@pytest.mark.parametrize("hurt", [*HURTS, "damaged"])
@pytest.mark.parametrize("door", ["browser", "command", "engine"])
def test_the_same_content_again_makes_a_hurt_version_whole(office: Any, put: Any, hurt: str, door: str) -> None:
    from syncd.core.content import Content
    from syncd.core.protocol import PutItem
    from syncd.portal.documents import deposit
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Engine
    from syncd.portal.storage import blob_store

    bad = put(office.one, "Achats/bad.pdf", PDF)
    _hurt(bad, hurt)
    if door == "command":
        put(office.one, "Achats/bad.pdf", PDF)
    else:
        staged, content = blob_store().stage_from(io.BytesIO(PDF))
        assert content == Content(len(PDF), content.sha256)
        if door == "browser":
            batch = deposit.begin(person_of(office.marie), office.one, "a-batch-of-hers")
            line = deposit.take(
                person_of(office.marie), batch, deposit.Incoming("Achats", "bad.pdf", len(PDF)), staged, content
            )
            assert line.outcome == "already"
        else:
            arrival = deposit.Arrival(PutItem(office.one.id, "Achats/bad.pdf", content), content, staged)
            (done,) = deposit.deposit(Engine(office.cabinet.id), [arrival]).results
            assert done.ok
    assert blob_store().read(bad.version_id) == PDF
    bad.refresh_from_db()
    assert bad.version == 1
