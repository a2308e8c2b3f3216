"""A company writes a quote, makes an invoice of it and sends that to its cabinet: few clicks, on a laptop and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import SMALL, look
from tests.browser.test_clicks import Acts
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
MOST, CLICKS = 6, 4  # the bar; to invoice it, to issue it, to say yes, to send it


def test_from_a_quote_to_an_invoice_at_the_cabinet_in_six_clicks(cabinet: Cabinet, world: World) -> None:
    marie = cabinet.company()
    acts = Acts(marie)
    marie.goto(f"/espace-prive/{CODE}")
    marie.get_by_role("button", name="Ouvrir l’espace privé").click()
    marie.get_by_role("button", name="C’est noté").click()
    marie.get_by_role("navigation", name="Principal").get_by_role("link", name="Devis et factures").click()
    _set_up(marie)
    _quoted(marie, pictures=True)
    assert _sent(marie, "F2026-0001", acts) == CLICKS <= MOST
    assert any("F2026-0001" in path for path in world.online())
    marie.goto(f"/factures/{CODE}")
    look(marie, "factures")
    phone = cabinet.visit(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        storage_state=marie.context.storage_state(),
    )
    acts = Acts(phone)
    phone.goto(f"/factures/{CODE}")
    assert phone.evaluate(SMALL) == []
    _quoted(phone)
    assert _sent(phone, "F2026-0002", acts) == CLICKS
    phone.goto(f"/factures/{CODE}")
    phone.get_by_role("link", name="F2026-0002").click()
    assert phone.evaluate(SMALL) == []


def _set_up(page: Page) -> None:
    page.goto(f"/factures/{CODE}/reglages")
    for label, text in (
        ("Nom", "Atelier Dupont"), ("SIREN", "732829320"), ("Numéro de TVA", "FR44732829320"), ("Rue", "1 rue du Port"),
        ("Code postal", "44000"), ("Ville", "Nantes"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_role("button", name="Enregistrer", exact=True).first.click()
    expect(page.locator(".notice")).to_contain_text("Réglages enregistrés")


def _quoted(page: Page, *, pictures: bool = False) -> None:
    """A quote is issued, and its page is open."""
    page.goto(f"/factures/{CODE}")
    page.get_by_role("button", name="Nouveau devis").click()
    for label, text in (
        ("Nom", "Mairie de Paris"),
        ("SIREN", "552100554"),
        ("Rue", "2 place"),
        ("Code postal", "75001"),
        ("Ville", "Paris"),
    ):
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_label("Désignation").first.fill("Pose d’une porte")
    page.get_by_label("Prix", exact=True).first.fill("480")
    if pictures:
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
        look(page, "facture-brouillon")
    page.get_by_role("button", name="Émettre le devis").click(timeout=90_000)
    page.get_by_role("alertdialog").get_by_role("button", name="Émettre le devis").click(timeout=90_000)
    expect(page.locator("h1")).to_contain_text("Devis D2026-")


def _sent(page: Page, number: str, acts: Acts) -> int:
    """Clicks from the issued quote's page to the receipt."""
    before = acts.count
    page.get_by_role("button", name="Facturer").click()
    page.get_by_role("button", name="Émettre", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Émettre").click(timeout=90_000)
    expect(page.locator("h1")).to_contain_text(f"Facture {number}", timeout=60_000)
    if not acts.page.viewport_size or acts.page.viewport_size["width"] > 1000:
        look(page, "facture-emise")
    page.get_by_role("button", name="Envoyer à mon cabinet").click()
    expect(page.locator("h1")).to_contain_text("Accusé")
    return acts.count - before
