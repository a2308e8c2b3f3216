"""A company opens its private space, puts something in, and sends it to its cabinet with one click; the cabinet, its engine and the
commands know nothing of it until then."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import SMALL, look
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def test_a_company_keeps_something_for_itself_and_sends_it_with_one_click(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    marie = cabinet.company()
    marie.get_by_role("navigation", name="Principal").get_by_role("link", name="Espace privé").click()
    look(marie, "espace-prive-ouvrir")
    marie.get_by_role("button", name="Ouvrir l’espace privé").click()
    assert len(marie.locator(".codes code").inner_text()) == 19
    look(marie, "espace-prive-cle")
    marie.get_by_role("button", name="C’est noté").click()
    _works(marie, world)
    _of_nobody_else(cabinet, world)
    marie.goto(f"/espace-prive/{CODE}")
    marie.get_by_role("button", name="Envoyer à mon cabinet : projet.pdf").click()
    expect(marie.locator("h1")).to_contain_text("Accusé")
    assert set(world.online()) == {"À classer/projet.pdf"}
    marie.goto(f"/espace-prive/{CODE}")
    expect(marie.get_by_role("link", name="Envoyé")).to_be_visible()
    with marie.expect_download() as waited:
        marie.get_by_role("button", name="Récupérer").click()
    waited.value.save_as(tmp_path / "prive.zip")
    with zipfile.ZipFile(tmp_path / "prive.zip") as z:
        assert "projet.pdf" in z.namelist() and z.testzip() is None


def _works(marie: Page, world: World) -> None:
    _chosen(marie, "projet.pdf")
    row = marie.locator("tr.row", has_text="projet")
    expect(row).to_be_visible()
    marie.get_by_text("Nouveau dossier").click()
    marie.get_by_label("Nom du dossier").fill("Contrats")
    marie.get_by_role("button", name="Créer").click()
    expect(marie.locator("h1")).to_contain_text("Contrats")
    _chosen(marie, "bail.pdf")
    expect(marie.locator("tr.row")).to_have_count(1)
    marie.goto(f"/espace-prive/{CODE}")
    look(marie, "espace-prive")
    marie.set_viewport_size({"width": 390, "height": 844})
    assert marie.evaluate(SMALL) == []
    marie.set_viewport_size({"width": 1440, "height": 900})
    row.get_by_role("checkbox").check()
    marie.get_by_role("button", name="Supprimer", exact=True).click()
    expect(row).to_have_count(0)
    marie.get_by_role("button", name="Annuler").first.click()
    expect(row).to_be_visible()
    row.get_by_role("link", name="projet.pdf").click()
    expect(marie.locator("h1")).to_contain_text("projet.pdf")
    look(marie, "espace-prive-document")
    marie.goto(f"/espace-prive/{CODE}/acces")
    look(marie, "espace-prive-acces")
    marie.goto(f"/espace-prive/{CODE}/corbeille")
    look(marie, "espace-prive-corbeille")


def _chosen(page: Page, name: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choisir des documents").click()
    chooser.value.set_files({"name": name, "mimeType": "application/pdf", "buffer": f"%PDF-1.4 {name}".encode()})


def _of_nobody_else(cabinet: Cabinet, world: World) -> None:
    boss = cabinet.page
    assert boss.request.get(f"/espace-prive/{CODE}").status == 404
    assert world.online() == {} and world.online(deleted=True) == {}
    source = world.base / "x.pdf"
    source.write_bytes(b"%PDF-1.4 x")
    for command in (
        ("put", CODE, "Espace privé/x.pdf", source), ("get", CODE, "Espace privé/projet.pdf", world.base / "got.pdf"),
        ("remove", CODE, "Espace privé/projet.pdf"), ("restore", CODE, "espace prive\u0301/projet.pdf"),
        ("move", CODE, "Espace privé/projet.pdf", "Achats/projet.pdf"), ("move", CODE, "Achats/a.pdf", "Espace privé/a.pdf"),
    ):  # fmt: skip
        refused = world.portal("document", *command, check=False)
        assert refused.code == 5, (command, refused)
    ran = world.run()
    assert ran.code == 0 and not any("priv" in str(a.get("path", "")) for a in ran.events)
    world.same()
    assert not any("priv" in name or "projet" in name for name in world.here())
