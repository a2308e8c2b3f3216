"""Receipts photographed with a telephone: the browser's camera films a made picture of a receipt on a dark table."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, SHOTS
from tests.browser.people import Cabinet
from tests.browser.pictures import look
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SHEET = [(380, 120), (930, 180), (890, 640), (330, 590)]  # of the receipt in the picture, px
SIZE = (1280, 720)


def receipt(size: tuple[int, int] = SIZE) -> Image.Image:
    """A white sheet, askew, with three red lines at its top."""
    made = Image.new("RGB", size, (58, 48, 40))
    pen = ImageDraw.Draw(made)
    pen.polygon(SHEET, fill=(236, 233, 226))
    for n in range(3):
        pen.line([(430, 180 + 30 * n), (760, 216 + 30 * n)], fill=(180, 20, 20), width=10)
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: one JPEG again and again."""
    out = io.BytesIO()
    receipt().save(out, "JPEG", quality=92)
    path = tmp_path_factory.mktemp("camera") / "receipt.mjpeg"
    path.write_bytes(out.getvalue() * 5)
    return path


@pytest.fixture(scope="module")
def chromium(film: Path) -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: apt-get install chromium")
    seen = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *seen])
        yield browser
        browser.close()


def taps(page: Page) -> Callable[[], int]:
    """How often a finger touched the page from now on."""
    page.evaluate("window.taps = 0; addEventListener('pointerup', () => { window.taps += 1; }, true)")
    return lambda: int(page.evaluate("window.taps"))


def sound(pdf: bytes) -> None:
    """What a strict reader asks of a PDF: each row of its table leads to the object it names, each stream is as long as it says."""
    table = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[1])  # type: ignore[index]
    assert pdf[table:].startswith(b"xref\n")
    rows = re.findall(rb"(\d{10}) \d{5} n \n", pdf[table:])
    for number, offset in enumerate(map(int, rows), 1):
        assert pdf[offset:].startswith(b"%d 0 obj\n" % number)
    for found in re.finditer(rb"/Length (\d+) >>\nstream\n", pdf):
        assert pdf[found.end() + int(found[1]) :].startswith(b"\nendstream")
    assert int(re.search(rb"/Size (\d+)", pdf)[1]) == len(rows) + 1  # type: ignore[index]


def pages(pdf: bytes) -> list[Image.Image]:
    opened = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=1).to_pil() for page in opened]
    finally:
        opened.close()


def colour(page: Image.Image, x: int, y: int) -> bytes:
    """Red, green, blue."""
    return page.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()


def snap(page: Page, count: int = 1) -> None:
    for _ in range(count):
        page.get_by_role("button", name="Prendre la photo").tap()


def camera(page: Page) -> None:
    page.get_by_role("button", name="Photographier").tap()
    expect(page.locator("dialog.capture[data-ready]")).to_be_visible(timeout=30_000)


def test_three_receipts_are_six_taps_and_one_acknowledgement(cabinet: Cabinet, world: World) -> None:
    marie = cabinet.company(**PHONE)
    SHOTS.mkdir(parents=True, exist_ok=True)
    marie.screenshot(path=SHOTS / "photo-bouton-390-light.png")
    count = taps(marie)
    camera(marie)
    snap(marie, 3)
    marie.get_by_role("button", name="Terminé (3)").tap()
    expect(marie.locator(".piece .shot img")).to_have_count(3, timeout=60_000)
    marie.locator(".where").get_by_role("button", name="Achats").tap()
    assert count() == 6
    expect(marie.locator(".sending header")).to_contain_text(re.compile("3 déposés · Accusé n°"), timeout=60_000)
    assert len(world.online()) == 3
    assert all(re.fullmatch(r"Achats/Photo \d\d-\d\d-\d{4} \d\dh\d\d( \(\d\))?\.pdf", path) for path in world.online())
    marie.get_by_role("link", name=re.compile("Voir l.accusé")).tap()
    expect(marie.locator(".document")).to_have_count(3)
    pdf = world.bytes_online(next(iter(world.online())))
    sound(pdf)
    (page,) = pages(pdf)
    width, height = page.size
    assert width > height  # the sheet alone: as wide as it was, straight
    corner = [colour(page, x, y) for x in (6, width - 7) for y in (6, height - 7)]
    assert min(map(min, corner)) > 200, corner  # no table left at its edges, and its paper is white


def test_pages_of_one_document_are_cropped_ordered_and_named(cabinet: Cabinet, world: World, tmp_path: Path) -> None:
    marie = cabinet.company(**PHONE)
    marie.goto("/dossiers/007868/Achats")
    camera(marie)
    look_at(marie, "photo-appareil")
    marie.get_by_role("button", name="Plusieurs pages").tap()
    snap(marie, 2)
    marie.get_by_role("button", name="Pièce suivante").tap()
    snap(marie)
    expect(marie.locator(".shutter-bar .last")).to_have_text("1 page")
    marie.get_by_role("button", name="Terminé (2)").tap()
    expect(marie.locator(".piece .shot img")).to_have_count(3, timeout=60_000)
    look_at(marie, "photo-pieces")
    marie.get_by_label("Nom de la pièce 1").fill("Facture EDF")
    marie.get_by_label("Pièce 1, page 1").tap()
    corner = marie.get_by_label("Coin en haut à gauche")
    box, before = marie.locator(".stage img").bounding_box(), corner.bounding_box()
    assert box and before
    assert before["x"] + 22 == pytest.approx(box["x"] + SHEET[0][0] / SIZE[0] * box["width"], abs=8)  # as proposed
    look_at(marie, "photo-coins")
    corner.focus()
    marie.keyboard.press("Shift+ArrowLeft")
    after = corner.bounding_box()
    assert after and after["x"] < before["x"] - 5
    marie.mouse.move(after["x"] + 22, after["y"] + 22)
    marie.mouse.down()
    marie.mouse.move(box["x"] + 2, box["y"] + 2, steps=3)
    marie.mouse.up()
    marie.get_by_role("button", name="Noir et blanc").tap()
    marie.get_by_role("button", name="Appliquer").tap()
    expect(marie.locator(".piece").first.locator(".shot img")).to_have_count(2, timeout=60_000)
    marie.get_by_label("Pièce 2, page 1").tap()
    marie.get_by_role("button", name="Joindre à la pièce d’avant").tap()
    expect(marie.locator(".piece")).to_have_count(1)
    marie.get_by_role("button", name="Déposer dans « Achats »").tap()
    expect(marie.locator(".sending header")).to_contain_text("1 déposé", timeout=60_000)
    pdf = world.bytes_online("Achats/Facture EDF.pdf")
    sound(pdf)
    assert len(pages(pdf)) == 3
    grey = pages(pdf)[0].convert("RGB")
    red, _, blue = grey.resize((40, 40)).split()
    assert sum(ImageChops.difference(red, blue).histogram()[25:]) == 0  # black and white


def test_photographs_of_the_phone_keep_their_turn_their_size_and_a_closed_page(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    """Twelve megapixels, lying on its side (EXIF 6): it stands upright, at most 2,000 px long, and survives a reload."""
    shot, exif = tmp_path / "image.jpg", Image.Exif()
    exif[0x0112] = 6
    whole = Image.new("RGB", (4000, 3000), "white")  # a sheet that fills the picture: nothing is cut off
    whole.paste((200, 30, 30), (0, 0, 400, 3000))  # upright: a red band at the top
    whole.save(shot, "JPEG", exif=exif)
    marie = cabinet.company(**PHONE)
    marie.goto("/dossiers/007868/Achats")
    camera(marie)
    snap(marie)
    marie.get_by_role("button", name="Terminé").tap()
    with marie.expect_file_chooser() as chooser:
        marie.get_by_role("button", name="Choisir des photos").tap()
    chooser.value.set_files(shot)
    expect(marie.locator(".piece .shot img")).to_have_count(2, timeout=60_000)
    marie.get_by_role("button", name="Fermer").first.tap()
    expect(marie.locator(".sending")).to_contain_text("2 photos ne sont pas encore déposées")
    marie.reload()
    marie.get_by_role("button", name="Reprendre").tap()
    expect(marie.locator(".piece .shot img")).to_have_count(2, timeout=60_000)
    marie.get_by_role("button", name="Déposer dans « Achats »").tap()
    expect(marie.locator(".sending header")).to_contain_text("2 déposés", timeout=60_000)
    upright = [pdf for pdf in map(world.bytes_online, world.online()) if b"/Width 1500 /Height 2000" in pdf]
    assert len(upright) == 1
    (page,) = pages(upright[0])
    r, g, b = colour(page, page.width // 2, 20)
    assert r > 150 and r - max(g, b) > 100  # the band is at the top
    marie.reload()
    expect(marie.locator("#depot")).to_be_visible()
    expect(marie.locator(".sending")).to_be_hidden()


def look_at(page: Page, name: str) -> None:
    look(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
