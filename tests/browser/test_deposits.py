"""Deposits as a company makes them: dropped, cut, resumed, without JavaScript; and what becomes of them."""

from __future__ import annotations

import base64
import os
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SHOTS
from tests.browser.people import Cabinet, drop, sign_in
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
    expect(marie.locator(".refusals")).to_contain_text("programme.exe : type de fichier non accepté (.exe)")
    expect(marie.get_by_text("Terminé").first).to_be_visible()
    said = marie.locator(".refusals li").first
    over = (
        "e => { const r = e.getBoundingClientRect(); return e.contains(document.elementFromPoint(r.x + 5, r.y + 5)); }"
    )
    assert said.evaluate(over), "what is not sent is read before the window of what is"
    marie.set_viewport_size({"width": 390, "height": 844})
    assert said.evaluate(over)
    marie.screenshot(path=SHOTS / "depot-refuse-390.png")
    marie.get_by_role("button", name="Terminé").click()
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
        marie.wait_for_url("**/depots/*")
        expected = "Déjà déposé le" if dropped.parent == tree else "déposé comme « facture à payer.pdf »"
        expect(marie.locator(".document")).to_contain_text(expected)
    assert "Achats/Été 2026/facture à payer (2).pdf" in world.online()


@pytest.mark.parametrize("cut", ["network", "session", "reload"])
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
    expect(marie.locator(".uppy-StatusBar-statusPrimary").first).to_contain_text(
        re.compile(r"[1-9]\d?\s?%")
    )  # progress is shown
    part = _until_something_arrived(world, 2_000_000, marie)
    if cut == "network":
        slow.send("Network.emulateNetworkConditions", {**limits, "offline": True})
        marie.wait_for_timeout(1500)
        slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    elif cut == "session":
        with sqlite3.connect(world.portal_dir / "portal.db", timeout=30) as db:
            db.execute("delete from django_session")
        db.close()
        expect(marie.get_by_text("Votre session a expiré").first).to_be_visible(timeout=30_000)
        again = marie.context.new_page()
        sign_in(again, "m.dupont")
    else:
        marie.once("dialog", lambda d: d.accept())
        marie.reload()
        expect(marie.locator(".unfinished")).to_contain_text("« gros relevé.pdf » dans « Banque »")
        drop(marie, "#depot", big)  # the browser may not read it again by itself: dropped again, it goes on
    marie.wait_for_url("**/depots/*", timeout=60_000)
    expect(marie.locator("h1")).to_have_text(NUMBER)
    assert world.bytes_online("Banque/gros relevé.pdf") == big.read_bytes()
    assert part > 0 and max(offsets) > 0, offsets
    assert not list((world.portal_dir / "uploads").iterdir())


def test_an_upload_that_was_given_up_is_forgotten_on_both_sides(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    big = tmp_path / "relevé.pdf"
    big.write_bytes(b"%PDF-1.4" + b"x" * 12_000_000 + b"%%EOF")
    marie = cabinet.company()
    marie.goto("/dossiers/007868/Banque")
    slow = marie.context.new_cdp_session(marie)
    slow.send("Network.enable")
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 6_000_000}
    slow.send("Network.emulateNetworkConditions", limits)
    drop(marie, "#depot", big)
    _until_something_arrived(world, 1_000_000, marie)
    marie.once("dialog", lambda d: d.accept())
    marie.reload()
    expect(marie.locator(".unfinished")).to_be_visible()
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
    marie.wait_for_url("**/depots/*")
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
    marie.get_by_role("button", name="Supprimer de l’espace client").click()
    expect(marie.locator(".notice")).to_contain_text("supprimé de l’espace client")
    assert not world.online()
    marie.get_by_role("link", name="Corbeille").click()
    marie.get_by_label("Choisir été & fils -b-.pdf").check()
    marie.get_by_role("button", name="Restaurer").click()
    expect(marie.locator(".notice")).to_contain_text("1 document restauré")
    assert list(world.online()) == ["Achats/été & fils -b-.pdf"]


def add_more(page: Page, *files: Path) -> None:
    """With the button in the window of what is being sent."""
    page.locator(".uppy-DashboardContent-addMore").click()
    page.locator("input.uppy-Dashboard-input").first.set_input_files(list(files))


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
    expect(marie.locator(".refusals")).to_contain_text("outil.exe : type de fichier non accepté (.exe)")
    marie.get_by_role("button", name="Terminé").click()
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
    expect(marie.get_by_role("button", name="refusé pour voir")).to_be_visible()
    with marie.expect_response(lambda answer: "syncd-deposit" in answer.headers):
        add_more(marie, two)
    marie.wait_for_timeout(1500)  # longer than the page waits before it leaves
    assert "/depots/" not in marie.url
    refuse[0] = False
    marie.evaluate("window.depot.retryAll()")
    marie.wait_for_url("**/depots/*")
    assert set(world.online()) == {"Achats/une.pdf", "Achats/deux.pdf"}
