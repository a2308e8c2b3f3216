"""The one search box, from anywhere and by the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Cabinet, drop, receipt
from tests.browser.pictures import look
from tests.e2e.world import World
from tests.support.hostile_files import invoice

pytestmark = pytest.mark.e2e


def test_slash_and_two_words_without_accents_find_client_person_and_document(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    bill = tmp_path / "Énergies d’Évry.pdf"
    bill.write_bytes(b"%PDF-1.4 one %%EOF")
    marie = cabinet.company()
    drop(marie, "[data-folder=Achats]", bill)
    receipt(marie)
    marie.keyboard.press("/")
    expect(marie.locator("[role=search] input")).to_be_focused()
    marie.keyboard.type("energies evry")
    marie.keyboard.press("Enter")
    expect(marie.locator(".document mark")).to_have_text(["Énergies", "Évry"])
    boss = cabinet.page
    boss.goto("/dossiers/007868")
    boss.keyboard.press("Control+k")
    boss.keyboard.type("dupont")
    boss.keyboard.press("Enter")
    expect(boss.locator(".found-list").first).to_contain_text("SARL Dupont")
    expect(boss.locator(".found-list").nth(1)).to_contain_text("Marie Dupont")
    look(boss, "recherche")
    boss.get_by_role("link", name="SARL Dupont").first.click()
    expect(boss.locator("h1")).to_contain_text("SARL Dupont")


def test_what_a_document_says_finds_it_and_the_arrows_go_through_what_was_found(cabinet: Cabinet, world: World) -> None:
    world.stop_portal()
    world.serve("import os\nos.environ['SYNCD_PORTAL_FULL_TEXT'] = 'yes'")
    for n, said in enumerate(("Energie verte de la cooperative", "Energie du mois")):
        world.put(f"Achats/scan {n}.pdf", invoice(said))
    boss = cabinet.page
    found = boss.locator(".document")
    for _ in range(30):  # it is read a few seconds after it came
        boss.goto("/recherche?q=energie")
        if found.count() == 2:
            break
        boss.wait_for_timeout(1000)
    expect(found.locator(".excerpt mark")).to_have_text(["Energie", "Energie"])
    boss.keyboard.press("/")
    boss.keyboard.press("ArrowDown")
    expect(found.nth(0).locator(".what > a")).to_be_focused()
    boss.keyboard.press("ArrowDown")
    expect(found.nth(1).locator(".what > a")).to_be_focused()
    boss.keyboard.press("ArrowUp")
    boss.keyboard.press("ArrowUp")
    expect(boss.locator("[data-results] input[type=search]")).to_be_focused()
    look(boss, "recherche-texte")
    boss.keyboard.press("ArrowDown")
    boss.keyboard.press("Enter")
    expect(boss.locator("h1")).to_contain_text("scan")


def test_a_phone_has_the_words_first_and_the_filters_when_it_asks(cabinet: Cabinet) -> None:
    boss = cabinet.page
    boss.goto("/recherche?q=facture")
    expect(boss.locator("select[name=type]")).to_be_visible()
    boss.set_viewport_size({"width": 390, "height": 844})
    boss.goto("/recherche?q=facture")
    boss.wait_for_load_state()
    expect(boss.locator("select[name=type]")).to_be_hidden()
    expect(boss.locator(".search button")).to_be_visible()
    boss.locator("label[for=finer]").click()
    expect(boss.locator("select[name=type]")).to_be_visible()
    boss.locator("label[for=finer]").click()
    expect(boss.locator("select[name=type]")).to_be_hidden()
    boss.goto("/recherche?q=facture&type=pdf")  # what is cut by something shows it
    expect(boss.locator("select[name=type]")).to_be_visible()
    look(boss, "recherche-filtres")
