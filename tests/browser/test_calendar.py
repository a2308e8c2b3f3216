"""A client's calendar, from its card to the company's telephone: without an address, without JavaScript, on paper."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look

HERE = "/calendrier/007868"


def describe(boss: Page) -> None:
    """The client's card: a company whose dates are many."""
    boss.goto("/clients/007868")
    for label, word in (
        ("Forme juridique", "sarl"), ("Régime de TVA", "monthly"), ("Catégorie de revenus", "bic"), ("Impôt sur le bénéfice", "is"), ("Effectif", "1-10"),
    ):  # fmt: skip
        boss.get_by_label(label).select_option(word)
    boss.get_by_label("Jour de clôture").fill("31/12")
    boss.get_by_label("Département").fill("29")
    boss.get_by_label("IS de référence").check()
    boss.get_by_role("button", name="Enregistrer").click()
    expect(boss.locator(".notice, .toast").first).to_contain_text("Fiche enregistrée")


def test_from_the_card_to_the_companys_telephone(cabinet: Cabinet) -> None:
    boss = cabinet.page
    describe(boss)
    look(boss, "fiche-fiscale")
    boss.goto(HERE)
    expect(boss.locator(".dates strong").first).to_be_visible()
    first = boss.locator(".dates > li").first
    first.locator("summary", has_text="Commenter").click()
    first.get_by_label("Commentaire ou conseil").fill("Pensez aux avoirs du mois.")
    first.get_by_role("button", name="Ajouter").click()
    expect(boss.locator(".dates .said").first).to_contain_text("Pensez aux avoirs")
    look(boss, "calendrier-du-client")
    boss.locator(".dates > li").first.locator("summary", has_text="Commenter").click()
    look(boss, "calendrier-changer")
    boss.goto("/calendrier")
    look(boss, "calendrier")
    boss.goto("/")
    expect(boss.locator("#echeances")).to_be_visible()
    marie = cabinet.company()
    plain = cabinet.visit(
        java_script_enabled=False, storage_state=marie.context.storage_state(), viewport={"width": 390, "height": 844}
    )
    plain.goto("/")
    plain.get_by_role("navigation").get_by_role("link", name="Calendrier").click()
    expect(plain.locator(".dates .said").first).to_contain_text("Pensez aux avoirs")
    source = plain.locator(".dates .source").first
    expect(source.locator("p").first).to_be_hidden()
    source.locator("summary").click()
    expect(source.locator("p").first).to_be_visible()
    plain.locator("input[name=day]").last.fill((date.today().replace(day=1) + timedelta(days=40)).isoformat())
    plain.get_by_label("Titre").fill("Appeler la banque")
    plain.get_by_role("button", name="Ajouter").last.click()
    expect(plain.locator("main")).to_contain_text("Appeler la banque")
    plain.get_by_role("link", name="Feuille du trimestre").click()
    expect(plain.locator(".quarter section")).to_have_count(3)
    plain.emulate_media(media="print")
    assert plain.locator(".rail").is_hidden() and plain.locator(".sources").is_visible()
    _one_sheet_however_much_is_due(boss, marie)
    marie.goto(HERE)
    look(marie, "calendrier-de-la-societe")
    marie.goto(f"{HERE}/feuille")
    look(marie, "feuille-du-trimestre")


def _one_sheet_however_much_is_due(boss: Page, marie: Page) -> None:
    """A company that everything of the card applies to; a quarter of it is one A4, sources and all."""
    import pypdfium2

    boss.goto("/clients/007868")
    for flag in boss.locator("[name=fiscal_flags]").all():
        flag.set_checked(flag.get_attribute("value") not in ("no_cfe", "first_exercise", "msa_employer"))
    boss.get_by_role("button", name="Enregistrer").click()
    expect(boss.locator(".notice, .toast").first).to_contain_text("Fiche enregistrée")
    marie.goto(f"{HERE}/feuille?quarter=2027-2")
    assert marie.locator(".quarter li").count() > 30
    (sheet,) = pypdfium2.PdfDocument(marie.pdf(prefer_css_page_size=True, print_background=True))
    assert [round(side) for side in sheet.get_size()] == [595, 842]
    assert "Dates indicatives" in sheet.get_textpage().get_text_bounded()
