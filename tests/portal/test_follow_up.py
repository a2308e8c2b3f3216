"""« Traité », when the cabinet uses it; downloads of people and of the engine counted apart; too much at once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest


def test_a_person_of_the_cabinet_ticks_and_a_new_version_is_to_be_dealt_with_anew(
    office: Any, browse: Any, put: Any
) -> None:
    from syncd.portal.models import Document, Version

    document = put(office.one, "Achats/a.pdf", b"a")
    page = f"/documents/{document.id}"
    boss, marie = browse(office.boss), browse(office.marie)

    def ticked() -> int:
        return Version.objects.filter(treated_at__isnull=False).count()

    assert "Traité" not in boss.get(page).content.decode() and "Marquer" not in boss.get(page).content.decode()
    boss.post(f"{page}/action", {"do": "treat"})
    assert ticked() == 0  # an option, and off
    boss.post("/reglages/action", {"do": "habits", "treated": "on"})
    assert "Marquer comme traité" in boss.get(page).content.decode()
    marie.post(f"{page}/action", {"do": "treat"})
    marie.post("/choisis/000001", {"do": "treat", "id": document.id})
    assert ticked() == 0 and "Marquer" not in marie.get(page).content.decode()
    boss.post("/choisis/000001", {"do": "treat", "id": document.id})
    assert ticked() == 1 and "<strong>Traité</strong> par boss" in marie.get(page).content.decode()
    assert "Traité le" in marie.get("/dossiers/000001/Achats").content.decode()
    put(office.one, "Achats/a.pdf", b"another")
    assert Document.objects.get(id=document.id).version == 2
    assert "Marquer comme traité" in boss.get(page).content.decode()
    boss.post(f"{page}/action", {"do": "treat"})
    boss.post(f"{page}/action", {"do": "untreat"})
    assert ticked() == 1  # the first version's stays


def test_downloads_of_people_and_of_the_engine_are_counted_apart(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.documents import receipts
    from syncd.portal.rights import Engine

    document = put(office.one, "Achats/a.pdf", b"a")
    other = put(office.one, "Achats/b.pdf", b"b")
    boss = browse(office.boss)
    b"".join(boss.get(f"/documents/{document.id}/telecharger").streaming_content)
    receipts.fetched(Engine(office.cabinet.id), [document.id, document.id])
    document.refresh_from_db()
    other.refresh_from_db()
    assert (document.downloads, document.engine_downloads) == (1, 2)
    assert (other.downloads, other.engine_downloads) == (0, 0)
    assert "téléchargé 1 fois · copié 2 fois au cabinet" in boss.get(f"/documents/{document.id}").content.decode()


@pytest.mark.embedded  # its trigger is SQLite's
def test_a_portal_that_cannot_count_gives_what_it_has(office: Any, put: Any, caplog: Any) -> None:
    from django.db import connection

    from syncd.portal.documents import receipts
    from syncd.portal.rights import Engine

    document = put(office.one, "Achats/a.pdf", b"a")
    with connection.cursor() as cursor:
        cursor.execute(
            "create trigger full before update of engine_downloads on portal_document "
            "begin select raise(abort, 'database or disk is full'); end"
        )
    receipts.fetched(Engine(office.cabinet.id), [document.id])
    document.refresh_from_db()
    assert document.engine_downloads == 0 and "1 downloads were not counted" in caplog.text


def test_too_much_at_once_is_told_and_ends_by_itself(office: Any, browse: Any, monkeypatch: Any) -> None:
    from django.core.cache import cache

    cache.clear()
    now = 1_000_000.0
    monkeypatch.setattr("syncd.portal.people.throttle.time.time", lambda: now)
    boss, marie = browse(office.boss), browse(office.marie)
    answers = [boss.get("/recherche?q=x").status_code for _ in range(121)]
    assert answers == [200] * 120 + [429]
    limited = boss.get("/recherche?q=x")
    assert "Attendez une minute" in limited.content.decode() and limited.headers["Retry-After"] == "60"
    assert marie.get("/recherche?q=x").status_code == 200  # everybody is counted alone
    now += 60
    assert boss.get("/recherche?q=x").status_code == 200
    cache.clear()


def test_a_letterbox_is_not_filled_by_asking_for_passwords(office: Any, monkeypatch: Any) -> None:
    from django.conf import settings
    from django.core.cache import cache
    from django.test import Client as Browser

    from syncd.portal.models import Letter
    from syncd.portal.people import sign_in_attempts

    cache.clear()
    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    office.marie.email = "marie@example.fr"
    office.marie.save()
    pages = set()
    for _ in range(6):
        pages.add(Browser().post("/mot-de-passe-oublie", {"login": "marie"}).content)
        sign_in_attempts.answer()
    assert len({p.split(b"<h1>")[1] for p in pages}) == 1  # the same answer, whatever is done
    assert Letter.objects.filter(to="marie@example.fr").count() == 3
    cache.clear()


def test_a_document_says_which_way_it_came(office: Any, browse: Any, put: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.models import Document, Version

    boss = browse(office.boss)
    put(office.one, "Achats/a.pdf", b"a")
    boss.post("/dossiers/000001/deposer/Ventes", {"documents": SimpleUploadedFile("b.txt", b"b"), "batch": "b" * 16})
    put(office.one, "Banque/c.pdf", b"c")
    Version.objects.filter(document__path="Banque/c.pdf").update(origin="engine")
    for name, way in (("d", "scanner"), ("e", "migration"), ("f", "of a later version")):
        put(office.one, f"Banque/{name}.pdf", name.encode())
        Version.objects.filter(document__path=f"Banque/{name}.pdf").update(origin="engine", way=way)

    def via(path: str) -> str:
        page = boss.get(f"/documents/{Document.objects.get(path=path).id}").content.decode()
        return html.unescape(re.split(r"Depuis\s: ", page)[1].split("<")[0])  # beside it, as long as it has one version

    assert [via(p) for p in ("Achats/a.pdf", "Ventes/b.txt", "Banque/c.pdf")] == [
        "import",
        "navigateur",
        "synchronisation",
    ]
    ways = [via(f"Banque/{name}.pdf") for name in "def"]
    assert ways == ["scanner", "reprise de l'antériorité", "synchronisation"]
    listed = boss.get("/dossiers/000001/Banque").content.decode()
    assert listed.count("· scanner") == listed.count("· reprise") == 1


def test_what_waits_too_long_to_be_filed_is_on_the_desk(office: Any, browse: Any, put: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from syncd.portal.models import Document

    put(office.one, "À classer/a.pdf", b"a")
    old = put(office.one, "À classer/b.pdf", b"b")
    boss = browse(office.boss)
    assert "plus de 7 jours" not in boss.get("/a-faire").content.decode()
    Document.objects.filter(id=old.id).update(created_at=timezone.now() - timedelta(days=8))
    page = boss.get("/a-faire").content.decode()
    assert (
        "plus de 7 jours" in page and "?client=000001" in page and '<span class="state wait">1 document</span>' in page
    )
