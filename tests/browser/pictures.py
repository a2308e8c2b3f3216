"""A page as a picture, light and dark, at three widths: kept, no violation for axe, nothing wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from tests.browser.conftest import SHOTS

AXE = (Path(__file__).parents[1] / "data" / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (1440, 820, 390)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def look(page: Page, name: str) -> None:
    """The page as it is now; fails with what axe or the width complains of."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond <= 0, f"{name} is {beyond} px too wide at {width}"
            if width == 820:  # the same parts as at 1440, but for the rail
                continue
            page.evaluate(AXE)
            found: list[dict[str, Any]] = page.evaluate(
                "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
            )
            said = "; ".join(f"{v['id']} {v['nodes'][0]['html'][:200]}" for v in found)
            assert not found, f"{name} at {width}, {theme}: {said}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
