"""« À classer » by the keyboard alone, without reloading, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World
from tests.support.hostile_files import invoice

pytestmark = pytest.mark.e2e


def arrived(page: Page, name: str) -> None:
    """The document is before one's eyes, and the page takes the next key."""
    expect(page.locator(".waiting [aria-current]")).to_contain_text(name)
    expect(page.locator("[name=name]")).to_have_value(name.removesuffix(".pdf"))
    page.wait_for_timeout(450)  # as long as anybody looks: a key struck twice within that means one document


def test_ten_documents_are_read_and_filed_with_ten_keys_and_no_reload(cabinet: Cabinet, world: World) -> None:
    for n in range(10):
        world.put(f"À classer/facture {n}.pdf", invoice(f"FACTURE {n}"))
    page, keys = cabinet.page, 0
    page.goto("/a-classer")
    expect(page.locator(".waiting [data-document]")).to_have_count(10)
    look(page, "a-classer-dix")
    page.evaluate("window.whole = true")
    for n in range(10):
        arrived(page, f"facture {n}.pdf")
        expect(page.locator("[data-viewer]")).to_have_attribute("data-ready", "1", timeout=30_000)
        page.keyboard.press("v" if n % 2 else "a")
        keys += 1
        if n == 4:
            expect(page.locator("[data-left]")).to_have_text("5 restants")
            look(page, "a-classer-toast")
    expect(page.locator(".nothing")).to_contain_text("Tout est classé.")
    look(page, "a-classer-fini")
    assert keys <= 12 and page.evaluate("window.whole") is True  # never left the page
    online = set(world.online())
    assert {f"{'Ventes' if n % 2 else 'Achats'}/facture {n}.pdf" for n in range(10)} <= online


def test_a_double_key_files_once_and_alt_z_takes_it_back(cabinet: Cabinet, world: World) -> None:
    for n in range(3):
        world.put(f"À classer/facture {n}.pdf", invoice(f"FACTURE {n}"))
    page = cabinet.page
    page.goto("/a-classer")
    arrived(page, "facture 0.pdf")
    before = page.locator(".all").bounding_box()
    page.keyboard.press("a")
    page.keyboard.press("a")
    arrived(page, "facture 1.pdf")
    expect(page.locator(".notice")).to_contain_text("« facture 0.pdf » est classé dans « Achats »")
    expect(page.locator(".notice.bad, .notice.warn")).to_have_count(0)
    after = page.locator(".all").bounding_box()
    assert before and after and abs(after["x"] - before["x"]) < 1
    assert [p for p in world.online() if p.startswith("Achats/")] == ["Achats/facture 0.pdf"]
    page.keyboard.press("Alt+z")
    expect(page.locator(".waiting [data-document]")).to_have_count(3)
    assert not [p for p in world.online() if p.startswith("Achats/")]


def test_a_folder_is_looked_for_a_name_changed_and_several_go_at_once(cabinet: Cabinet, world: World) -> None:
    for n in range(4):
        world.put(f"À classer/facture {n}.pdf", invoice(f"FACTURE {n}"))
    page = cabinet.page
    page.goto("/a-classer")
    arrived(page, "facture 0.pdf")
    page.keyboard.press("Alt+e")
    page.keyboard.press("Control+a")
    page.keyboard.type("CA3 janvier")
    page.keyboard.press("Enter")
    page.keyboard.type("tva")
    page.keyboard.press("Enter")
    arrived(page, "facture 1.pdf")
    assert "Fiscalité/TVA/CA3 janvier.pdf" in world.online()
    page.keyboard.press("Alt+x")
    page.keyboard.press("Alt+j")
    arrived(page, "facture 2.pdf")
    page.keyboard.press("Alt+x")
    page.keyboard.press("b")
    arrived(page, "facture 3.pdf")
    assert {"Banque/facture 1.pdf", "Banque/facture 2.pdf"} <= set(world.online())
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator(".notice.bad")).to_contain_text("n’a pas été classé")
    page.context.set_offline(False)
    assert "À classer/facture 3.pdf" in world.online()


def test_without_a_script_a_button_files(cabinet: Cabinet, world: World) -> None:
    world.put("À classer/facture.pdf", invoice("FACTURE"))
    cookies = cabinet.page.context.cookies()
    plain = cabinet.visit(java_script_enabled=False)
    plain.context.add_cookies(cookies)  # type: ignore[arg-type]
    plain.goto("/a-classer")
    plain.get_by_role("button", name="Achats").first.click()
    expect(plain.locator(".notice")).to_contain_text("est classé dans « Achats »")
    assert "Achats/facture.pdf" in world.online()
