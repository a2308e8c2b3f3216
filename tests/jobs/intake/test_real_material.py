"""Real documents through the robot, byte for byte: what a TIFF library writes, invoices of others, and (where
`./scripts/material` put them) the test scans of two OCR tools."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.jobs.intake.robot import ONE, Robot

TOP = Path(__file__).parents[3]
MATERIAL = Path(os.environ.get("SYNCD_MATERIAL", TOP / ".artefacts" / "material"))
INVOICES = sorted((TOP / "tests" / "data" / "invoices").glob("*.pdf"))
FORMS = (
    ("1", "group4"), ("1", "group3"), ("1", "tiff_ccitt"), ("L", "tiff_lzw"), ("L", None), ("RGB", "jpeg"), ("RGB", "packbits"),
    ("CMYK", "tiff_adobe_deflate"),
)  # fmt: skip


def a_tiff(mode: str, compression: str | None, pages: int = 3, *, big: bool = False) -> bytes:
    """Sheets of 100 dpi with a few lines on them, as a multifunction printer numbers them."""
    sheets = []
    for n in range(pages):
        sheet = Image.new(mode, (827, 1169), 1 if mode == "1" else "white")
        ImageDraw.Draw(sheet).text((100, 100 + 40 * n), f"page {n + 1}", fill=0 if mode in "1L" else "black")
        sheets.append(sheet)
    out = io.BytesIO()
    sheets[0].save(
        out, "TIFF", save_all=True, append_images=sheets[1:], compression=compression, dpi=(300, 300), big_tiff=big
    )
    return out.getvalue()


def through(robot: Robot, scans: dict[str, bytes]) -> None:
    """Every one is online as it was, and its source is put away as it was."""
    for name, data in scans.items():
        robot.scan(f"{ONE}/Achats/{name}", data)
    robot.whole()
    assert [(e.path, e.reason) for e in robot.events if e.action in ("problem", "refused")] == []
    wanted = sorted(hashlib.sha256(data).hexdigest() for data in scans.values())
    assert sorted(hashlib.sha256(data).hexdigest() for data in robot.online().values()) == wanted
    kept = [
        hashlib.sha256((robot.share / p).read_bytes()).hexdigest() for p in robot.left() if p.startswith(".traites/")
    ]
    assert sorted(kept) == wanted and robot.claims() == []


def test_what_a_tiff_library_writes(tmp_path: Path) -> None:
    scans = {f"{mode} {how}.tif": a_tiff(mode, how) for mode, how in FORMS}
    scans["big.tif"] = a_tiff("L", None, big=True)
    assert scans["big.tif"][:4] == b"II+\0"
    through(Robot(tmp_path, codes=(ONE,)), scans)


def test_a_sheet_that_lost_its_end_is_not_taken(tmp_path: Path) -> None:
    robot, whole = Robot(tmp_path, codes=(ONE,)), a_tiff("1", "group4")
    for n, cut in enumerate((len(whole) // 3, len(whole) // 2, len(whole) - 40)):
        robot.scan(f"{ONE}/Achats/{n}.tif", whole[:cut])
    robot.whole()
    assert robot.online() == {} and {e.reason for e in robot.events if e.action == "problem"} == {"unfinished"}


def test_invoices_of_others(tmp_path: Path) -> None:
    assert len(INVOICES) >= 4
    through(Robot(tmp_path, codes=(ONE,)), {p.name: p.read_bytes() for p in INVOICES})


def test_the_test_scans_of_ocr_tools(tmp_path: Path) -> None:
    found = [p for p in sorted(MATERIAL.rglob("*")) if p.suffix.lower() in (".pdf", ".tif", ".tiff")]
    if not found:
        pytest.skip("no real scans here: ./scripts/material brings them (OCRmyPDF's and img2pdf's)")
    scans = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in found}  # two tools may have one in common
    through(Robot(tmp_path, codes=(ONE,)), {f"{n} {p.name}": p.read_bytes() for n, p in enumerate(scans.values())})
