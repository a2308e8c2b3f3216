"""The parts of the pages at work: menu, keys, choosing in lists, comboboxes, what is said, on a desk and on a phone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import SMALL, look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

PLACES = (
    "/",
    "/clients",
    "/a-faire",
    "/accords",
    "/activite",
    "/a-classer",
    "/echanges",
    "/synchronisation",
    "/synchronisation/taches",
    "/synchronisation/taches/nouvelle",
    "/personnes",
    "/reglages",
    "/reglages/programmes",
    "/compte",
    "/clients/007868",
    "/calendrier",
    "/calendrier/007868",
    "/dossiers/007868/Achats",
    "/paquets/007868",
)


def test_every_part_is_sound_and_does_what_it_is_for(cabinet: Cabinet) -> None:
    page = cabinet.page
    page.goto("/composants")
    look(page, "composants")
    _chooses(page)
    _finds(page)
    page.get_by_role("button", name="Tiroir").click()
    expect(page.locator("#drawer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keyboard")).to_be_visible()
    look(page, "aide-du-clavier")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.locator("#q").blur()
    page.keyboard.press("Control+k")
    expect(page.locator("#q")).to_be_focused()
    table = json.loads((Path(__file__).parents[1] / "data" / "typography.json").read_text("utf-8"))
    assert page.evaluate("(table) => table.map(([given]) => Syncd.french(given))", table) == [said for _, said in table]


def _chooses(page: Page) -> None:
    """One, a range with Shift, all, none."""
    bar, boxes = page.locator(".selection"), page.locator("input[name=f]")
    expect(bar).to_be_hidden()
    boxes.nth(0).click()
    expect(bar.locator(".chosen")).to_have_text("1 choisi")
    boxes.nth(2).click(modifiers=["Shift"])
    expect(bar.locator(".chosen")).to_have_text("3 choisis")
    page.get_by_label("Tout choisir").check()
    expect(bar.locator(".chosen")).to_have_text("4 choisis")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def _finds(page: Page) -> None:
    """Letters without accents or case find; several are chosen and taken back by the keyboard alone."""
    several, one = page.get_by_role("combobox", name="Clients"), page.get_by_role("combobox", name="Client", exact=True)
    several.click()
    several.press_sequentially("DUPÔNT")
    expect(page.get_by_role("option")).to_have_text(["000002 Dupont SARL"])
    several.press("Enter")
    several.press_sequentially("lilas")
    several.press("Enter")
    assert page.locator("select[name=c]").evaluate("(s) => [...s.selectedOptions].length") == 2
    several.press("Escape")
    several.press("Backspace")
    assert page.locator("select[name=c]").evaluate("(s) => [...s.selectedOptions].map((o) => o.text)") == [
        "000002 Dupont SARL"
    ]
    one.click()
    one.press_sequentially("zzz")
    expect(page.get_by_role("option")).to_have_text("Rien ne correspond")
    one.press("Escape")
    one.fill("atelier")
    one.press("Enter")
    expect(one).to_have_value("000001 Atelier Durand")
    one.blur()


def test_what_was_done_is_said_for_six_seconds_and_undone_by_a_key(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/a.pdf", "one")
    page = cabinet.page
    page.clock.install()
    page.goto(f"/documents/{world.online()['Achats/a.pdf']['id']}")
    page.get_by_role("button", name="Retirer de l’espace client").click()
    expect(page.locator(".toast")).to_contain_text("est supprimé")
    page.clock.run_for(5_000)
    expect(page.locator(".toast")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("est de nouveau en ligne")
    page.clock.run_for(7_000)
    expect(page.locator(".toast")).to_have_count(0)
    assert set(world.online()) == {"Achats/a.pdf"}


def test_the_places_fit_beside_every_page_and_a_phone_s_are_below(cabinet: Cabinet) -> None:
    page = cabinet.page
    for where in PLACES:
        page.goto(where)
        for width in (1440, 820, 390):
            page.set_viewport_size({"width": width, "height": 900})
            links = [box for link in page.locator(".places a:visible").all() if (box := link.bounding_box())]
            names = [link.inner_text() for link in page.locator(".places a:visible").all()]
            assert len(links) >= 4 and all(box["height"] <= 64 for box in links), (where, width, names)
            if width == 390:
                assert len({box["y"] for box in links}) == 1 and all(box["y"] > 800 for box in links)
            else:
                assert len({box["x"] for box in links}) == 1


def test_on_a_phone_what_one_touches_is_large_enough(cabinet: Cabinet) -> None:
    marie = cabinet.company(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for where in (
        "/",
        "/dossiers/007868/Achats",
        "/compte",
        "/personnes",
        "/recherche",
        "/echanges",
        "/echanges/nouveau",
    ):
        marie.goto(where)
        assert marie.evaluate(SMALL) == [], where
    marie.goto("/")
    marie.locator(".me summary").tap()
    assert marie.evaluate(SMALL) == []
    look(marie, "menu-du-compte")


def test_without_a_script_one_reads_chooses_a_theme_and_leaves(cabinet: Cabinet) -> None:
    marie = cabinet.company()
    plain = cabinet.visit(java_script_enabled=False, storage_state=marie.context.storage_state())
    plain.goto("/")
    plain.locator(".me summary").click()
    plain.get_by_role("button", name="Sombre").click()
    expect(plain.locator("html")).to_have_attribute("data-theme", "dark")
    plain.locator(".me summary").click()
    plain.get_by_role("button", name="Se déconnecter").click()
    expect(plain.locator("h1")).to_have_text("Connexion")


def test_a_page_weighs_little_before_documents_are_sent_or_shown(cabinet: Cabinet) -> None:
    page, asked = cabinet.visit(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/connexion")
    parts = [url for url in asked if ".js" in url or ".css" in url]
    weight = {url: int(page.request.get(url).headers["content-length"]) for url in parts}  # as it crosses: packed
    scripts = sum(n for url, n in weight.items() if ".js" in url)
    assert 0 < scripts < 12_000 and sum(weight.values()) < 30_000, weight
