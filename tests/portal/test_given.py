"""A document counts as given, and so as received by the cabinet, once its last byte has gone to somebody who was still there."""

from __future__ import annotations

import asyncio
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.portal.test_wsgi_bridge import Asked

BIG = bytes(600_000)


def _received() -> list[str]:
    from syncd.portal.models import Document

    return sorted(Document.objects.filter(received_at__isnull=False).values_list("path", flat=True))


def test_a_download_counts_when_it_was_read_to_its_end(office: Any, browse: Any, put: Any) -> None:
    document, boss = put(office.one, "Achats/a.pdf", b"%PDF-" + BIG), browse(office.boss)
    for what in ("telecharger", "apercu"):
        pieces = iter(boss.get(f"/documents/{document.id}/{what}").streaming_content)
        next(pieces)
        assert _received() == [] and not document.opened.exists()
    for n, verb in enumerate(("telecharger", "apercu"), 1):
        b"".join(boss.get(f"/documents/{document.id}/{verb}").streaming_content)
        assert _received() == ["Achats/a.pdf"] and document.opened.count() == n
    document.refresh_from_db()
    assert document.downloads == 1


def test_of_an_archive_that_is_cut_what_had_gone_counts(
    office: Any, browse: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.web import download

    monkeypatch.setattr(download, "NOTED_EACH", 150_000)
    names = [f"Achats/{n}.pdf" for n in range(6)]
    for n, name in enumerate(names):
        put(office.one, name, random.Random(n).randbytes(160_000))
    boss = browse(office.boss)
    answer = boss.get("/dossiers/000001/archive.zip?folder=Achats")
    sent, cut = bytearray(), iter(answer.streaming_content)
    assert _received() == []
    while len(_received()) < 2:
        sent += next(cut)
    whole = _received()
    assert whole == names[: len(whole)] and len(whole) < 6
    for name in whole:  # every byte of each had gone when it counted
        at = sent.index(name.encode())
        assert sent.find(b"PK\x03\x04", at) > 0 or sent.find(b"PK\x01\x02", at) > 0
    for close in answer._resource_closers:  # `close()` would end the test's one connection too
        close()
    assert _received() == whole
    rest = b"".join(boss.get("/dossiers/000001/archive.zip?folder=Achats").streaming_content)
    assert zipfile.ZipFile(io.BytesIO(rest)).namelist() == names and _received() == names


def test_what_was_given_is_given_though_it_cannot_be_written_down(
    office: Any, browse: Any, put: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    from django.db import OperationalError

    from syncd.portal.web import download

    def held(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(download, "opened", held)
    document, boss = put(office.one, "Achats/a.pdf", b"a"), browse(office.boss)
    put(office.one, "Achats/b.pdf", b"b")
    assert b"".join(boss.get(f"/documents/{document.id}/telecharger").streaming_content) == b"a"
    rest = b"".join(boss.get("/dossiers/000001/archive.zip?folder=Achats").streaming_content)
    assert len(zipfile.ZipFile(io.BytesIO(rest)).namelist()) == 2
    assert [r.getMessage()[:11] for r in caplog.records if "not noted" in r.getMessage()] == [
        "1 documents",
        "2 documents",
    ]


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("", True), ("bytes=0-0", False), ("bytes=0-599998", False), ("bytes=5-599999", True), ("bytes=0-", True),
        ("bytes=-1", True), ("bytes=0-1,599999-599999", False), ("bytes=600000-", False),
    ],
)  # fmt: skip
def test_a_part_counts_where_it_reaches_the_end(portal: Path, tmp_path: Path, said: str, counts: bool) -> None:
    (tmp_path / "big").write_bytes(BIG)
    ended: list[int] = []

    async def work() -> None:
        await (
            Asked(_pages(tmp_path / "big", ended), "GET", "/big", *([("range", said)] if said else [])).say(b"").done()
        )

    asyncio.run(work())
    assert ended == [1] * counts


def test_who_hung_up_before_the_end_was_given_nothing(portal: Path, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    ended: list[int] = []

    async def work() -> None:
        asked = Asked(_pages(tmp_path / "big", ended), "GET", "/big", slow=True).say(b"")
        while not asked.told:
            await asyncio.sleep(0.01)
        asked.hang_up()
        await asyncio.sleep(0)
        asked.drained.set()  # a server lets what nobody reads go on
        await asked.done()
        assert len(asked.body) < len(BIG)

    asyncio.run(work())
    assert ended == []


@pytest.mark.parametrize("stays", [True, False])
def test_an_archive_is_gone_on_with_when_what_was_before_has_gone(portal: Path, stays: bool) -> None:
    """An empty piece: what follows it is done once the reader has what came before."""
    noted: list[int] = []

    class Archive:
        streaming = True

        def __iter__(self) -> Iterator[bytes]:
            for n in range(3):
                yield b"some"
                yield b""
                noted.append(n)

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [("Content-Type", "application/zip")])
        return Archive()

    async def work() -> None:
        from syncd.portal.api.wsgi_bridge import Pages

        asked = Asked(Pages(app), "GET", "/dossiers/1/archive.zip", slow=True).say(b"")
        while not asked.told:
            await asyncio.sleep(0.01)
        assert noted == []
        if not stays:
            asked.hang_up()
            await asyncio.sleep(0)
        asked.drained.set()
        await asked.done()
        assert asked.body == b"somesomesome" * stays

    asyncio.run(work())
    assert noted == ([0, 1, 2] if stays else [])


def _pages(big: Path, ended: list[int]) -> Any:
    from syncd.portal.api.wsgi_bridge import Pages
    from syncd.portal.documents.receipts import Given

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [("Content-Length", str(len(BIG))), ("Accept-Ranges", "bytes")])
        return environ["wsgi.file_wrapper"](Given(big.open("rb"), lambda: ended.append(1)), 4096)

    return Pages(app)
