"""Electronic invoices as people meet them: in a list, on their page, as a sheet on paper, to file; light and dark, at both widths."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World
from tests.support.hostile_files import invoice as plain_pdf
from tests.support.invoices import SAMPLES, cii, factur_x

pytestmark = pytest.mark.e2e


def test_an_invoice_is_listed_read_printed_and_filed(cabinet: Cabinet, world: World) -> None:
    edf = cii(number="F2026-0142", gross="1234.56")
    world.put("Achats/EDF novembre.pdf", plain_pdf())
    world.put("Achats/EDF novembre.xml", edf)
    world.put(
        "Achats/scan 12.pdf", factur_x(cii("2026/77", "20261118", "89.90", seller="Papeterie Générale de l'Ouest SAS"))
    )
    world.put(
        "Achats/scan 13.pdf", factur_x(cii("2026/77", "20261118", "89.90", seller="Papeterie Générale de l'Ouest SAS"))
    )
    world.put("Achats/avoir.xml", cii("AV-9", "20261120", "12.00", code="381", seller="Orange Business"))
    world.put("Achats/UC10.xml", (SAMPLES / "UC10_F202600004_EXTENDED_FX_CII_Commentee.xml").read_bytes())
    world.put("Achats/photo.jpg", b"\xff\xd8\xff")
    boss = cabinet.page
    for _ in range(60):  # read within seconds of the last deposit
        boss.goto("/dossiers/007868/Achats")
        if boss.get_by_text("UC10").count() and boss.locator("td.sum", has_text="6").count() > 1:
            break
        boss.wait_for_timeout(1000)
    expect(boss.locator("td.sum").filter(has_text="€")).to_have_count(5)
    expect(boss.locator("tr[data-id]")).to_have_count(6)  # the PDF and its XML are one line
    expect(boss.locator("tr", has_text="scan 1")).to_have_count(2)
    expect(boss.locator(".tag.warn")).to_have_count(1)
    look(boss, "factures-liste")
    boss.get_by_role("link", name="avoir.xml", exact=True).first.click()
    expect(boss.locator(".viewer-reading .bill")).to_contain_text("Avoir")
    expect(boss.locator(".bill-card")).to_contain_text("Orange Business")
    look(boss, "facture-document")
    boss.goto("/dossiers/007868/Achats")
    boss.get_by_role("link", name="UC10.xml", exact=True).first.click()
    boss.locator(".bill-card").get_by_role("link", name="Fiche à imprimer").click()
    expect(boss.locator(".bill")).to_contain_text("F202600004")
    look(boss, "facture-fiche")
    boss.goto("/recherche?q=papeterie+>+50")
    expect(boss.locator(".document .sum")).to_have_count(2)
    look(boss, "factures-recherche")


def test_validity_is_asked_for_and_a_platform_is_connected(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/edf.xml", cii())
    boss = cabinet.page
    for _ in range(60):
        boss.goto("/dossiers/007868/Achats")
        if boss.locator("td.sum", has_text="€").count():
            break
        boss.wait_for_timeout(1000)
    boss.get_by_role("link", name="edf.xml", exact=True).first.click()
    boss.get_by_role("button", name="Vérifier la validité").click()
    expect(boss.locator("h1")).to_contain_text("Validité")
    expect(boss.locator(".card .chip")).to_have_count(3)
    look(boss, "facture-validite")
    boss.goto("/clients/007868")
    boss.get_by_role("link", name="Raccorder…").click()
    look(boss, "plateforme-nouvelle")
    boss.get_by_label("Nom de la plateforme").fill("Plateforme Exemple")
    boss.get_by_label("Adresse du service de flux").fill("https://plateforme.invalid/flow-service")
    boss.locator("[name=secret]").fill("jeton")
    boss.get_by_role("button", name="Enregistrer").click()
    boss.get_by_role("button", name="Activer").click()
    for _ in range(30):  # the round looks every few seconds
        boss.reload()
        if boss.locator(".card .alert").count():
            break
        boss.wait_for_timeout(1000)
    expect(boss.locator(".card .alert")).to_contain_text("ne répond pas")
    look(boss, "plateforme")
    boss.get_by_role("button", name="Désactiver").click()
    expect(boss.locator(".card .chip")).to_contain_text("désactivée")
