"""Pictures of documents: for whoever may have them at that moment, made once, an icon in place of what cannot be made."""

from __future__ import annotations

import io
import threading
import time
from typing import Any

import pytest

from tests.support.hostile_files import files, invoice


def kind_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.headers["Content-Type"])


@pytest.fixture
def settled() -> Any:
    """A page waits as long as it takes."""
    from syncd.portal.web import pictures

    before, pictures.WAIT = pictures.WAIT, 60.0
    yield
    pictures.WAIT = before


def address(document: Any, size: str = "petite") -> str:
    return f"/vignette/{document.id}/{size}?v={document.version}"


def test_who_may_have_a_document_sees_its_picture_and_nobody_else(
    office: Any, browse: Any, put: Any, settled: Any
) -> None:
    from PIL import Image

    document = put(office.one, "Achats/facture.pdf", invoice())
    assert kind_of(browse(office.boss).get(address(document))) == "image/webp"
    mine = browse(office.marie).get(address(document))
    assert (
        mine.status_code == 200 and mine.headers["Content-Type"] == "image/svg+xml"
    )  # she sees it, and may not have it
    office.marie.grants.filter(kind="*").update(verbs="view download")
    shown = browse(office.marie).get(address(document))
    assert Image.open(io.BytesIO(shown.content)).size == (102, 144)
    office.marie.grants.filter(kind="*").update(verbs="")
    assert browse(office.marie).get(address(document)).status_code == 404
    foreign = put(office.foreign, "Achats/facture.pdf", invoice())
    assert browse(office.boss).get(address(foreign)).status_code == 404
    assert browse(office.boss).get(address(document, "enorme")).status_code == 404
    assert browse(office.boss).get(f"/vignette/{document.id}/petite?v=7").status_code == 404


def test_a_browser_that_kept_a_picture_is_told_that_it_is_still_the_same_as_long_as_its_reader_may_have_it(
    office: Any, browse: Any, put: Any, settled: Any
) -> None:
    document = put(office.one, "Achats/facture.pdf", invoice())
    boss = browse(office.boss)
    first = boss.get(address(document))
    assert "no-cache" in first.headers["Cache-Control"] and "private" in first.headers["Cache-Control"]
    again = boss.get(address(document), HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert browse(office.paul).get(address(document), HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 200
    put(office.one, "Achats/facture.pdf", invoice("AVOIR"))
    document.refresh_from_db()
    assert boss.get(address(document), HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 200


def test_a_picture_is_made_once(
    office: Any, browse: Any, put: Any, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import pictures

    document, boss = put(office.one, "Achats/facture.pdf", invoice("une seule fois")), browse(office.boss)
    first = boss.get(address(document)).content
    monkeypatch.setattr(pictures, "reader", lambda: pytest.fail("made again"))
    assert boss.get(address(document)).content == first
    broken = put(office.one, "Achats/cassé.pdf", b"%PDF-1.4 broken once")
    monkeypatch.undo()
    assert kind_of(boss.get(address(broken))) == "image/svg+xml"
    monkeypatch.setattr(pictures, "reader", lambda: pytest.fail("tried again"))
    assert kind_of(boss.get(address(broken))) == "image/svg+xml"


def test_what_is_not_ready_is_an_icon_that_is_asked_for_again(
    office: Any, browse: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import pictures
    from syncd.portal.web import pictures as page

    going = threading.Event()

    class Slow:
        def ask(self, do: str, source: Any, **given: Any) -> bytes:
            going.wait(30)
            return b"made"

    monkeypatch.setattr(pictures, "reader", Slow)
    monkeypatch.setattr(page, "WAIT", 0.05)
    document, boss = put(office.one, "Achats/lent.xlsx", b"slow"), browse(office.boss)
    began = time.monotonic()
    pending = boss.get(address(document))
    assert time.monotonic() - began < 10 and kind_of(pending) == "image/svg+xml"
    assert b'height="37"' in pending.content and b">XLSX<" in pending.content
    assert pending.headers["Cache-Control"] == "no-store"
    going.set()
    monkeypatch.setattr(page, "WAIT", 30.0)
    assert boss.get(address(document)).content == b"made"


def test_hostile_documents_end_as_icons(
    office: Any, browse: Any, put: Any, settled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import pictures

    monkeypatch.setattr(pictures, "SECONDS", 2.0)
    boss = browse(office.boss)
    for name, data in list(files(70))[::3]:
        if data:
            document = put(
                office.one, f"Divers/{name}" if office.one.folders.filter(path="Divers") else f"Achats/{name}", data
            )
            assert kind_of(boss.get(address(document))) in ("image/svg+xml", "image/webp"), name
    fine = put(office.one, "Achats/bonne.pdf", invoice())
    assert kind_of(boss.get(address(fine))) == "image/webp"


def test_bytes_that_are_missing_are_an_icon(office: Any, browse: Any, put: Any, settled: Any) -> None:
    import os

    from syncd.portal.storage import blob_store

    document = put(office.one, "Achats/perdue.pdf", invoice("perdue"))
    os.unlink(blob_store()._path(document.version_id))  # type: ignore[attr-defined]
    assert kind_of(browse(office.boss).get(address(document))) == "image/svg+xml"


def test_lists_show_how_documents_look(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Opened

    document = put(office.one, "Achats/facture.pdf", invoice())
    for page in (f"/dossiers/{office.one.code}/Achats", "/recherche?q=facture"):
        shown = browse(office.boss).get(page).content.decode()
        assert f'src="/vignette/{document.id}/petite?v=1"' in shown and 'loading="lazy"' in shown
    assert not Opened.objects.exists()


def test_clients_take_turns_however_much_one_of_them_asks_for(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.documents import pictures
    from syncd.portal.readers.worker_client import Busy

    monkeypatch.setattr(pictures, "MAKING", 1)
    monkeypatch.setattr(pictures, "WAITING", 30)
    makers, going, made = pictures._Makers(), threading.Event(), list[str]()

    def ask(whose: str, n: int) -> Any:
        def make() -> bytes:
            going.wait(30)
            made.append(whose)
            return b""

        return makers.ask(whose, f"{whose} {n}", make)

    first = ask("one", 0)
    while makers._lines:  # until a thread has it
        pass
    asked = [ask("one", n) for n in range(1, 31)]
    with pytest.raises(Busy):
        ask("one", 31)
    asked += [ask("two", n) for n in range(2)]
    assert ask("one", 5) is asked[4]  # the same is made once
    going.set()
    for future in [first, *asked]:
        future.result(30)
    assert made[:5] == ["one", "one", "two", "one", "two"] and len(made) == 33 and not makers.pending()


def test_a_document_that_takes_too_much_is_spared_for_a_while(
    office: Any, browse: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import pictures
    from syncd.portal.readers.worker_client import TooMuch

    asked = list[int]()

    class Slow:
        def ask(self, do: str, source: Any, page: int, **given: Any) -> bytes:
            asked.append(page)
            if source.read() == b"slow pages":
                raise TooMuch
            return b"made"

    monkeypatch.setattr(pictures, "reader", Slow)
    slow, fine = put(office.one, "Achats/lent.pdf", b"slow pages"), put(office.one, "Achats/bon.pdf", b"fine pages")
    boss = browse(office.boss)
    for page in (1, 2, 3):
        answer = boss.get(f"/vignette/{slow.id}/petite?p={page}")
        assert kind_of(answer) == "image/svg+xml" and b'height="36"' in answer.content
    assert asked == [0] and boss.get(address(fine)).content == b"made"
    monkeypatch.setattr(pictures, "_makers", pictures._Makers())  # after a while
    boss.get(f"/vignette/{slow.id}/petite?p=2")
    assert asked == [0, 0, 1]
