"""A folder's documents as a list: chosen by the mouse and by the keyboard, sorted, filtered, dragged, and what was done undone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def deposited(world: World, documents: dict[str, bytes]) -> None:
    """Written into the portal's own database by one command each would take minutes: one process puts them all."""
    code = (
        "import io, sys, json; from pathlib import Path; from syncd.portal import bootstrap; bootstrap.use(Path(sys.argv[1]))\n"
        "from syncd.portal.documents import deposit; from syncd.portal.models import Client; from syncd.portal.rights import Operator\n"
        "client = Client.objects.get(code=sys.argv[2]); who = Operator(client.cabinet_id, 'Marie', 'company')\n"
        "for path, text in json.load(sys.stdin).items(): deposit.deposit_file(who, client, path, io.BytesIO(text.encode()))\n"
    )
    said = json.dumps({path: data.decode() for path, data in documents.items()})
    subprocess.run([sys.executable, "-c", code, str(world.portal_dir), CODE], input=said, text=True, check=True)


def rows(page: Page) -> list[str]:
    return [a.get_attribute("title") or "" for a in page.locator("tr.row .what .filename").all()]


@pytest.fixture
def shelf(cabinet: Cabinet, world: World) -> Iterator[Page]:
    """The correspondent before a folder with twelve documents and another with 103."""
    facture = {f"Achats/facture {n:02}.pdf": b"%%PDF-1.4 %d %%%%EOF" % n for n in range(12)}
    deposited(world, {**facture, **{f"Banque/relevé {n:03}.pdf": b"%%PDF-1.4 b%d %%%%EOF" % n for n in range(103)}})
    page = cabinet.page
    page.goto("/dossiers/007868/Achats?sort=name")
    yield page


def test_a_range_is_moved_by_three_acts_and_comes_back_by_one(shelf: Page) -> None:
    expect(shelf.locator("#chosen")).to_be_hidden()
    shelf.get_by_label("Choisir facture 00.pdf").click()
    shelf.get_by_label("Choisir facture 09.pdf").click(modifiers=["Shift"])
    expect(shelf.locator("#chosen .chosen")).to_have_text("10 choisis")
    look(shelf, "dossier-choisis")
    shelf.set_viewport_size({"width": 1440, "height": 900})
    shelf.locator("#chosen [name=to]").select_option("Ventes")
    expect(shelf.locator(".notice")).to_contain_text("10 documents déplacés dans « Ventes »")
    assert len(rows(shelf)) == 2
    shelf.keyboard.press("z")
    expect(shelf.locator(".notice")).to_contain_text("Annulé : 10 documents")
    assert len(rows(shelf)) == 12


def test_the_keyboard_alone_chooses_renames_deletes_and_undoes(shelf: Page) -> None:
    shelf.keyboard.press("j")
    shelf.keyboard.press("j")
    expect(shelf.locator("tr.row.at .filename")).to_have_attribute("title", "facture 01.pdf")
    shelf.keyboard.press("x")
    expect(shelf.locator("#chosen .chosen")).to_have_text("1 choisi")
    shelf.keyboard.press("F2")
    expect(shelf.locator("#rename [name=to]")).to_have_value("facture 01")
    shelf.keyboard.type("facture n° 1.2")
    shelf.keyboard.press("Enter")
    expect(shelf.locator(".notice")).to_contain_text("s’appelle maintenant « facture n° 1.2.pdf »")
    shelf.keyboard.press("k")
    shelf.keyboard.press("Delete")
    expect(shelf.locator(".notice")).to_contain_text("« facture 00.pdf » est dans la corbeille.")
    assert len(rows(shelf)) == 11
    shelf.keyboard.press("z")
    expect(shelf.locator("tr.row")).to_have_count(12)


def test_all_of_several_pages_are_chosen_sorted_and_filtered(shelf: Page) -> None:
    shelf.goto("/dossiers/007868/Banque")
    expect(shelf.locator("tr.row")).to_have_count(100)
    shelf.locator("thead").get_by_role("link", name="Nom").click()
    expect(shelf.locator("tr.row .filename").first).to_have_attribute("title", "relevé 000.pdf")
    shelf.get_by_role("link", name="Suivants").click()
    expect(shelf.locator("tr.row")).to_have_count(3)
    shelf.get_by_role("link", name="Précédents").click()
    expect(shelf.locator("tr.row")).to_have_count(100)
    shelf.get_by_label("Choisir toute la page").check()
    shelf.get_by_role("button", name="Choisir les 103").click()
    expect(shelf.locator("#chosen .chosen")).to_have_text("103 choisis")
    shelf.keyboard.press("Escape")
    expect(shelf.locator("#chosen")).to_be_hidden()
    shelf.get_by_label("Filtrer dans ce dossier").fill("RELEVE 10")
    expect(shelf.locator("tr.row")).to_have_count(4)
    shelf.get_by_label("Choisir toute la page").check()
    shelf.get_by_role("button", name="Supprimer", exact=True).click()
    expect(shelf.locator(".notice")).to_contain_text("4 documents sont dans la corbeille.")
    shelf.goto("/corbeille/007868")
    look(shelf, "corbeille")
    shelf.get_by_label("Choisir toute la page").check()
    shelf.get_by_role("button", name="Restaurer").click()
    expect(shelf.locator(".notice")).to_contain_text("4 documents restaurés")


def test_a_row_is_dragged_to_a_new_folder_and_its_menu_opens(shelf: Page) -> None:
    shelf.get_by_text("Nouveau dossier").click()
    shelf.get_by_label("Nom du dossier").fill("Été 2026")
    shelf.get_by_role("button", name="Créer").click()
    expect(shelf.locator("h1")).to_have_text("Été 2026")
    shelf.goto("/dossiers/007868/Achats?sort=name")
    shelf.locator("tr.row").first.drag_to(shelf.locator(".tile", has_text="Été 2026"))
    expect(shelf.locator(".notice")).to_contain_text("est classé dans « Été 2026 »")
    shelf.set_viewport_size({"width": 390, "height": 844})
    shelf.get_by_label("Actions pour facture 01.pdf").click()
    expect(shelf.get_by_role("menuitem", name="Renommer")).to_be_visible()
    shelf.keyboard.press("Escape")
    expect(shelf.locator("#rowmenu")).to_be_hidden()
