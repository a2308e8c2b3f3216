"""Documents are found by what they say, by whoever may open them, and nobody learns anything of the others."""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.core.text_search import excerpt, phrases
from tests.support import databases
from tests.support.hostile_files import BAD, invoice


@pytest.fixture
def portal(shared: Any) -> Any:
    """Nothing is inside a transaction: whoever searches sees what was written since."""
    return shared


@pytest.fixture
def index(portal: Any) -> Iterator[Any]:
    from syncd.portal.storage import text_index

    index: Any = text_index()
    yield index
    index.close()


def module_of(index: Any) -> Any:
    return sys.modules[type(index).__module__]


@pytest.fixture
def read(index: Any) -> Callable[[], int]:
    """What came is read, until nothing waits."""
    from syncd.portal.documents import texts

    def read() -> int:
        texts.follow()
        done = 0
        while more := texts.read_some(60.0, lambda: False):
            done += more
        return done

    return read


def found(browser: Any, words: str, **more: str) -> set[str]:
    page = browser.get("/recherche", {"q": words, **more}).content.decode()
    return set(re.findall(r"/documents/([0-9a-f]{32})", page))


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Une œuvre d’été", "oeuvre", "Une [œuvre] d’été"), ("Total 1 234,56 €", "1234,56", "Total [1 234,56] €"),
        ("facture F2026-0142", "f2026-0142 fac", "[fac]ture [F2026-0142]"), ("surfacture", "facture", ""),
        ("a b", "b", "a [b]"), ("abc", "a", ""), ("x " * 100 + "ici y" + " z" * 100, "ici", None),
    ],
)  # fmt: skip
def test_an_excerpt_shows_where_the_words_stand(text: str, words: str, shown: str | None) -> None:
    pieces = excerpt(text, words)
    said = "".join(f"[{p.text}]" if p.found else p.text for p in pieces)
    if shown is None:
        assert said.startswith("… x ") and said.endswith(" z …") and "[ici] y" in said and len(said) < 200
    else:
        assert said == shown


def test_an_amount_is_looked_for_with_and_without_its_spaces() -> None:
    assert phrases("1234567,8") == [["1234567", "8"], ["1", "234", "567", "8"]]
    assert phrases("l'ete") == [["l", "ete"]] and phrases("–") == []


def test_documents_are_found_by_what_they_say_and_the_place_is_shown(
    office: Any, browse: Any, put: Any, read: Any
) -> None:
    bill = put(office.one, "Achats/scan 1.pdf", invoice("Energie <b>verte</b> et 1 234,56 EUR"))
    mail = put(office.one, "Achats/m.eml", b"From: m@x.fr\nSubject: =?utf-8?q?=C3=89nergies?=\n\nBonjour")
    table = put(office.one, "Achats/t.csv", "Compte;Libellé\n606100;Énergie d’été\n".encode())
    put(office.one, "Achats/photo.jpg", b"\xff\xd8\xff energie")
    boss = browse(office.boss)
    assert found(boss, "energie") == set()
    assert read() == 3
    assert found(boss, "ENERGIE") == {bill.id, mail.id, table.id}
    assert found(boss, "energie 1234,56") == {bill.id} and found(boss, "scan verte") == {bill.id}
    assert found(boss, "d'ete 6061") == {table.id} and found(boss, "nergie") == set()
    assert found(boss, "energie", type="sheet") == {table.id}
    page = boss.get("/recherche", {"q": "energie"}).content.decode()
    assert "<mark>Energie</mark> &lt;b&gt;verte&lt;/b&gt; et 1 234,56 EUR" in page.replace("\u202f", " ")
    assert "606100;<mark>Énergie</mark> d’été" in page and "3 documents" in page.replace("\u00a0", " ")


def test_who_may_not_open_a_document_does_not_find_it_by_what_it_says(
    office: Any, browse: Any, put: Any, read: Any
) -> None:
    slip = put(office.one, "Social/bulletin.pdf", invoice("SALAIRE confidentiel"))
    bill = put(office.one, "Achats/facture.pdf", invoice("confidentiel"))
    other = put(office.two, "Achats/autre.pdf", invoice("confidentiel"))
    foreign = put(office.foreign, "Achats/etranger.pdf", invoice("confidentiel"))
    read()
    assert found(browse(office.boss), "confidentiel") == {slip.id, bill.id, other.id}
    marie = browse(office.marie)  # she sees names, and may not open them
    assert found(marie, "confidentiel") == set() and found(marie, "facture") == {bill.id}
    assert "excerpt" not in marie.get("/recherche", {"q": "facture"}).content.decode()
    office.marie.grants.filter(kind="*").update(verbs="view download")
    page = browse(office.marie).get("/recherche", {"q": "confidentiel"}).content.decode()
    assert set(re.findall(r"/documents/([0-9a-f]{32})", page)) == {bill.id}
    assert "SALAIRE" not in page and "1 document<" in page.replace("\u00a0", " ")
    assert foreign.id not in page


@pytest.mark.embedded
def test_a_companys_person_has_other_clients_texts_not_even_looked_at(
    office: Any, put: Any, read: Any, index: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.documents.search import Search, search
    from syncd.portal.people.visibility import person_of

    office.marie.grants.filter(kind="*").update(verbs="view download")
    mine = put(office.one, "Achats/a.pdf", invoice("commun"))
    for n in range(3):
        put(office.two, f"Achats/{n}.pdf", invoice("commun"))
    read()
    with CaptureQueriesContext(connection) as queries:
        assert [d.id for d in search(person_of(office.marie), Search("commun"))] == [mine.id]
    asked = next(q["sql"] for q in queries if "MATCH" in q["sql"])
    first, last = map(int, re.findall(r"BETWEEN '?(\d+)'? AND '?(\d+)'?", asked)[0])
    with sqlite3.connect(index._path) as conn:
        inside = conn.execute("SELECT version FROM entry WHERE id BETWEEN ? AND ?", (first, last)).fetchall()
    assert inside == [(mine.version_id,)] and asked.count("MATCH") == 1


def test_texts_come_and_go_with_their_documents(office: Any, browse: Any, put: Any, read: Any, index: Any) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.rights import Operator

    operator = Operator(office.cabinet.id, "essai", "cabinet")
    document = put(office.one, "Achats/a.txt", b"premier")
    read()
    boss = browse(office.boss)
    put(office.one, "Achats/a.txt", b"second")
    read()
    assert found(boss, "premier") == set() and found(boss, "second") == {document.id}
    lifecycle.move(operator, lifecycle.live(office.one, "Achats/a.txt"), "Ventes/b.txt")
    assert read() == 0 and found(boss, "second") == {document.id}
    lifecycle.remove(operator, lifecycle.live(office.one, "Ventes/b.txt"))
    read()
    assert list(index.known()) == [] and not index.mend() and b"second" not in _words_of(index)
    document.refresh_from_db()
    lifecycle.restore(operator, document)
    read()
    assert found(boss, "second") == {document.id}


def test_neighbours_far_down_a_long_text_are_found_as_neighbours(office: Any, browse: Any, put: Any, read: Any) -> None:
    long = put(office.one, "Achats/long.txt", b"ab " * 20_000 + b"total 1 234,56 euros")
    put(office.one, "Achats/autre.txt", b"ab " * 20_000 + b"1 autre 234 puis 56")
    read()
    assert found(browse(office.boss), "1234,56") == {long.id}


def test_a_text_of_any_length_fits_into_the_servers_vector(index: Any) -> None:
    from django.db import connection

    from syncd.portal.storage.server_texts import LONGEST, vector

    words = [f"{n:07}" * (1 + n % 90) for n in range(9_000)]
    made = vector(" ".join([*words, *["encore"] * 30_000]))
    kept = [entry.partition(":")[::2] for entry in made.split(" ")]
    size = sum(len(word) - 2 + 8 + (2 + 2 * len(places.split(",")) if places else 0) for word, places in kept)
    assert size < 2**20 and all(len(word) <= LONGEST + 2 for word, _ in kept)
    assert [word for word, _ in kept[:3]] == [f"'{w}'" for w in words[:3]]  # from its beginning
    if databases.SERVER:
        with connection.cursor() as cursor:
            cursor.execute("SELECT length(%s::tsvector)", [made])
            assert cursor.fetchone()[0] == len(kept)


def _words_of(index: Any) -> bytes:
    if databases.SERVER:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(string_agg(words::text, ' '), '') FROM portal_said")
            return str(cursor.fetchone()[0]).encode()
    with sqlite3.connect(index._path) as conn:
        return (
            b"".join(bytes(block) for (block,) in conn.execute("SELECT block FROM words_data WHERE id >= 10"))
            + str(conn.execute("SELECT * FROM words_content").fetchall()).encode()
        )


@pytest.mark.embedded
def test_what_was_there_before_is_read_and_what_is_lost_is_read_again(
    office: Any, browse: Any, put: Any, read: Any, index: Any
) -> None:
    import os

    document = put(office.one, "Achats/a.txt", b"ancien")
    read()
    boss = browse(office.boss)
    index._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(index._path, "r+b") as f:  # the disk had its day
        size = f.seek(0, os.SEEK_END)
        f.seek(4096)
        f.write(bytes(size - 4096))
    _closed()  # what a connection holds in its memory is fine
    assert found(boss, "ancien") == set() and list(index.known()) == [] and not index.mend()
    read()
    assert found(boss, "ancien") == {document.id} and not index.mend()
    for file in index._path.parent.glob("texts.db*"):
        file.unlink()
    assert found(boss, "ancien") == set()
    read()
    assert found(boss, "ancien") == {document.id}


def _closed() -> None:
    from django.db import connection

    connection.close()


def test_a_document_that_kills_its_reader_is_tried_three_times_and_others_are_read(
    office: Any, browse: Any, put: Any, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import texts
    from syncd.portal.readers.worker_client import Busy, TooMuch

    fine = put(office.two, "Achats/bon.txt", b"lisible")
    bad = put(office.one, "Achats/mauvais.txt", b"tue")  # the latest: it comes first
    tried: list[bytes] = []

    class Dies:
        def ask(self, do: str, source: Any, **_: Any) -> bytes:
            tried.append(source.read())
            if tried[-1] == b"tue":
                raise TooMuch if tried.count(b"tue") > 1 else Busy
            return b"lisible"

    monkeypatch.setattr(texts, "reader", Dies)
    monkeypatch.setattr(module_of(index), "PAUSES", (0.0, 0.0, 0.0))
    texts.follow()
    for _ in range(8):
        texts.read_some(9.0, lambda: False)
    assert tried.count(b"tue") == 4 and tried.count(b"lisible") == 1  # the first time others were being read
    assert index.waiting() == 0 and index.texts([bad.version_id]) == {}
    assert found(browse(office.boss), "lisible") == {fine.id}


def test_whoever_is_killed_goes_on_with_the_others(
    office: Any, put: Any, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import texts

    for name in ("a", "b"):
        put(office.one, f"Achats/{name}.txt", name.encode())

    class Killed:
        def ask(self, *_: Any, **__: Any) -> bytes:
            raise KeyboardInterrupt

    with monkeypatch.context() as during:
        during.setattr(texts, "reader", Killed)
        texts.follow()
        with pytest.raises(KeyboardInterrupt):
            texts.read_some(9.0, lambda: False)
    index.close()  # another process opens it
    assert texts.read_some(9.0, lambda: False) == 1 and index.waiting() == 1
    later = time.time() + 61
    monkeypatch.setattr(module_of(index), "time", SimpleNamespace(time=lambda: later))
    assert texts.read_some(9.0, lambda: False) == 1 and index.waiting() == 0


def test_people_who_wait_for_a_picture_come_first_and_clients_take_turns(
    office: Any, put: Any, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import pictures, texts

    versions = {put(c, f"Achats/{n}.txt", b"x%d" % n).version_id: c for c in (office.one, office.two) for n in range(3)}
    monkeypatch.setattr(pictures._makers, "_asked", {"somebody": None})
    texts.follow()
    assert texts.read_some(9.0, lambda: False) == 0 and index.waiting() == 6
    taken = [versions[index.take()].code for _ in range(4)]
    assert len(set(taken[:2])) == 2 and len(set(taken[2:])) == 2


def test_no_document_is_too_long_and_hostile_ones_say_nothing(office: Any, put: Any, read: Any, index: Any) -> None:
    long = put(office.one, "Achats/long.txt", b"mot " * 200_000)
    bad = [put(office.one, f"Achats/{name}", BAD[name]()) for name in ("locked.pdf", "laughs.xml", "zeros.csv")]
    assert read() == 4
    ((text, folded),) = index.texts([long.version_id, *(d.version_id for d in bad)]).values()
    assert len(text) == len(folded) <= 100_000 and len(text) > 99_000


def test_no_backup_holds_texts_and_a_restored_portal_compares_them(
    office: Any, put: Any, read: Any, index: Any, portal: Any, tmp_path: Any
) -> None:
    from syncd.portal.models import Cabinet
    from syncd.portal.operations import backup

    document = put(office.one, "Achats/a.txt", b"secret")
    assert read() == 1
    if not databases.SERVER:  # which keeps copies of its own
        (portal / "secret_key").write_text("x" * 64)
        backup.backup(portal, tmp_path / "copy", lambda *_: None)
        assert not list((tmp_path / "copy").glob("texts*"))
    Cabinet.objects.filter(id=office.cabinet.id).update(epoch="another")
    index.forget([document.version_id])
    index.expect([("0" * 32, office.one.id)])  # of a document that the restored portal does not know
    assert read() == 1 and list(index.known()) == [document.version_id]
