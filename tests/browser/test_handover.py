"""« Récupérer les documents »: the cabinet for the clients it ticks, a company for itself; the archive comes by a plain form."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import CODE, NAME, World

pytestmark = pytest.mark.e2e


def taken(page: Page, into: Path) -> set[str]:
    """What the archive holds."""
    with page.expect_download() as waited:
        page.get_by_role("button", name="Récupérer").click()
    archive = into / "archive.zip"
    waited.value.save_as(archive)
    with zipfile.ZipFile(archive) as z:
        assert z.testzip() is None
        return set(z.namelist())


def test_a_company_and_its_cabinet_take_the_documents_away(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    world.put("Achats/facture FA-2024-0117.pdf", "%PDF-1.4 one")
    world.client("009999", "SCI des Lilas")
    marie = cabinet.company()
    marie.get_by_role("link", name="Récupérer tous mes documents").click()
    expect(marie.get_by_text("1 document")).to_be_visible()
    look(marie, "recuperer-entreprise")
    bag = f"{CODE} - {NAME}"
    assert f"{bag}/data/Achats/facture FA-2024-0117.pdf" in taken(marie, tmp_path)
    boss = cabinet.page
    boss.goto("/clients")
    boss.wait_for_load_state()
    for box in boss.locator("tbody input[type=checkbox]").all():
        box.check()
    boss.get_by_role("button", name="Récupérer…").click()
    expect(boss.get_by_text("de 2 clients")).to_be_visible()
    look(boss, "recuperer-cabinet")
    names = taken(boss, tmp_path)
    assert {name.split("/")[0] for name in names} == {bag, "009999 - SCI des Lilas"} and f"{bag}/index.html" in names
