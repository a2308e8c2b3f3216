"""The pages of quotes and invoices: without JavaScript, for who may, and with what hostile people type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.invoicing.conftest import issued, written

pytestmark = pytest.mark.usefixtures("no_files")
HOSTILE = '"><script>alert(1)</script>\u202e{{ 7*7 }}'
FORM = {
    "name": "Mairie", "business": "yes", "siren": "552 100 554", "street": "2 place", "postcode": "75001", "city": "Paris", "days": "30",
    "line_name": ["Pose", "Porte", ""], "line_quantity": ["1,5", "", ""], "line_unit": ["HUR", "C62", "C62"], "line_price": ["480", "99,90", ""],
    "line_rebate": ["", "5", ""], "line_tax": ["10", "20", "20"], "line_goods": ["no", "yes", "no"], "line_description": ["", "", ""], "line_reference": ["", "", ""],
}  # fmt: skip


@pytest.fixture
def browser(company: Any, browse: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    from syncd.portal.invoicing import files

    monkeypatch.setattr(files, "can_write", lambda: True)
    monkeypatch.setattr(files, "written", lambda frozen, logo: b"%PDF-1.7 made\n%%EOF\n")
    return browse(company.marie)


def act(browser: Any, do: str, **given: Any) -> Any:
    return browser.post("/factures/000001/action", {"do": do, **given})


def test_from_nothing_to_the_cabinet(company: Any, browser: Any) -> None:
    from syncd.portal.models import Document

    assert browser.get("/factures").url == "/factures/000001"
    draft = act(browser, "quote").url
    key = draft.rsplit("/", 1)[1]
    assert b"Ajoutez au moins une ligne" in browser.get(draft).content
    assert act(browser, "issue", id=key, **FORM).url == draft
    page = browser.get(draft).content.decode()
    assert "D2026-0001" in page and "Facturer" in page and "Mairie" in page
    invoice = act(browser, "bill", id=key).url
    assert "brouillon" in browser.get(invoice).content.decode()
    assert act(browser, "issue", id=invoice.rsplit("/", 1)[1], **FORM).url == invoice
    assert b"F2026-0001" in browser.get(invoice).content
    sheet = browser.get(f"{invoice}/feuille")
    assert "default-src 'none'" in sheet.headers["Content-Security-Policy"] and b"Facture F2026-0001" in sheet.content
    assert b"".join(browser.get(f"{invoice}/pdf").streaming_content).startswith(b"%PDF")
    assert "attachment" in browser.get(f"{invoice}/pdf?prendre=1").headers["Content-Disposition"]
    assert browser.get(f"{invoice}/message").headers["Content-Type"] == "message/rfc822"
    assert not Document.objects.filter(client=company.client).exists()
    assert act(browser, "send", id=invoice.rsplit("/", 1)[1]).url.startswith("/depots/")
    assert Document.objects.get(client=company.client).path == "Ventes/Facture F2026-0001 - Mairie.pdf"
    listed = browser.get("/factures/000001?q=mairie").content.decode()
    assert "envoyé au cabinet" in listed and "facturé" in listed
    assert browser.get("/factures/000001/export/csv?du=2026-01-01").content.count(b"F20") == 2


def test_every_page_opens_and_says_what_it_is_not(company: Any, browser: Any) -> None:
    from syncd.portal.invoicing import customers
    from tests.portal.invoicing.conftest import BUYER, LINES

    customer = customers.keep_customer(company.person, company.client, BUYER)
    article = customers.keep_article(company.person, company.client, LINES[0])
    row = written(company)
    for path in (
        "",
        "/clients",
        f"/clients?client={customer}",
        "/articles",
        f"/articles?article={article}",
        "/reglages",
        f"/{row.id}?lignes=1",
        f"/{row.id}/feuille",
    ):
        assert browser.get(f"/factures/000001{path}").status_code == 200, path
    assert "plateforme agréée" in browser.get("/factures/000001").content.decode()
    for what in ("clients", "articles"):
        assert browser.get(f"/factures/000001/modele/{what}").content.startswith(b"PK")
    assert act(browser, "copy", id=row.id).status_code == 302


def test_what_people_type_is_text_and_what_is_wrong_is_said(company: Any, browser: Any) -> None:
    draft = act(browser, "invoice").url
    key = draft.rsplit("/", 1)[1]
    wrong = {
        **FORM,
        "name": HOSTILE,
        "line_name": [HOSTILE, "b", ""],
        "line_price": ["NaN", "1e9", ""],
        "line_quantity": ["-", "∞", ""],
    }
    act(
        browser,
        "save",
        id=key,
        **{**wrong, "rebate": "x", "days": "-3", "supplied": "31/02/2026", "note": HOSTILE * 200},
    )
    page = browser.get(draft).content.decode()
    assert "<script>alert" not in page and "Ligne 1" in page
    assert act(browser, "issue", id=key, **wrong).url == draft
    assert "complétez" in browser.get(draft).content.decode()
    assert "<script>alert" not in browser.get(f"{draft}/feuille").content.decode()
    for do, given in (
        ("prepay", {"percent": "999999999999999999999"}), ("start", {"family": "x" * 99, "last": "-1"}), ("settings", {"prefix_invoice": HOSTILE}),
        ("customer", {"name": ""}), ("article", {"name": "a", "price": "abc"}), ("take_customers", {}), ("logo", {}), ("none", {}), ("send", {"folder_to": "../x"}),
    ):  # fmt: skip
        assert act(browser, do, id=key, **given).status_code == 302, do
    assert "brouillon" in browser.get(draft).content.decode()


def test_who_has_no_key_gets_nothing(company: Any, browser: Any, browse: Callable[[Any], Any]) -> None:
    row = issued(company)
    paths = [
        "",
        "/clients",
        "/articles",
        "/reglages",
        "/export/csv",
        "/modele/clients",
        *(f"/{row.id}{end}" for end in ("", "/feuille", "/pdf", "/message")),
    ]
    for user in (company.boss, company.paul):
        other = browse(user)
        assert other.get("/factures").status_code == 404
        for path in paths:
            assert other.get(f"/factures/000001{path}").status_code == 404, (user.sign_in, path)
        for do in ("quote", "issue", "send", "settings", "give"):
            assert other.post("/factures/000001/action", {"do": do, "id": row.id}).status_code == 404
        assert "Devis et factures" not in other.get("/").content.decode()
    assert "Devis et factures" in browser.get("/").content.decode()


def test_levels_on_the_pages(company: Any, browser: Any, browse: Callable[[Any], Any]) -> None:
    from syncd.portal.invoicing import keys

    row = written(company)
    assert act(browser, "give", user=company.paul.id, level="draft").status_code == 302
    assert [h.level for h in keys.holders(company.person, company.client) if h.user == company.paul] == ["draft"]
    paul = browse(company.paul)
    page = paul.get(f"/factures/000001/{row.id}").content.decode()
    assert "Enregistrer" in page and 'value="issue"' not in page
    assert act(paul, "issue", id=row.id, **FORM).status_code == 404
    assert paul.get("/factures/000001/reglages").status_code == 404


def test_a_list_asks_the_same_however_long(company: Any, browser: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get("/factures/000001").status_code == 200
        return len(queries)

    issued(company)
    written(company)
    asked()  # what is looked up once for a session
    few = asked()
    for _ in range(8):
        issued(company)
        written(company)
    assert asked() == few <= 40


def test_what_was_done_is_said_in_words(company: Any, browser: Any) -> None:
    import re
    from pathlib import Path

    from syncd.portal.invoicing import entry
    from syncd.portal.web import sales_words

    wing = Path(entry.__file__).parent
    codes = {c for p in wing.glob("*.py") for c in re.findall(r'\.note\("(\w+)"', p.read_text(encoding="utf-8"))}
    codes |= {f"key_{level}" for level in ("read", "draft", "issue", "none")} | {"customers", "articles"}
    assert len(codes) > 9 and all(sales_words.done(code) != code for code in codes)
    issued(company)
    assert "émis : F2026-0001" in browser.get("/factures/000001/reglages").content.decode()
