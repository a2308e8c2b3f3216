"""What is not sent yet is kept in the browser: without a network, over a closed page, for its own person alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Cabinet, drop, sign_in
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
KEPT = (  # how many documents the browser holds, whosever they are
    "new Promise((fine) => { const asked = indexedDB.open('syncd', 1); asked.onsuccess = () => {"
    " const all = asked.result.transaction('files').objectStore('files').count();"
    " all.onsuccess = () => { asked.result.close(); fine(all.result); }; }; })"
)


def until_kept(page: Page, count: int) -> None:
    """Until the browser holds so many (a promise is no answer to `wait_for_function`)."""
    page.evaluate(
        f"async (count) => {{ const end = Date.now() + 30000; while ((await {KEPT}) !== count) {{"
        " if (Date.now() > end) throw new Error(`not ${count}`); await new Promise((fine) => setTimeout(fine, 50)); } }",
        count,
    )


def receipts(base: Path, count: int) -> list[Path]:
    files = [base / f"ticket {n}.pdf" for n in range(count)]
    for n, file in enumerate(files):
        file.write_bytes(b"%%PDF-1.4 receipt %d %%%%EOF" % n)
    return files


def without_network(page: Page, base: Path) -> None:
    """Three documents are chosen where there is no network, and are kept."""
    page.goto("/dossiers/007868/Achats")
    page.context.set_offline(True)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choisir des documents").click()
    chooser.value.set_files(receipts(base, 3))
    expect(page.locator(".sending header")).to_contain_text("3 documents attendent le réseau")
    expect(page.locator(".sending .kept")).to_contain_text("Gardés sur cet appareil")


def test_what_waits_for_the_network_is_sent_later_from_any_page_and_once(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    marie = cabinet.company()
    without_network(marie, tmp_path)
    look(marie, "depot-hors-ligne")
    assert marie.evaluate(KEPT) == 3
    marie.close()
    context = marie.context
    context.set_offline(False)
    one, two = context.new_page(), context.new_page()
    for page in (one, two):  # two at once: one of them sends
        page.goto("/mode-d-emploi")
    until_kept(one, 0)
    assert len(world.online()) == 3
    assert sum(page.locator(".sending li.done").count() for page in (one, two)) == 3
    assert not any("déjà déposé" in page.locator(".sending").inner_text() for page in (one, two))


def test_another_person_of_the_same_phone_neither_sees_nor_sends_it(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    marie = cabinet.company()
    paul_name, code = cabinet.invite("Paul Durand")
    without_network(marie, tmp_path)
    context = marie.context
    marie.close()
    context.set_offline(False)
    context.clear_cookies()  # her session ended meanwhile
    paul = context.new_page()
    paul.goto("/premiere-connexion")
    paul.fill("[name=login]", paul_name)
    paul.fill("[name=code]", code)
    paul.get_by_role("button", name="Continuer").click()
    paul.fill("[name=password]", "encore une phrase longue")
    paul.fill("[name=again]", "encore une phrase longue")
    paul.get_by_role("button", name="Enregistrer et entrer").click()
    paul.goto("/dossiers/007868/Achats")
    own = tmp_path / "facture de Paul.pdf"
    own.write_bytes(b"%PDF-1.4 Paul %%EOF")
    drop(paul, "#depot", own)
    expect(paul.locator(".sending li")).to_have_count(1)
    expect(paul.locator(".sending header")).to_contain_text("1 déposé")
    assert set(world.online()) == {"Achats/facture de Paul.pdf"}
    paul.get_by_text("Paul Durand").first.click()
    paul.get_by_role("button", name="Se déconnecter").click()
    paul.wait_for_url("**/connexion")
    assert paul.evaluate(KEPT) == 3  # hers
    sign_in(paul, "m.dupont")
    expect(paul.locator(".sending li.done")).to_have_count(3, timeout=30_000)
    assert len(world.online()) == 4


def test_signing_out_asks_and_leaves_nothing_behind(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    marie = cabinet.company()
    marie.goto("/dossiers/007868/Achats")
    marie.route("**/deposit/tus/**", lambda route: route.abort())  # the portal cannot be reached
    drop(marie, "#depot", *receipts(tmp_path, 2))
    until_kept(marie, 2)
    marie.get_by_text("Marie Dupont").first.click()
    leave = marie.get_by_role("button", name="Se déconnecter", exact=True)
    leave.click()
    asked = marie.get_by_role("alertdialog")
    expect(asked).to_contain_text("2 documents ne sont pas encore envoyés")
    asked.get_by_role("button", name="Annuler").click()
    assert marie.evaluate(KEPT) == 2
    marie.get_by_text("Marie Dupont").first.click()
    leave.click()
    asked.get_by_role("button", name="Effacer et se déconnecter").click()
    marie.wait_for_url("**/connexion")
    assert marie.evaluate(KEPT) == 0 and not world.online()


def test_an_expired_session_of_somebody_else_sends_nothing(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    """Marie's page is open, her session over, and somebody else signs in in another tab."""
    marie = cabinet.company()
    paul = cabinet.company("Paul Durand")
    marie.goto("/dossiers/007868/Achats")
    marie.context.clear_cookies()
    other = marie.context.new_page()
    sign_in(other, "p.durand")
    drop(marie, "#depot", *receipts(tmp_path, 1))
    expect(marie.locator(".sending header")).to_contain_text("Votre session a expiré")
    marie.wait_for_timeout(2500)  # the page asks who is there every 1.5 s
    assert not world.online()
    sign_in(other, "m.dupont")
    expect(marie.locator(".sending li.done")).to_have_count(1, timeout=30_000)
    assert len(world.online()) == 1
    paul.close()


def test_what_is_pasted_is_deposited_and_a_phones_image_has_a_name(cabinet: Cabinet, world: World) -> None:
    marie = cabinet.company()
    marie.goto("/dossiers/007868/Achats")
    paste = (
        "(names) => { const data = new DataTransfer(); for (const name of names)"
        " data.items.add(new File(['pasted ' + name + data.items.length], name, {type: 'image/jpeg', lastModified: new Date(2026, 10, 27, 15, 17).getTime()}));"
        " document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }"
    )
    marie.evaluate(paste, ["capture.jpg", "image.jpg", "image.jpg"])
    expect(marie.locator(".sending header")).to_contain_text("3 déposés")
    named = {"Achats/capture.jpg", "Achats/Photo 27-11-2026 15h17.jpg", "Achats/Photo 27-11-2026 15h17 (2).jpg"}
    assert set(world.online()) == named
    marie.locator("[type=search]").first.focus()
    marie.keyboard.type("facture")  # in a field a paste is text
    marie.locator("[type=search]").first.evaluate(
        "(field) => field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: new DataTransfer(), bubbles: true}))"
    )
    expect(marie.locator(".sending li")).to_have_count(3)


def test_an_expired_session_is_gone_into_again_with_the_second_factor(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    import pyotp

    marie = cabinet.company()
    marie.goto("/compte?second=on")
    secret = marie.locator(".sheet code").inner_text()
    marie.fill("[name=code]", pyotp.TOTP(secret).now())
    marie.fill("form:has([value=second_on]) [name=current]", PASSWORD)
    marie.get_by_role("button", name="L’activer").click()
    recovery = marie.locator(".codes code").first.inner_text()
    marie.goto("/dossiers/007868/Achats")
    marie.context.clear_cookies()
    drop(marie, "#depot", *receipts(tmp_path, 1))
    panel = marie.locator(".sending")
    panel.get_by_label("Mot de passe").fill(PASSWORD)
    marie.keyboard.press("Enter")
    panel.get_by_label("Code de votre application").fill("000000")
    marie.keyboard.press("Enter")
    expect(panel.locator(".error")).to_contain_text("Ce code n’est pas le bon")
    panel.get_by_label("Code de votre application").fill(recovery)
    marie.keyboard.press("Enter")
    expect(panel.locator("li.done")).to_have_count(1, timeout=30_000)
    assert len(world.online()) == 1
