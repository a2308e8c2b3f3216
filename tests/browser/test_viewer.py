"""A document is seen: within its page and beside the folders it may be filed into, with mouse and keyboard, at both widths."""

from __future__ import annotations

import io
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.core.test_entries import fec
from tests.e2e.world import World
from tests.support.hostile_files import invoice, page, pdf, stream

pytestmark = pytest.mark.e2e
FONT = b"/Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"


def long_one() -> bytes:
    """Two pages; on the second « AVOIR »."""
    first = page(stream(b"BT /F 24 Tf 72 700 Td (FACTURE 46328) Tj ET"), resources=FONT)
    return pdf(
        first[0], b"<</Type /Pages /Kids [3 0 R 5 0 R] /Count 2>>", first[2], first[3],
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources <<%s>>>>" % FONT,
        stream(b"BT /F 24 Tf 72 700 Td (AVOIR 12) Tj ET"),
    )  # fmt: skip


def photo() -> bytes:
    from PIL import Image

    out, made = io.BytesIO(), Image.new("RGB", (800, 500), "white")
    made.paste((20, 80, 122), (100, 100, 700, 200))
    made.save(out, "JPEG")
    return out.getvalue()


def scan() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(
        out, "TIFF", save_all=True, append_images=[Image.new("RGB", (300, 400), "grey")]
    )
    return out.getvalue()


def mail() -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Édith <e@x.fr>", "cabinet@x.fr", "Factures de novembre"
    made.set_content("Bonjour,\nvoici les factures.")
    made.add_attachment(b"x" * 5000, maintype="application", subtype="pdf", filename="facture.pdf")
    return bytes(made)


def open_(page_: Page, name: str) -> None:
    page_.goto("/dossiers/007868/Achats")
    page_.get_by_role("link", name=name, exact=True).first.click()
    expect(page_.locator("[data-viewer]")).to_have_attribute("data-ready", "1", timeout=30_000)


NO_ROOM = """async () => {
  const sheets = document.querySelector(".viewer-sheets"), turn = () => new Promise((fine) => setTimeout(fine, 300));
  sheets.style.display = "none"; await turn();
  sheets.style.display = ""; await turn();
}"""


def test_a_pdf_is_read_in_its_page_with_mouse_and_keyboard(cabinet: Cabinet, world: World) -> None:
    for name, data in (("a facture.pdf", long_one()), ("b facture.pdf", invoice()), ("c photo.jpg", photo())):
        world.put(f"Achats/{name}", data)
    boss = cabinet.page
    scripts: list[str] = []
    boss.on("response", lambda r: scripts.append(r.url) if r.request.resource_type == "script" else None)
    boss.goto("/dossiers/007868/Achats")
    for n, wide in enumerate((112, 102, 102)):
        expect(boss.locator(".thumb").nth(n)).to_have_js_property("naturalWidth", wide, timeout=30_000)
    assert not [s for s in scripts if "pdfjs" in s]  # a list needs no viewer
    open_(boss, "a facture.pdf")
    expect(boss.locator(".textLayer").first).to_contain_text("FACTURE 46328")
    expect(boss.locator("[data-place]")).to_have_text("1 / 2")
    look(boss, "document-pdf")
    boss.set_viewport_size({"width": 1440, "height": 900})
    boss.evaluate(NO_ROOM)  # a phone that is turned, a window that is drawn together
    before = boss.locator(".pdfViewer .page").first.evaluate("(sheet) => sheet.clientWidth")
    assert before > 400
    boss.locator(".textLayer").first.click()
    boss.keyboard.press("-")
    expect(boss.locator(".pdfViewer .page").first).not_to_have_js_property("clientWidth", before)
    boss.keyboard.press("Control+f")
    boss.keyboard.type("avoir")
    expect(boss.locator("[data-found]")).to_have_text("1 / 1")
    expect(boss.locator("[data-place]")).to_have_text("2 / 2")
    boss.keyboard.press("Escape")
    at = boss.locator(".turns .hint").inner_text()
    assert at.endswith("sur 3")
    boss.keyboard.press("ArrowRight" if boss.locator(".turns a[rel=next]").count() else "ArrowLeft")
    expect(boss.locator(".turns .hint")).not_to_have_text(at)


def test_two_seconds_of_a_page_are_a_reading_and_no_more_than_one(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/facture.pdf", invoice())
    boss = cabinet.page
    with boss.expect_response("**/vu?*"):
        open_(boss, "facture.pdf")
    with boss.expect_response("**/vu?*"):
        boss.reload()
    boss.reload()
    boss.get_by_text("Avancé", exact=True).click()
    boss.get_by_text("Consultations et téléchargements").click()
    expect(boss.locator(".advanced li")).to_have_count(1)


def test_what_browsers_do_not_show_is_shown(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/courrier.eml", mail())
    lines = [("20250131", f"{n},50", "") for n in range(1, 40)] + [("20251231", "", "799,50")]
    world.put("Achats/écritures.txt", "".join(fec("\t", *lines)).encode())
    world.put("Achats/lignes.csv", b"Fournisseur;HT;TVA\nEDF;12,50;2,50\n")
    world.put("Achats/facture.xml", b"<Facture><Numero>12</Numero><Total>15.00</Total></Facture>")
    world.put("Achats/scan.tif", scan())
    world.put("Achats/photo.jpg", photo())
    boss = cabinet.page
    open_(boss, "courrier.eml")
    expect(boss.locator(".mail")).to_contain_text("Factures de novembre")
    expect(boss.locator(".attached")).to_contain_text("facture.pdf")
    look(boss, "document-courrier")
    open_(boss, "écritures.txt")
    expect(boss.locator(".viewer-reading")).to_contain_text("Équilibré")
    expect(boss.locator(".viewer-reading thead")).to_contain_text("Libellé")
    look(boss, "document-ecritures")
    open_(boss, "lignes.csv")
    expect(boss.locator(".cells td")).to_have_count(6)
    look(boss, "document-tableau")
    open_(boss, "facture.xml")
    expect(boss.locator("pre.marked")).to_contain_text("  <Numero>12</Numero>")
    open_(boss, "scan.tif")
    expect(boss.locator("img.sheet")).to_have_count(2)
    expect(boss.locator("img.sheet").first).to_have_js_property("naturalWidth", 300, timeout=30_000)
    open_(boss, "photo.jpg")
    boss.set_viewport_size({"width": 1440, "height": 900})
    wide = boss.locator(".shown").bounding_box()
    boss.keyboard.press("r")
    turned = boss.locator(".shown").bounding_box()
    assert wide and turned and wide["width"] > wide["height"] and turned["height"] > turned["width"]
    look(boss, "document-photo")


def test_a_click_in_the_document_leaves_the_keys_to_filing(cabinet: Cabinet, world: World) -> None:
    for n in range(2):
        world.put(f"À classer/facture {n}.pdf", invoice(f"FACTURE {n}"))
    boss = cabinet.page
    boss.goto("/a-classer")
    expect(boss.locator("[data-viewer]")).to_have_attribute("data-ready", "1", timeout=30_000)
    look(boss, "a-classer-pdf")
    boss.set_viewport_size({"width": 1440, "height": 900})
    boss.locator(".textLayer").first.click()
    boss.keyboard.press("v")
    expect(boss.locator(".waiting [data-document]")).to_have_count(1)
    assert any(path.startswith("Ventes/facture") for path in world.online())


def test_a_hostile_pdf_leaves_its_page_whole(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/cassé.pdf", b"%PDF-1.7 nothing of the kind")
    boss = cabinet.page
    boss.goto("/dossiers/007868/Achats")
    boss.get_by_role("link", name="cassé.pdf", exact=True).first.click()
    expect(boss.locator(".viewer [role=alert]")).to_contain_text("téléchargez-le", timeout=30_000)
    expect(boss.get_by_role("link", name="Télécharger").first).to_be_visible()


def test_the_documents_before_and_after_are_those_of_the_list_one_came_from(cabinet: Cabinet, world: World) -> None:
    for name in ("facture b.pdf", "facture c.pdf", "note.pdf", "facture a.pdf"):
        world.put(f"Achats/{name}", invoice(name))
    boss = cabinet.page
    boss.goto("/dossiers/007868/Achats?sort=-name&q=facture")
    boss.get_by_role("link", name="facture c.pdf", exact=True).first.click()
    expect(boss.locator(".turns .hint")).to_have_text("1 sur 3")
    for name in ("facture b.pdf", "facture a.pdf"):
        boss.keyboard.press("ArrowRight")
        expect(boss.locator("h1")).to_have_text(name)
    expect(boss.locator(".turns a[rel=next]")).to_have_count(0)
    boss.locator(".trail a").last.click()
    expect(boss.locator("tr.row")).to_have_count(3)  # back in the same list


def test_two_fingers_make_a_page_larger(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/facture.pdf", invoice())
    marie = cabinet.company(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_(marie, "facture.pdf")
    for button in marie.locator(".viewer-tools button").all():
        size = button.bounding_box()
        assert size and size["height"] >= 44 and size["width"] >= 44
    sheet, place = marie.locator(".pdfViewer .page").first, marie.locator(".viewer-sheets").bounding_box()
    assert place
    before, session = int(sheet.evaluate("(page) => page.clientWidth")), marie.context.new_cdp_session(marie)
    x, y = place["x"] + place["width"] / 2, place["y"] + 100
    for kind, apart in (("touchStart", 30), ("touchMove", 40), ("touchMove", 60), ("touchMove", 75), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()
    marie.wait_for_function(f"() => document.querySelector('.pdfViewer .page').clientWidth > {2 * before}")
    assert marie.evaluate("visualViewport.scale") == 1  # the document alone, not the page
