"""« Échanger sans réseau » as people see it: prepared, handed in, what it would do, a key to compare; pictures of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.test_packages import company
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
PAGE = f"/paquets/{CODE}"


def test_packages_from_the_first_to_the_report(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    stick, at = tmp_path / "stick", tmp_path / "Documents"
    world.write("Achats/a.pdf", "from the cabinet")
    world.run()
    boss = cabinet.page
    marie = cabinet.company(preset="all")
    boss.goto(PAGE)
    expect(boss.locator(".empty").first).to_have_text("Rien en attente.")
    look(boss, "paquets-vide")
    boss.get_by_label("Objet").fill("Envoi pour révision")
    boss.get_by_role("button", name="Préparer").click()
    expect(boss.locator(".todo")).to_contain_text("en préparation")
    service = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    try:
        marie.goto(PAGE)
        fetch = marie.get_by_role("link", name="Télécharger")
        _until(marie, lambda: fetch.count() == 1)
        with marie.expect_download() as got:
            fetch.click()
        first = tmp_path / got.value.suggested_filename
        got.value.save_as(first)
        joined = json.loads(company(world, "package", "join", first, "--at", at, "--yes", "--json").out)
        assert company(world, "package", "apply", first, "--at", at, "--yes").code == 0
        for folder in ("Achats", "Ventes"):
            (at / folder / "b.pdf").write_text(f"from the company, {folder}")
        back = json.loads(company(world, "package", "create", "--at", at, "--to", stick, "--json").out)["file"]
        marie.locator("input[type=file]").set_input_files(back)
        marie.get_by_role("button", name="Remettre").click()
        expect(marie.locator(".todo").first).to_contain_text("remis au cabinet")
        look(marie, "paquets-entreprise")
        boss.goto(PAGE)
        _until(boss, lambda: boss.get_by_text("clé à vérifier").count() == 1)
        boss.get_by_role("link", name="Voir et traiter").click()
        expect(boss.locator("code.key").first).to_contain_text(joined["signing"])
        look(boss, "paquet-cle")
        boss.get_by_role("button", name="C’est bien sa clé").click()
        _until(boss, lambda: boss.get_by_text("à traiter", exact=True).count() == 1)
        look(boss, "paquets")
        boss.get_by_role("link", name="Voir et traiter").click()
        expect(boss.locator(".lines").first).to_contain_text("Ventes/b.pdf")
        look(boss, "paquet")
        boss.get_by_label("Achats").uncheck()
        boss.get_by_role("button", name="Traiter", exact=True).click()
        _until(boss, lambda: boss.get_by_text("traité en partie").count() == 1)
        boss.get_by_role("link", name="Voir et traiter").click()
        boss.get_by_role("button", name="Traiter", exact=True).click()
        _until(boss, lambda: boss.get_by_text("Rien en attente.").count() == 1)
        boss.locator(".todo").last.get_by_role("link").first.click()
        expect(boss.get_by_role("heading", name="Compte rendu")).to_be_visible()
        look(boss, "paquet-traite")
    finally:
        service.close()
    assert world.here()["Achats/b.pdf"] == b"from the company, Achats"


def _until(page: Page, holds: Callable[[], bool]) -> None:
    """The page is loaded again until it does: the engine answers beside it."""

    def loaded() -> bool:
        page.reload()
        return holds()

    eventually(loaded)
