"""The cabinet at its pages, in a real browser: filing with keys, agreement, keys of engines, trees, activation, the feed."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Cabinet, sign_in
from tests.browser.pictures import look
from tests.e2e.browser import refused
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_an_accountant_files_with_one_key_and_history_stays(cabinet: Cabinet, world: World) -> None:
    for n in range(3):
        world.put(f"À classer/ticket {n}.png", b"\x89PNG\r\n\x1a\n %d" % n)
    world.run()
    ids = {path: d["id"] for path, d in world.online().items()}
    page = cabinet.page
    page.goto("/a-classer")
    expect(page.locator(".waiting [data-document]")).to_have_count(3)
    expect(page.locator("[data-viewer=image]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".waiting [aria-current]")).to_contain_text("ticket 1.png")
    page.keyboard.press("v")
    expect(page.locator(".notice")).to_contain_text("« ticket 1.png » est classé dans « Ventes ».")
    expect(page.locator(".waiting [aria-current]")).to_contain_text("ticket 2.png")
    page.wait_for_timeout(500)  # a key struck twice means one document
    page.get_by_role("button", name="Fiscalité/TVA").click()
    expect(page.locator(".waiting [data-document]")).to_have_count(1)
    online = world.online()
    assert (
        online["Ventes/ticket 1.png"]["id"] == ids["À classer/ticket 1.png"] and "Fiscalité/TVA/ticket 2.png" in online
    )
    assert world.run().summary["moved"] == 2
    assert world.path("Ventes/ticket 1.png").exists() and not world.path("À classer/ticket 1.png").exists()
    page.goto("/dossiers/007868/Ventes")
    page.get_by_role("link", name="ticket 1.png").click()
    page.locator("summary", has_text="Remettre dans").click()
    page.get_by_role("button", name="Oui, remettre à classer").click()
    expect(page.locator(".trail")).to_contain_text("À classer")
    assert world.online()["À classer/ticket 1.png"]["received_at"] is not None


def test_an_agreement_given_on_the_desk_lets_a_held_plan_through(cabinet: Cabinet, world: World) -> None:
    for n in range(25):
        world.write(f"Achats/{n}.pdf", f"first {n}")
    first = {"SYNCD_GUARDS_FIRST_PUBLICATION": "ask"}
    assert world.run(env=first).code == 4
    page = cabinet.page
    page.goto("/clients")
    expect(page.locator("tbody tr")).to_contain_text("En attente de votre accord")
    page.get_by_role("link", name="En attente de votre accord").click()
    expect(page.locator(".ask")).to_contain_text("25 documents à mettre en ligne")
    page.get_by_role("button", name="Autoriser", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("Accord enregistré")
    assert world.run(env=first).code == 0 and len(world.online()) == 25
    page.goto("/clients")
    expect(page.locator("tbody tr")).to_contain_text("À jour")


def test_what_the_cabinet_removed_is_shown_and_taken_back_by_hand(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/a.pdf", "one")
    world.put("Achats/b.pdf", "two")
    world.write("Achats/macro.exe", "refused")
    world.run()
    world.path("Achats/a.pdf").unlink()
    world.run()
    page = cabinet.page
    page.goto("/clients")
    expect(page.locator("tbody tr")).to_contain_text("À voir")
    page.get_by_role("link", name="À voir", exact=True).last.click()
    expect(page.locator(".todo .path", has_text="macro.exe")).to_be_visible()
    page.get_by_label("Choisir Achats/a.pdf").check()
    page.get_by_role("button", name="Retirer aussi de l’espace client").click()
    expect(page.locator(".notice")).to_contain_text("1 document retiré de l’espace client")
    assert set(world.online()) == {"Achats/b.pdf"}
    world.path("Achats/macro.exe").unlink()
    world.run()
    page.goto("/clients")
    expect(page.locator("tbody tr")).to_contain_text("À jour")


def test_keys_trees_exercises_and_activation(cabinet: Cabinet, world: World) -> None:
    page = cabinet.page
    page.goto("/reglages")
    page.fill("[name=label]", "Serveur de Lyon")
    page.fill("[name=networks]", "ailleurs")
    page.get_by_role("button", name="Créer une clé").click()
    expect(page.locator(".notice")).to_contain_text("« ailleurs » n’est pas un réseau")
    page.fill("[name=label]", "Serveur de Lyon")
    page.fill("[name=networks]", "192.0.2.0/24")
    page.get_by_role("button", name="Créer une clé").click()
    key = page.locator("code.long").inner_text()
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    page.reload()
    expect(page.locator("code.long")).to_have_count(0)
    good = world.token.read_text()
    world.token.write_text(key)
    refused = world.run()
    assert refused.code == 5 and "network" in refused.summary["reason"]
    world.token.write_text(good)
    assert world.run().code == 0
    page.locator("tr", has_text="sans nom").get_by_role("button", name="Retirer").click()
    look(page, "confirmation")
    page.get_by_role("alertdialog").get_by_role("button", name="Annuler").click()
    page.locator("tr", has_text="sans nom").get_by_role("button", name="Retirer").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Retirer").click()
    expect(page.locator(".notice")).to_contain_text("Clé retirée")
    assert world.run().code == 5
    page.goto("/clients/007868/arborescence?template=sci")
    page.get_by_role("button", name="Appliquer ce modèle").click()
    expect(page.locator(".notice")).to_contain_text("Aucun document n’a été déplacé")
    page.get_by_label("Taille d’un document de Banque, en Mo").fill("35,5")
    page.get_by_label("Sens de Banque").select_option("to_cabinet")
    page.get_by_label("Banque est confidentiel").check()
    page.get_by_role("button", name="Voir ce qui change").click()
    page.get_by_role("button", name="Appliquer ces changements").click()
    expect(page.locator(".notice")).to_contain_text("Sens et tailles enregistrés")
    expect(page.get_by_label("Taille d’un document de Banque, en Mo")).to_have_value("35.5")
    look(page, "arborescence")
    page.fill("[name=title]", "Petites SCI")
    page.get_by_role("button", name="Garder comme modèle").click()
    expect(page.locator(".notice")).to_contain_text("« Petites SCI » est proposé")
    page.fill("[name=path]", "Travaux/Façade")
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.locator(".notice")).to_contain_text("« Travaux/Façade » est créé")
    page.fill("[name=label]", "2026")
    page.fill("[name=start]", "2026-01-01")
    page.fill("[name=end]", "2025-12-31")
    page.get_by_role("button", name="Enregistrer l’exercice").click()
    expect(page.locator("[role=alert]")).to_contain_text("une fin qui vient après")
    page.goto("/clients/007868")
    page.fill("[name=typed]", "007869")
    page.get_by_role("button", name="Désactiver ce client").click()
    expect(page.locator(".notice")).to_contain_text("recopiez son code dossier")
    page.fill("[name=typed]", "007868")
    page.get_by_role("button", name="Désactiver ce client").click()
    expect(page.locator(".notice")).to_contain_text("tout reste en place")
    page.get_by_role("button", name="Réactiver ce client").click()
    expect(page.locator(".notice")).to_contain_text("est réactivé")
    page.goto("/reglages/historique")
    for what in (
        "client réactivé",
        "client désactivé",
        "arborescence modifiée",
        "clé de synchronisation retirée",
        "connexion",
    ):
        expect(page.locator("tbody")).to_contain_text(what)


def sign_in_twice(page: Page, code: str) -> None:
    """Password, then the second factor."""
    page.goto("/connexion")
    page.fill("[name=login]", "m.dupont")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.fill("[name=code]", code)
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("h1")).to_contain_text("SARL Dupont")


def test_a_second_factor_recovery_codes_throttling_and_signing_out_elsewhere(cabinet: Cabinet, world: World) -> None:
    import pyotp

    marie = cabinet.company()
    marie.goto("/compte?second=on")
    secret = marie.locator(".sheet code").inner_text()
    marie.fill("[name=code]", "000000")
    marie.fill("form:has([value=second_on]) [name=current]", PASSWORD)
    marie.get_by_role("button", name="L’activer").click()
    expect(marie.locator(".notice")).to_contain_text("Ce code n’est pas le bon")
    marie.fill("[name=code]", pyotp.TOTP(secret).now())
    marie.fill("form:has([value=second_on]) [name=current]", PASSWORD)
    marie.get_by_role("button", name="L’activer").click()
    codes = marie.locator(".codes code").all_inner_texts()
    assert len(codes) == 8
    elsewhere = cabinet.visit()
    for code, fine in ((codes[0], True), (codes[0], False), (codes[1], True)):
        elsewhere.context.clear_cookies()
        elsewhere.goto("/connexion")
        elsewhere.fill("[name=login]", "m.dupont")
        elsewhere.fill("[name=password]", "encore une phrase longue")
        elsewhere.get_by_role("button", name="Se connecter").click()
        elsewhere.fill("[name=code]", code)
        elsewhere.get_by_role("button", name="Continuer").click()
        shown = elsewhere.locator("h1") if fine else elsewhere.locator("[role=alert]")
        expect(shown).to_contain_text("SARL Dupont" if fine else "Ce code n’est pas le bon")
    cabinet.page.goto("/personnes")
    cabinet.page.get_by_role("link", name="Marie Dupont").click()
    cabinet.page.get_by_role("button", name="Lien", exact=True).click()
    link = cabinet.page.locator("code.long").inner_text()
    thief = cabinet.visit()  # a link read in somebody's mail is no way around the second factor
    thief.goto(link)
    thief.fill("[name=password]", "encore une phrase longue")
    thief.fill("[name=again]", "encore une phrase longue")
    thief.get_by_role("button", name="Enregistrer et entrer").click()
    expect(thief.locator("h1")).to_have_text("Code de vérification")
    thief.goto("/")
    expect(thief.locator("h1")).to_have_text("Connexion")
    sign_in_twice(marie, codes[2])
    sign_in_twice(elsewhere, codes[3])
    marie.goto("/compte")
    marie.get_by_role("button", name="Fermer les autres connexions").click()
    elsewhere.goto("/")
    expect(elsewhere.locator("h1")).to_have_text("Connexion")
    marie.goto("/")
    expect(marie.locator("h1")).to_contain_text("SARL Dupont")
    guesser = cabinet.visit()
    for _ in range(9):
        guesser.goto("/connexion")
        guesser.fill("[name=login]", "direction@cabinet-martin.fr")
        guesser.fill("[name=password]", "wrong wrong wrong")
        guesser.get_by_role("button", name="Se connecter").click()
    expect(guesser.locator("[role=alert]")).to_contain_text("Trop d’essais")
    guesser.fill("[name=login]", "direction@cabinet-martin.fr")
    guesser.fill("[name=password]", "une phrase assez longue")
    guesser.get_by_role("button", name="Se connecter").click()
    expect(guesser.locator("[role=alert]")).to_contain_text("Trop d’essais")


def test_a_feed_holds_what_its_person_may_see_until_it_is_revoked(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/facture & co.pdf", "one")
    world.put("Social/bulletin.pdf", "two")
    paul = cabinet.company("Paul Durand", preset="payroll")
    address = _new_feed(paul)

    def read() -> str:
        with urllib.request.urlopen(address) as answer:
            return str(answer.read().decode())

    assert "bulletin.pdf" in read() and "facture" not in read()
    cabinet.page.goto("/personnes")
    cabinet.page.get_by_role("link", name="Paul Durand").click()
    cabinet.page.get_by_role("button", name="Retirer l’accès").click()
    expect(cabinet.page.locator(".notice")).to_have_text("Accès retiré.")
    with refused(404):
        read()
    paul.goto("/")
    expect(paul.locator("h1")).to_have_text("Connexion")
    cabinet.page.get_by_role("button", name="Rendre l’accès").click()
    sign_in(paul, "p.durand")
    with refused(404):  # what was taken away stays away
        read()
    address = _new_feed(paul)
    assert "bulletin.pdf" in read()
    paul.goto("/compte")
    paul.get_by_role("button", name="La retirer").click()
    with refused(404):
        read()


def _new_feed(page: Page) -> str:
    page.goto("/compte")
    page.fill("form:has([value=feed_on]) [name=current]", PASSWORD)
    page.get_by_role("button", name="Créer une adresse secrète").click()
    return page.locator("code.long", has_text=".atom").filter(has_not_text="echanges").inner_text()


def test_the_picture_for_the_second_factor_can_be_read(cabinet: Cabinet) -> None:
    import pyotp
    import zxingcpp

    marie = cabinet.company()
    marie.goto("/compte?second=on")
    secret = marie.locator(".sheet code").inner_text()
    shot = base64.b64encode(marie.locator(".qr").screenshot()).decode()
    blank = cabinet.visit()
    width, height, grey = blank.evaluate(
        """async (data) => {
          const image = new Image();
          image.src = `data:image/png;base64,${data}`;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const rgba = context.getImageData(0, 0, image.width, image.height).data;
          return [image.width, image.height, Array.from({ length: rgba.length / 4 }, (_, n) => rgba[4 * n])];
        }""",
        shot,
    )
    (found,) = zxingcpp.read_barcodes(memoryview(bytes(grey)).cast("B", shape=[height, width]))
    assert pyotp.parse_uri(found.text).secret == secret
