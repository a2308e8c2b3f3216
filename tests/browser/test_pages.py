"""Every page, for everybody, as pictures that were looked at."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet, drop, only_on_request, receipt
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def _asks_for_a_deletion(boss: Page, marie: Page, world: World, tmp_path: Path) -> None:
    """The template has the company ask; the cabinet uses « Traité »."""
    only_on_request(world, tmp_path)
    boss.goto("/reglages")
    boss.get_by_label("Vos collaborateurs cochent").check()
    boss.locator("button[value=habits]").click()
    boss.goto("/dossiers/007868/Achats")
    boss.locator("tr.row input").first.check()
    boss.get_by_role("button", name="Marquer comme traités").click()
    expect(boss.locator(".fate .chip").first).to_have_text("Traité")
    marie.goto("/dossiers/007868/Achats")
    marie.locator("tr.row .what a").first.click()
    marie.get_by_role("button", name="Demander la suppression").click()
    expect(marie.locator(".story")).to_contain_text("Suppression demandée par")
    look(marie, "document-suppression-demandee")
    boss.goto(marie.url)
    look(boss, "document-cabinet")


def _a_fortnight_ago(world: World, which: str) -> None:
    with sqlite3.connect(world.portal_dir / "portal.db", timeout=30) as portal:
        portal.execute(
            "update portal_document set created_at = datetime(created_at, '-14 days') where path like ?", (which,)
        )
    portal.close()


def test_every_page_is_sound_for_everybody(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    stranger = cabinet.visit()
    for path, name in (
        ("/connexion", "connexion"),
        ("/premiere-connexion", "premiere-connexion"),
        ("/mot-de-passe-oublie", "oublie"),
        ("/invitation/x", "lien-perime"),
    ):
        stranger.goto(path)
        look(stranger, name)
    files = [tmp_path / f"facture n° {n}.pdf" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(b"%%PDF-1.4 %d %%%%EOF" % n)
    marie = cabinet.company()
    look(marie, "espace-vide")
    marie.goto("/dossiers/007868/Achats")
    look(marie, "dossier-vide")
    drop(marie, "#depot", *files)
    receipt(marie)
    look(marie, "accuse-de-depot")
    world.run()
    world.remove("Achats/facture n° 2.pdf")
    for path, name in (
        ("/", "espace"), ("/dossiers/007868/Achats", "dossier"), ("/recherche?q=facture", "recherche"), ("/compte?second=on", "compte"),
        ("/mode-d-emploi", "mode-d-emploi"),
        ("/personnes", "acces-client"), ("/personnes/nouvelle", "nouvelle-personne-client"),
    ):  # fmt: skip
        marie.goto(path)
        look(marie, name)
    marie.goto("/dossiers/007868/Achats")
    marie.locator("tr.row .what a").first.click()
    look(marie, "document")
    assert any(marie.request.get("/recherche?q=facture").status == 429 for _ in range(300))
    marie.goto("/recherche?q=facture")
    look(marie, "trop-de-recherches")
    boss = cabinet.page
    _asks_for_a_deletion(boss, marie, world, tmp_path)
    world.client("000042", "SCI des Lilas")
    world.run()
    lilas = world.dir("000042")
    world.put("À classer/ticket.pdf", b"%PDF-1.4 a receipt %%EOF")
    world.write("Achats/programme.exe", "refused")
    for n in range(25):
        world.write(f"Ventes/vente {n}.pdf", f"sale {n}")
        (lilas / "Achats" / f"achat {n}.pdf").write_text(f"purchase {n}")
    world.syncd("run", env={"SYNCD_GUARDS_FIRST_PUBLICATION": "ask"})
    _a_fortnight_ago(world, "À classer/%")
    one, other = (world.online()[f"Achats/facture n° {n}.pdf"]["id"] for n in range(2))
    boss.goto(f"/documents/{one}/comparer?other={other}")
    look(boss, "comparer")
    for path, name in (
        ("/clients/nouveau", "nouveau-client"), ("/clients/007868", "fiche"), ("/personnes", "acces"),
        ("/personnes/nouvelle?client=007868", "nouvelle-personne"), ("/synchronisation", "synchronisation"), ("/a-classer", "a-classer"),
        ("/synchronisation/comptes-rendus", "comptes-rendus"), ("/synchronisation/taches/nouvelle", "nouvelle-tache"),
        ("/reglages", "reglages"), ("/reglages/dossiers", "ordre-des-dossiers"), ("/reglages/programmes", "programmes"), ("/reglages/clients?template=*&do=off", "activation"), ("/reglages/historique", "historique"), ("/clients/import", "import"), ("/clients/007868/arborescence?template=sci", "arborescence"),
    ):  # fmt: skip
        boss.goto(path)
        look(boss, name)
    boss.goto("/personnes")
    boss.locator("tbody a").first.click()
    look(boss, "personne")
    boss.get_by_role("button", name="Fiche d’accès").click()
    look(boss, "fiche-d-acces")


def test_the_cabinets_first_pages_are_sound(cabinet: Cabinet, world: World) -> None:
    world.put("À classer/ticket.pdf", b"%PDF-1.4 a receipt %%EOF")
    world.run()
    world.write("Achats/programme.exe", "refused")
    for n in range(25):
        world.write(f"Ventes/vente {n}.pdf", f"sale {n}")
    world.syncd("run", env={"SYNCD_GUARDS_FIRST_PUBLICATION": "ask"})
    for path, name in (
        ("/", "accueil-cabinet"), ("/a-faire", "a-faire"), ("/accords", "accords"), ("/activite", "activite"), ("/clients", "clients"),
    ):  # fmt: skip
        cabinet.page.goto(path)
        look(cabinet.page, name)
