"""Deposits as a company makes them: dropped, cut, resumed, without JavaScript; and what becomes of them."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import PASSWORD, Cabinet, drop, receipt, sign_in
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
NUMBER = re.compile(r"Accusé de dépôt n°\s\d{4}-\d{6}")


def test_a_folder_with_accents_dropped_on_a_tile_arrives_with_its_tree_and_the_cabinet_receives_it(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    tree = tmp_path / "Été 2026"
    (tree / "Crédits").mkdir(parents=True)
    (tree / "facture à payer.pdf").write_bytes(b"%PDF-1.4 one %%EOF")
    (tree / "Crédits" / "échéancier n°2.pdf").write_bytes(b"%PDF-1.4 two %%EOF")
    (tree / "programme.exe").write_bytes(b"MZ")
    (tree / ".DS_Store").write_bytes(b"x")
    marie = cabinet.company()
    drop(marie, "[data-folder=Achats]", tree)
    refused = marie.locator(".sending li.refused")
    expect(refused).to_contain_text("programme.exe")
    expect(refused).to_contain_text("Refusé : type de fichier non accepté (.exe)")
    expect(refused).to_contain_text("Enregistrez-le en PDF")
    expect(marie.locator(".sending header")).to_contain_text(
        re.compile(r"2 déposés, 1 refusé · Accusé n°\s\d{4}-\d{6}")
    )
    look(marie, "depot-panneau")
    receipt(marie)
    expect(marie.locator("h1")).to_have_text(NUMBER)
    expect(marie.locator(".document")).to_have_count(2)
    expect(marie.locator(".refusals")).to_contain_text("programme.exe : type de fichier non accepté (.exe)")
    expect(marie.locator(".fate").first).to_have_text("Envoyé")
    assert set(world.online()) == {"Achats/Été 2026/facture à payer.pdf", "Achats/Été 2026/Crédits/échéancier n°2.pdf"}
    assert world.run().code == 0
    assert world.path("Achats/Été 2026/Crédits/échéancier n°2.pdf").read_bytes() == b"%PDF-1.4 two %%EOF"
    marie.reload()
    expect(marie.locator(".fate").first).to_have_text("Reçu")
    # the same content again, and another content under the same name
    other = tmp_path / "other" / "Été 2026"
    other.mkdir(parents=True)
    (other / "facture à payer.pdf").write_bytes(b"%PDF-1.4 one, corrected %%EOF")
    for dropped in (tree / "facture à payer.pdf", other / "facture à payer.pdf"):
        marie.goto("/dossiers/007868/Achats/Été 2026")
        drop(marie, "#depot", dropped)
        receipt(marie)
        expected = "Déjà déposé le" if dropped.parent == tree else "déposé comme « facture à payer.pdf »"
        expect(marie.locator(".document").filter(has_text=expected).first).to_be_visible()
    assert "Achats/Été 2026/facture à payer (2).pdf" in world.online()


@pytest.mark.parametrize("cut", ["network", "session", "panel", "reload"])
def test_a_cut_in_the_middle_goes_on_where_it_was(cabinet: Cabinet, world: World, tmp_path: Path, cut: str) -> None:
    big = tmp_path / "gros relevé.pdf"
    big.write_bytes(b"%PDF-1.4 " + os.urandom(14_000_000) + b"%%EOF")
    marie = cabinet.company()
    marie.goto("/dossiers/007868/Banque")
    offsets: list[int] = []
    marie.on("request", lambda r: offsets.append(int(r.headers["upload-offset"])) if r.method == "PATCH" else None)
    slow = marie.context.new_cdp_session(marie)
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 6_000_000}
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", limits)
    drop(marie, "#depot", big)
    expect(marie.locator(".sending header")).to_contain_text(re.compile(r"[1-9]\d?\s%"))  # progress is shown
    part = _until_something_arrived(world, 2_000_000, marie)
    if cut == "network":
        slow.send("Network.emulateNetworkConditions", {**limits, "offline": True})
        marie.wait_for_timeout(1500)
        slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    elif cut in ("session", "panel"):
        with sqlite3.connect(world.portal_dir / "portal.db", timeout=30) as db:
            db.execute("delete from django_session")
        db.close()
        expect(marie.get_by_text("Votre session a expiré").first).to_be_visible(timeout=30_000)
        if cut == "panel":
            marie.locator(".sending [name=password]").fill("pas le bon")
            marie.keyboard.press("Enter")
            expect(marie.locator(".sending .error")).to_have_text("Identifiant ou mot de passe inconnu.")
            look(marie, "depot-session")
            marie.locator(".sending [name=password]").fill(PASSWORD)
            marie.keyboard.press("Enter")
        else:
            again = marie.context.new_page()
            sign_in(again, "m.dupont")
    else:
        marie.goto("/compte")  # another page: it was kept, and goes on there by itself
    receipt(marie)
    expect(marie.locator("h1")).to_have_text(NUMBER)
    assert world.bytes_online("Banque/gros relevé.pdf") == big.read_bytes()
    assert part > 0 and max(offsets) > 0, offsets
    assert not list((world.portal_dir / "uploads").iterdir())


def test_an_upload_that_was_given_up_is_forgotten_on_both_sides(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    big = tmp_path / "relevé.pdf"
    big.write_bytes(b"%PDF-1.4" + b"x" * 12_000_000 + b"%%EOF")
    marie = cabinet.company()
    marie.context.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")  # it keeps nothing
    marie.goto("/dossiers/007868/Banque")
    slow = marie.context.new_cdp_session(marie)
    slow.send("Network.enable")
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 6_000_000}
    slow.send("Network.emulateNetworkConditions", limits)
    drop(marie, "#depot", big)
    _until_something_arrived(world, 1_000_000, marie)
    marie.once("dialog", lambda d: d.accept())
    marie.reload()
    expect(marie.locator(".unfinished")).to_contain_text("« relevé.pdf » dans « Banque »")
    look(marie, "envoi-interrompu")
    marie.get_by_role("button", name="Ne plus le rappeler").click()
    expect(marie.locator(".unfinished")).to_have_count(0)
    for _ in range(200):
        if not list((world.portal_dir / "uploads").iterdir()):
            break
        marie.wait_for_timeout(50)
    assert not list((world.portal_dir / "uploads").iterdir()) and not world.online()
    marie.reload()
    expect(marie.locator("#depot")).to_be_visible()
    expect(marie.locator(".unfinished")).to_have_count(0)


def _until_something_arrived(world: World, enough: int, page: object) -> int:
    from playwright.sync_api import Page

    assert isinstance(page, Page)
    for _ in range(400):
        sizes = [p.stat().st_size for p in (world.portal_dir / "uploads").iterdir() if not p.name.endswith(".json")]
        if sizes and max(sizes) > enough:
            return max(sizes)
        page.wait_for_timeout(25)
    raise AssertionError("nothing arrived")


def test_two_people_see_each_others_deposits_and_the_cabinet_reads_them(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    invoice = tmp_path / "facture.pdf"
    invoice.write_bytes(b"%PDF-1.4 hello %%EOF")
    marie = cabinet.company()
    drop(marie, "[data-folder=Ventes]", invoice)
    receipt(marie)
    acknowledgement = marie.url
    paul = cabinet.company("Paul Durand", preset="secretary")
    expect(paul.locator(".tile", has_text="Ventes").locator("[title*='par Marie Dupont']")).to_have_count(1)
    expect(paul.locator(".tile", has_text="Social")).to_have_count(0)
    paul.goto(acknowledgement)
    expect(paul.locator(".document")).to_contain_text("facture.pdf")
    nadia = cabinet.company("Nadia Petit", preset="payroll")
    assert nadia.goto(acknowledgement).status == 404  # type: ignore[union-attr]
    boss = cabinet.page
    boss.goto("/dossiers/007868/Ventes")
    boss.get_by_role("link", name="facture.pdf").click()
    with boss.context.expect_page() as opened:
        boss.get_by_role("link", name="Aperçu").click()
    opened.value.close()
    marie.goto("/dossiers/007868/Ventes")
    expect(marie.locator(".fate .chip")).to_have_text("Reçu")
    how = re.compile("Reçu par le cabinet le .* · Consulté par direction@cabinet-martin.fr")
    expect(marie.locator(".fate .chip")).to_have_attribute("title", how)


def test_without_javascript_documents_are_deposited_deleted_and_restored(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    invoice = tmp_path / "été & fils <b>.pdf"
    invoice.write_bytes(b"%PDF-1.4 plain %%EOF")
    marie = cabinet.company(java_script_enabled=False)
    marie.get_by_role("link", name="Achats").click()
    marie.set_input_files("[name=documents]", invoice)
    marie.get_by_role("button", name="Déposer", exact=True).click()
    expect(marie.locator("h1")).to_have_text(NUMBER)
    expect(marie.locator(".document")).to_contain_text("été & fils -b-.pdf")
    expect(marie.locator(".document")).to_contain_text("déposé comme « été & fils <b>.pdf »")
    marie.get_by_role("link", name="été & fils").click()
    marie.get_by_role("button", name="Supprimer", exact=True).click()
    expect(marie.locator(".notice")).to_contain_text("supprimé de l’espace client")
    assert not world.online()
    marie.get_by_role("link", name="Corbeille").click()
    marie.get_by_label("Choisir été & fils -b-.pdf").check()
    marie.get_by_role("button", name="Restaurer").click()
    expect(marie.locator(".notice")).to_contain_text("1 document restauré")
    assert list(world.online()) == ["Achats/été & fils -b-.pdf"]


def add_more(page: Page, *files: Path) -> None:
    """With the button in the panel of what is being sent."""
    with page.expect_file_chooser() as chooser:
        page.locator(".sending").get_by_role("button", name=re.compile("Ajouter d.autres")).click()
    chooser.value.set_files(list(files))


def test_what_is_added_to_documents_under_way_goes_where_they_go_or_says_why_not(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    photo, later, program = tmp_path / "photo.jpg", tmp_path / "facture.xml", tmp_path / "outil.exe"
    photo.write_bytes(b"\xff\xd8\xff" + os.urandom(300_000))
    later.write_bytes(b"<facture/>")
    program.write_bytes(b"MZ")
    marie = cabinet.company()
    marie.route("**/deposit/tus/**", lambda route: (marie.wait_for_timeout(300), route.continue_()))
    drop(marie, "[data-folder=Achats]", photo)
    add_more(marie, later, program)
    expect(marie.locator(".sending li.refused")).to_contain_text("type de fichier non accepté (.exe)")
    receipt(marie)
    expect(marie.locator("h1")).to_have_text(NUMBER)
    expect(marie.locator(".document")).to_have_count(2)
    assert set(world.online()) == {"Achats/photo.jpg", "Achats/facture.xml"}


def test_nothing_leads_to_the_acknowledgement_as_long_as_something_was_not_sent(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    one, two = tmp_path / "une.pdf", tmp_path / "deux.pdf"
    one.write_bytes(b"%PDF-1.4 one %%EOF")
    two.write_bytes(b"%PDF-1.4 two %%EOF")
    marie = cabinet.company()
    refuse = [True]

    def sometimes(route: Route) -> None:
        answer = {"status": 422, "body": '{"message": "refusé pour voir"}', "content_type": "application/json"}
        it_is_one = base64.b64encode(b"une.pdf").decode() in route.request.headers.get("upload-metadata", "")
        route.fulfill(**answer) if it_is_one and refuse[0] else route.continue_()  # type: ignore[arg-type]

    marie.route("**/deposit/tus/", sometimes)
    drop(marie, "[data-folder=Achats]", one)
    expect(marie.locator(".sending li.failed")).to_contain_text("refusé pour voir")
    with marie.expect_response(lambda answer: "syncd-deposit" in answer.headers):
        add_more(marie, two)
    expect(marie.locator(".sending li.done")).to_have_count(1)
    expect(marie.locator(".sending").get_by_role("link", name=re.compile("Voir l.accusé"))).to_be_hidden()
    refuse[0] = False
    marie.evaluate("window.depot.retryAll()")
    receipt(marie)
    assert set(world.online()) == {"Achats/une.pdf", "Achats/deux.pdf"}


def test_the_whole_page_takes_what_is_dropped_and_a_document_is_replaced(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    bill, newer = tmp_path / "facture.pdf", tmp_path / "corrigée.pdf"
    bill.write_bytes(b"%PDF-1.4 one %%EOF")
    newer.write_bytes(b"%PDF-1.4 two %%EOF")
    marie = cabinet.company()
    drop(marie, "h1", bill)  # beside every folder: to be filed
    expect(marie.locator(".sending li.done")).to_contain_text("facture.pdf")
    assert set(world.online()) == {"À classer/facture.pdf"}
    marie.goto("/dossiers/007868/Achats")
    drop(marie, "h1", bill)
    expect(marie.locator(".sending li.done")).to_have_count(1)
    assert set(world.online()) == {"À classer/facture.pdf", "Achats/facture.pdf"}
    marie.reload()
    marie.get_by_label("Actions pour facture.pdf").click()
    with marie.expect_file_chooser() as chooser:
        marie.get_by_role("menuitem", name="Remplacer").click()
    chooser.value.set_files(newer)
    expect(marie.locator(".sending li.done")).to_contain_text("nouvelle version")
    assert world.bytes_online("Achats/facture.pdf") == newer.read_bytes()
    receipt(marie)  # of all the half hour
    expect(marie.locator(".document")).to_have_count(3)
