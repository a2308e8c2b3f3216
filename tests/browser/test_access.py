"""« Accès » in a real browser: three hundred sheets in three clicks, two to an A4; a scanned sheet fills the form."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOTS
from tests.browser.people import PASSWORD, Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def many(world: World, count: int) -> None:
    """A cabinet of so many clients, each with a contact who never came, as an import leaves them."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(world.portal_dir / "portal.db")) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(portal_user)")]
        sample = dict(zip(columns, db.execute("SELECT * FROM portal_user LIMIT 1").fetchone(), strict=True))
        client = db.execute("SELECT id FROM portal_client LIMIT 1").fetchone()[0]
        for n in range(count):
            name = f"Camille Durand {n:03}"
            row = sample | {
                "id": f"{n:032x}", "sign_in": f"c.durand.{n:06}", "name": name, "email": "", "role": "contact", "password": "!",
                "last_login": None, "parent_id": None, "folded": f"{name.lower()}\nc.durand.{n:06}\n",
            }  # fmt: skip
            db.execute(
                f"INSERT INTO portal_user ({','.join(row)}) VALUES ({','.join('?' * len(row))})", list(row.values())
            )
            db.execute(
                "INSERT INTO portal_grant (user_id, client_id, kind, verbs) VALUES (?, ?, '*', 'view')",
                (row["id"], client),
            )


def test_three_hundred_sheets_are_three_clicks_and_two_to_a_page(cabinet: Cabinet, world: World) -> None:
    many(world, 300)
    page = cabinet.page
    page.goto("/personnes")
    look(page, "acces-300")
    page.get_by_role("button", name="Choisir les 300").click()
    expect(page.locator(".selection .chosen")).to_have_text("300 choisis")
    look(page, "acces-choisis")
    page.get_by_role("button", name="Fiches d’accès (à imprimer)").click()
    look(page, "fiches-demandees")
    page.evaluate("window.print = () => { window.printed = true; }")
    page.add_init_script("window.print = () => { window.printed = true; };")
    page.get_by_role("button", name="Créer et imprimer").click(timeout=60_000)
    expect(page.locator(".access-sheet")).to_have_count(300, timeout=60_000)
    assert page.evaluate("window.printed") is True  # the fourth is the printer's own
    page.evaluate("for (const s of [...document.querySelectorAll('.access-sheet')].slice(5)) s.remove()")
    look(page, "fiches")
    SHOTS.mkdir(parents=True, exist_ok=True)
    pdf = SHOTS / "fiches.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    import pypdfium2

    printed = pypdfium2.PdfDocument(pdf)
    assert len(printed) == 3  # five sheets
    assert [round(x) for x in printed[0].get_size()] == [595, 842]
    for n in range(len(printed)):
        printed[n].render(scale=1.5).to_pil().save(SHOTS / f"fiches-page-{n + 1}.png")
    first = printed[0].get_textpage().get_text_bounded()
    assert first.count("c.durand.") == 2 and "Camille Durand 000" in first and "Accès" not in first


def test_a_scanned_sheet_fills_the_form_and_leaves_the_address(cabinet: Cabinet) -> None:
    login, code = cabinet.invite("Jeanne Petit")
    phone = cabinet.visit()
    phone.goto(f"/premiere-connexion#login={login}&code={code.replace('-', '')}")
    expect(phone.locator("[name=login]")).to_have_value(login)
    expect(phone.locator("[name=code]")).to_have_value(code)
    assert "#" not in phone.url
    phone.get_by_role("button", name="Continuer").click()
    phone.fill("[name=password]", PASSWORD)
    phone.fill("[name=again]", PASSWORD)
    phone.get_by_role("button", name="Enregistrer et entrer").click()
    expect(phone.locator("h1")).to_contain_text("SARL Dupont")


def test_a_new_person_is_told_of_while_it_is_described(cabinet: Cabinet, world: World) -> None:
    world.client("000042", "SCI des Lilas")
    page = cabinet.page
    page.goto("/personnes/nouvelle?client=007868")
    page.fill("[name=name]", "Jeanne Petit")
    expect(page.locator("[name=sign_in]")).to_have_attribute("placeholder", "j.petit")
    expect(page.locator("[data-folders=payroll]")).to_have_text("Social")
    look(page, "nouvelle-personne")
    page.check("[name=role][value=assistant]")
    expect(page.locator("[data-covers]")).to_have_text("Verra 1 client.")
    box = page.get_by_role("combobox", name="Clients", exact=True)
    box.fill("lilas")
    box.press("Enter")
    expect(page.locator("[data-covers]")).to_have_text("Verra 2 clients.")
    look(page, "nouvelle-personne-cabinet")
    page.get_by_role("button", name="Créer l’accès").click()
    expect(page.locator(".access-sheet h2")).to_have_text("Jeanne Petit")


def test_labels_are_ordered_by_dragging_and_by_keys(cabinet: Cabinet) -> None:
    page = cabinet.page
    page.goto("/reglages/dossiers")
    names = page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.name)")
    look(page, "ordre-des-dossiers")
    handles = page.locator(".handle")
    first, third = handles.nth(0).bounding_box(), handles.nth(2).bounding_box()
    assert first and third
    page.mouse.move(first["x"] + 5, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(third["x"] + 5, third["y"] + third["height"], steps=6)
    page.mouse.up()
    handles.nth(3).focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Enregistrer").click()
    wanted = [names[1], names[2], names[3], names[0], *names[4:]]
    shown = page.locator("tbody tr").evaluate_all("rows => rows.map((row) => row.dataset.name)")
    assert shown == wanted
    page.goto("/clients/007868/arborescence")
    page.select_option("[name=kind-1]", "payroll")
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.locator(".ask")).to_contain_text("→ social")
    look(page, "arborescence-comparee")
