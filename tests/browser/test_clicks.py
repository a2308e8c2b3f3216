"""How many acts a day's work takes, counted: clicks, taps and the keys that command something; typed words count as one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.test_lists import deposited, rows
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


class Acts:
    """What a person does at the page, as the browser says it: each pointer pressed, each key outside a field; in one, Enter alone
    and the first letter.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        page.context.expose_function("acted", self._acted)
        page.add_init_script(
            "let typed = null; addEventListener('pointerdown', (e) => e.isTrusted && acted(), true);"
            "addEventListener('change', (e) => e.target.matches('select') && acted(), true);"
            "addEventListener('keydown', (e) => { if (!e.isTrusted || ['Shift', 'Control', 'Alt'].includes(e.key)) return;"
            " const field = e.target.matches('input:not([type=checkbox]), textarea') ? e.target : null;"
            " if (!field || e.key === 'Enter' || typed !== field) acted(); typed = field; }, true);"
        )
        self.count = 0

    def _acted(self) -> None:
        self.count += 1


def test_ten_documents_are_moved_by_three_acts_and_a_deletion_is_undone_by_one(cabinet: Cabinet, world: World) -> None:
    deposited(world, {f"Achats/facture {n:02}.pdf": b"%%PDF-1.4 %d %%%%EOF" % n for n in range(12)})
    page = cabinet.page
    acts = Acts(page)
    page.goto("/dossiers/007868/Achats?sort=name")
    page.get_by_label("Choisir facture 00.pdf").click()
    page.get_by_label("Choisir facture 09.pdf").click(modifiers=["Shift"])
    page.locator("#chosen [name=to]").select_option("Ventes")
    expect(page.locator(".notice")).to_contain_text("10 documents déplacés dans « Ventes »")
    assert acts.count == 3
    assert len(rows(page)) == 2
    page.get_by_label("Choisir facture 10.pdf").click()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("dans la corbeille")
    before = acts.count
    page.locator(".notice").get_by_role("button", name="Annuler").click()
    expect(page.locator("tr.row")).to_have_count(2)
    assert acts.count - before == 1


def test_ten_documents_are_read_and_treated_by_twelve_keys(cabinet: Cabinet, world: World) -> None:
    deposited(world, {f"Achats/facture {n:02}.pdf": b"%%PDF-1.4 %d %%%%EOF" % n for n in range(10)})
    page = cabinet.page
    page.goto("/reglages")
    page.get_by_label("Vos collaborateurs cochent").check()
    page.locator("button[value=habits]").click()
    acts = Acts(page)
    page.goto("/dossiers/007868/Achats?sort=name")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for n in range(10):
        expect(page.locator("h1")).to_contain_text(f"facture {n:02}.pdf", timeout=30_000)
        page.keyboard.press("e")
    expect(page.locator(".story")).to_contain_text("Traité", timeout=30_000)  # the last stays before one's eyes
    expect(page.locator(".turns")).to_contain_text("10 sur 10")
    assert acts.count <= 12, acts.count
    page.goto("/dossiers/007868/Achats")
    expect(page.locator(".fate .chip", has_text="Traité")).to_have_count(10)


def test_a_client_is_found_by_two_acts_however_its_name_is_typed(cabinet: Cabinet, world: World) -> None:
    world.client("000077", "Élégance Coiffure")
    world.run()
    page = cabinet.page
    acts = Acts(page)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("elegance")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Élégance Coiffure").first).to_be_visible()
    assert acts.count - 1 <= 2, acts.count  # the word itself is none
