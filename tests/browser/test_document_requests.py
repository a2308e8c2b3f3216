"""A request for documents from its three clicks to its end: by mail, on a phone without JavaScript, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHOTS
from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.browser.test_mails import look as look_at_mail
from tests.browser.test_mails import subject, text, with_address, with_mail
from tests.e2e.mail_server import Sink
from tests.e2e.test_watch import eventually
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
AT_ANY_TIME = (
    "import syncd.portal.messages.requests.asking as a, syncd.portal.messages.requests.reminders as r; "
    "r.HOUR = 0; r.rests = a.rests = lambda day: False; "
)


def on_paper(page: Page, address: str, name: str) -> None:
    page.goto(address)
    expect(page.locator(".request-sheet")).to_have_count(1)
    look(page, name)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})  # an A4 at 96 dots
    page.screenshot(path=SHOTS / f"{name}-papier.png")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_company_answers_a_request_from_a_phone_without_javascript(
    cabinet: Cabinet, world: World, tmp_path: Path, visit: Callable[..., Page]
) -> None:
    sink = Sink()
    with_mail(world, sink.port, AT_ANY_TIME)
    phone: dict[str, Any] = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}, "has_touch": True}
    marie, boss = cabinet.company(**phone), cabinet.page
    with_address(cabinet, "Marie Dupont", "marie@dupont.fr")
    try:
        boss.goto("/dossiers/007868")
        boss.get_by_role("link", name="Demander des pièces").click()
        expect(boss.get_by_role("link", name="Bilan annuel")).to_be_visible()
        look(boss, "demande-listes")
        boss.get_by_role("link", name="TVA mensuelle").click()
        expect(boss.get_by_label("Titre", exact=True)).to_have_value("TVA mensuelle")
        look(boss, "demande-nouvelle")
        boss.get_by_role("button", name="Envoyer la demande").click()
        expect(boss.locator(".notice")).to_contain_text("1 demande envoyée")
        eventually(lambda: bool(sink.to("marie@dupont.fr")), seconds=40)
        (mail,) = sink.to("marie@dupont.fr")
        assert re.fullmatch(r"3 pièces attendues pour le \d\d/\d\d/\d{4} – SARL Dupont", subject(mail))
        assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "list")
        look_at_mail(visit(), mail, "demande")
        link = re.search(r"http://\S+/demandes/piece/[0-9a-f]{32}", text(mail))
        assert link is not None
        marie.goto("/")
        expect(marie.get_by_role("heading", name=re.compile("Le cabinet vous demande"))).to_be_visible()
        marie.screenshot(path=SHOTS / "demande-accueil-sans-js-390.png", full_page=True)
        marie.goto(link[0])
        expect(marie.locator("h1")).to_have_text("Relevés bancaires")
        statement = tmp_path / "relevé.pdf"
        statement.write_bytes(b"%PDF-1.4 releve %%EOF")
        marie.set_input_files("[name=documents]", statement)
        marie.get_by_role("button", name="Déposer", exact=True).click()
        expect(marie.locator(".notice")).to_contain_text("1 document déposé pour « Relevés bancaires »")
        marie.screenshot(path=SHOTS / "demande-repondue-sans-js-390.png", full_page=True)
        marie.get_by_role("link", name="Déposer Factures de ventes").click()
        marie.locator("summary", has_text="Il n’y a rien à donner").click()
        marie.get_by_label("Dites en un mot pourquoi").fill("aucune vente ce mois-ci")
        marie.get_by_role("button", name="Sans objet").click()
        expect(marie.locator(".notice")).to_contain_text("sans objet")
        assert [p.rpartition("/")[2] for p in world.online()] == ["relevé.pdf"]
        boss.goto("/demandes")
        expect(boss.locator("tbody tr")).to_contain_text("2 sur 3")
        look(boss, "demandes")
        boss.get_by_role("link", name="TVA mensuelle").click()
        expect(boss.locator(".asked")).to_contain_text("aucune vente ce mois-ci")
        look(boss, "demande-cabinet")
        boss.goto(boss.url)
        request = boss.url.rsplit("/", 1)[1]
        on_paper(boss, f"/demandes/fiches?id={request}", "demande-fiche")
        hers = visit(storage_state=marie.context.storage_state())
        for where, name in (
            ("/", "demande-accueil"),
            ("/demandes", "demande-liste"),
            (f"/demandes/{request}", "demande-client"),
        ):
            hers.goto(where)
            expect(hers.locator(".asked").first).to_be_visible()
            look(hers, name)
        hers.get_by_role("link", name="Déposer Factures d’achats").click()
        expect(hers.locator("h1")).to_have_text("Factures d’achats et de frais")
        photo = tmp_path / "photo.pdf"
        photo.write_bytes(b"%PDF-1.4 photo %%EOF")
        hers.route("**/deposit/tus/*", lambda route: route.abort())  # the network is cut in the middle
        with hers.expect_file_chooser() as chooser:
            hers.get_by_role("button", name="Choisir des documents").click()
        chooser.value.set_files(photo)
        expect(hers.locator(".sending li")).to_contain_text("photo.pdf")
        hers.unroute("**/deposit/tus/*")
        expect(hers.locator("[data-standing] .chip.ok")).to_have_text("Reçu", timeout=40_000)
        look(hers, "demande-piece")
        hers.goto("/demandes")
        expect(hers.get_by_text("Rien ne vous est demandé")).to_be_visible()
        boss.goto("/demandes/nouvelle?for=")
        expect(boss.get_by_role("link", name="Tous les clients")).to_be_visible()
        look(boss, "demande-a-qui")
    finally:
        sink.close()
