"""A page as a picture at two widths: kept, no violation for axe, nothing wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import SHOTS

AXE = (Path(__file__).parents[1] / "data" / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (1440, 390)


def look(page: Page, name: str) -> None:
    """The page as it is now; fails with what axe or the width complains of."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{name} is {beyond} px too wide at {width}"
        page.evaluate(AXE)
        found: list[dict[str, Any]] = page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
        )
        assert not found, f"{name} at {width}: " + "; ".join(f"{v['id']} {v['nodes'][0]['html'][:200]}" for v in found)
