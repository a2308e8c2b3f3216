"""What every page is built of: one stylesheet and one script, the menu with what waits, messages with the way back."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.core import words


def current(page: str) -> list[tuple[str, str]]:
    """(aria-current, place) of the menu."""
    nav = page.partition('<nav class="places"')[2].partition("</nav>")[0]
    found = re.findall(r'<a href="([^"]+)"[^>]*aria-current="(\w+)"', nav)
    return [(how, where) for where, how in found]


@pytest.mark.parametrize(("name", "kind"), [("style.css", "text/css"), ("page.js", "text/javascript")])
def test_what_all_pages_share_is_sent_once_and_kept_under_the_address_that_names_it(
    office: Any, browse: Callable[..., Any], name: str, kind: str
) -> None:
    browser = browse(office.boss)
    (address,) = re.findall(rf'"(/{re.escape(name)}\?v=[0-9a-f]+)"', browser.get("/").content.decode())
    answer = browser.get(address)
    assert answer.headers["Content-Type"].startswith(kind) and "immutable" in answer.headers["Cache-Control"]
    packed = browser.get(address, headers={"accept-encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.content) == answer.content
    assert "immutable" not in browser.get(f"/{name}?v=of-before").headers["Cache-Control"]


def test_the_menu_says_where_one_is_and_what_waits(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    from syncd.portal.models import WaitingSet

    put(office.one, "À classer/a.pdf", b"a")
    document = put(office.one, "Achats/b.pdf", b"b")
    WaitingSet.objects.create(client=office.one, digest="d" * 64, reason="guard_changes", actions=[])
    boss = browse(office.boss)
    pages = {
        "/": ("page", "/"), "/a-faire": ("true", "/"), "/clients": ("page", "/clients"), "/dossiers/000001": ("true", "/clients"), "/paquets/000001": ("true", "/clients"),
        f"/documents/{document.id}": ("true", "/clients"), "/a-classer": ("page", "/a-classer"), "/accords": ("page", "/accords"),
        "/demandes": ("page", "/demandes"), "/demandes/nouvelle?client=000001": ("true", "/demandes"),
        "/activite": ("page", "/activite"), "/synchronisation": ("true", "/activite"), "/synchronisation/comptes-rendus": ("true", "/activite"),
        "/echanges": ("page", "/echanges"), "/echanges/nouveau": ("true", "/echanges"),
        "/synchronisation/taches": ("true", "/activite"), "/synchronisation/taches/nouvelle": ("true", "/activite"),
        "/personnes": ("page", "/personnes"), "/reglages/historique": ("true", "/reglages"), "/reglages/programmes": ("true", "/reglages"),
    }  # fmt: skip
    seen = {where: [c for c in current(boss.get(where).content.decode()) if c[1] != "/recherche"] for where in pages}
    assert seen == {where: [at] for where, at in pages.items()}
    page = boss.get("/").content.decode()
    assert re.search(r"À classer</span> <b class=\"hot\">1</b>", page)
    assert re.search(r"Accords</span> <b class=\"hot\">1</b>", page) and re.search(r"Clients</span> <b>2</b>", page)


def test_who_can_let_nobody_in_meets_no_door_to_it(office: Any, browse: Callable[..., Any]) -> None:
    """« Accès » led an assistant to a page whose button ended at « Page introuvable »."""
    from syncd.portal.models import Grant, Portfolio, User

    aide = User.objects.create(cabinet=office.cabinet, sign_in="aide", role="assistant", parent=office.boss)
    Grant.objects.create(user=aide, kind="*", verbs="view deposit download")
    Portfolio.objects.create(user=aide, field="all")
    aide, boss = browse(aide), browse(office.boss)
    for page in ("/", "/personnes"):
        assert 'href="/personnes/nouvelle' not in aide.get(page).content.decode()
    assert 'href="/personnes"' not in aide.get("/").content.decode()
    assert 'href="/personnes"' in boss.get("/").content.decode()
    assert 'href="/personnes/nouvelle"' in boss.get("/personnes").content.decode()


def test_what_is_not_done_is_not_said_as_done(office: Any, browse: Callable[..., Any]) -> None:
    """« Choisissez au moins un document. » and refusals stood in the green of a success."""
    boss = browse(office.boss)
    page = boss.post("/synchronisation/suppressions", {}, follow=True).content.decode()
    assert re.search(r'class="notice warn" role="alert"><span>Choisissez', page)
    page = boss.post("/reglages/action", {"do": "look", "colour": "#ffffff"}, follow=True).content.decode()
    assert re.search(r'class="notice bad" role="alert"', page)
    page = boss.post("/compte/action", {"do": "mails"}, follow=True).content.decode()
    assert re.search(r'class="notice ok" data-toast role="status"', page)


def _undo(page: str) -> tuple[str, dict[str, str]]:
    """Where « Annuler » posts, and what."""
    form = page.partition('class="notice')[2].partition("</form>")[0]
    (action,) = re.findall(r'action="([^"]+)"', form)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    fields.pop("csrfmiddlewaretoken", None)
    return action, fields


@pytest.mark.parametrize(
    ("form", "changed"),
    [
        ({"do": "delete"}, lambda d: d.tombstone != ""),
        ({"do": "move", "to": "Ventes"}, lambda d: d.path == "Ventes/b.pdf"),
        ({"do": "rename", "to": "c"}, lambda d: d.path == "Achats/c.pdf"),
    ],
)
def test_what_was_done_to_a_document_is_undone_by_one_button(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any], form: dict[str, str], changed: Callable[..., bool]
) -> None:
    document = put(office.one, "Achats/b.pdf", b"b")
    boss = browse(office.boss)
    page = boss.post(f"/documents/{document.id}/action", form, follow=True).content.decode()
    document.refresh_from_db()
    assert changed(document)
    boss.post(*_undo(page))
    document.refresh_from_db()
    assert (document.path, document.tombstone) == ("Achats/b.pdf", "")


def test_light_or_dark_is_chosen_and_kept_in_this_browser(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    assert "data-theme" not in boss.get("/").content.decode()
    assert boss.post("/theme", {"theme": "dark", "next": "/compte"}).headers["Location"] == "/compte"
    assert '<html lang="fr" data-theme="dark">' in boss.get("/").content.decode()
    assert boss.get("/nothing").content.decode().count('data-theme="dark"') == 1
    assert boss.post("/theme", {"theme": '"><b', "next": "https://elsewhere.example/"}).headers["Location"] == "/"
    assert "data-theme" not in boss.get("/").content.decode()


@pytest.mark.parametrize("colour", ["#14507a", "#000000", "#7a1414", "#0b3d0b", "#5a005a"])
def test_the_cabinets_colour_is_read_on_dark_pages_too(colour: str) -> None:
    from syncd.core.brand_colour import DARKEST, contrast, for_dark

    assert contrast(for_dark(colour), DARKEST) >= 4.5 and contrast("#ffffff", "#000000") == pytest.approx(21)


def test_the_page_of_all_parts_is_for_correspondents(office: Any, browse: Callable[..., Any]) -> None:
    assert browse(office.boss).get("/composants").status_code == 200
    assert browse(office.marie).get("/composants").status_code == 404
    assert browse(office.boss).get("/").content.decode().count("/composants") == 0


NOW = datetime(2026, 11, 27, 15, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (NOW - timedelta(hours=1), "aujourd’hui 14:17", "today 14:17"),
        (NOW - timedelta(hours=16), "hier", "yesterday"),
        (NOW - timedelta(days=9), "18\u00a0nov.", "18\u00a0Nov"),
        (NOW - timedelta(days=374), "18/11/2025", "18/11/2025"),
    ],
)
def test_a_date_in_a_list_is_as_near_as_a_list_needs_it(at: datetime, french: str, english: str) -> None:
    assert (words.relative(at, NOW), words.relative(at, NOW, "en")) == (french, english)


@pytest.mark.parametrize(
    ("count", "said"),
    [(7_040, "7\u00a0Ko"), (200_000_000, "200\u00a0Mo"), (1_240_000, "1,2\u00a0Mo"), (999, "999\u00a0o")],
)
def test_a_size_has_no_digit_that_says_nothing(count: int, said: str) -> None:
    assert words.size(count) == said


def test_thousands_stand_apart() -> None:
    assert words.number(2010) == "2\u202f010" and words.number(2010, "en") == "2,010"
    assert words.count(2010, "document", "documents") == "2\u202f010 documents"


def test_what_shows_a_pdf_is_sent_packed(office: Any, browse: Callable[..., Any]) -> None:
    browser = browse(office.boss)
    for name in ("uppy.min.js", "pdfjs.min.js", "pdfjs.worker.min.js"):
        answer = browser.get(f"/static/portal/{name}", headers={"accept-encoding": "gzip, br"})
        body = b"".join(answer.streaming_content)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(body) < len(gzip.decompress(body)) / 2
