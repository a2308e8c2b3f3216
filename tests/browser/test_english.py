"""A company that reads English: from the first page to the acknowledgement, and what the data plane answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import PASSWORD, Cabinet, drop, receipt
from tests.browser.pictures import look
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
REFUSED = """async () => {
  const { token } = await (await fetch("/jeton")).json();
  const meta = Object.entries({ client: "007868", batch: "x".repeat(16), folder: "Achats", name: "a.exe" });
  const answer = await fetch("/deposit/tus/", { method: "POST", headers: {
    "X-CSRFToken": token, "Tus-Resumable": "1.0.0", "Upload-Length": "5",
    "Upload-Metadata": meta.map(([k, v]) => `${k} ${btoa(v)}`).join(","),
  } });
  return (await answer.json()).message;
}"""


def test_english_from_the_first_page_to_the_acknowledgement(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    login, code = cabinet.invite("Jane Smith")
    jane = cabinet.visit()
    jane.goto("/connexion")
    look(jane, "sign-in-two-languages")
    jane.get_by_role("button", name="English").click()
    expect(jane.locator("html")).to_have_attribute("lang", "en")
    jane.get_by_role("link", name="First sign-in with an access sheet").click()
    jane.fill("[name=login]", login)
    jane.fill("[name=code]", code)
    jane.get_by_role("button", name="Continue").click()
    jane.fill("[name=password]", PASSWORD)
    jane.fill("[name=again]", PASSWORD)
    jane.get_by_role("button", name="Save and enter").click()
    jane.locator(".me summary").click()
    expect(jane.get_by_role("button", name="Sign out")).to_be_visible()
    jane.keyboard.press("Escape")
    look(jane, "space-english")
    for name, data in (("invoice.pdf", b"%PDF-1.4 %%EOF"), ("setup.exe", b"MZ")):
        (tmp_path / name).write_bytes(data)
    drop(jane, "[data-folder=Achats]", tmp_path / "invoice.pdf", tmp_path / "setup.exe")
    expect(jane.locator(".sending li.refused")).to_contain_text("Refused: file type not accepted (.exe)")
    expect(jane.locator(".sending header")).to_contain_text("1 uploaded, 1 refused · Receipt no.")
    receipt(jane)
    expect(jane.locator("h1")).to_contain_text("Upload receipt no.")
    expect(jane.locator(".fate").first).to_have_text("Sent")
    look(jane, "acknowledgement-english")
    assert jane.evaluate(REFUSED) == "file type not accepted (.exe)"
    jane.goto("/compte")
    jane.select_option("select[name=language]", "fr")
    jane.locator("button[value=language]").click()
    expect(jane.locator(".notice")).to_have_text("Préférence enregistrée.")
    assert jane.evaluate(REFUSED) == "type de fichier non accepté (.exe)"
    assert set(world.online()) == {"Achats/invoice.pdf"} and CODE == "007868"


def test_the_cabinets_pages_in_english(cabinet: Cabinet) -> None:
    page = cabinet.page
    page.goto("/compte")
    page.select_option("select[name=language]", "en")
    page.locator("button[value=language]").click()
    expect(page.locator(".notice")).to_have_text("Preference saved.")
    for where, name in (
        ("/", "home"),
        ("/clients", "clients"),
        ("/personnes/nouvelle", "person"),
        ("/reglages", "settings"),
        ("/compte", "account"),
    ):
        page.goto(where)
        look(page, f"{name}-english")
