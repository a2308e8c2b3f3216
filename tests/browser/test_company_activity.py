"""What happened to a company's documents, at both widths."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Cabinet, drop, receipt
from tests.browser.pictures import look

pytestmark = pytest.mark.e2e


def test_a_company_reads_what_happened_and_cuts_it(cabinet: Cabinet, tmp_path: Path) -> None:
    bill = tmp_path / "Énergies.pdf"
    bill.write_bytes(b"%PDF-1.4 one %%EOF")
    marie = cabinet.company()
    drop(marie, "[data-folder=Achats]", bill)
    receipt(marie)
    marie.goto("/nouveautes/007868")
    expect(marie.locator(".passes li")).to_have_count(1)
    expect(marie.locator(".passes")).to_contain_text("Énergies.pdf")
    marie.set_viewport_size({"width": 390, "height": 844})
    time = marie.locator(".passes time").bounding_box()
    assert time is not None and time["height"] < 30  # one line
    marie.set_viewport_size({"width": 1440, "height": 900})
    look(marie, "activite-societe")
    marie.locator("select[name=what]").select_option("treated")
    marie.get_by_role("button", name="Filtrer").click()
    expect(marie.locator(".empty")).to_contain_text("Rien ne correspond.")
    look(marie, "activite-societe-rien")
