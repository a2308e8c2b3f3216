"""A page as a picture, light and dark, at three widths: kept, no violation for axe, nothing wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from tests.browser.conftest import SHOTS

AXE = (Path(__file__).parents[1] / "data" / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (1440, 820, 390)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # the rules that a theme makes a difference to

# What a finger is to hit and is lower than it: not the words of a sentence that lead somewhere, nor what nobody sees.
SMALL = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
  if (!e.checkVisibility({visibilityProperty: true}) || e.closest(".skip, .quietly")) return false;
  for (let around = e; around; around = around.parentElement) if (getComputedStyle(around).clipPath === "inset(50%)") return false;
  if (e.matches("input[type=checkbox], input[type=radio]"))
    return ![...e.labels].some((label) => Math.min(label.getBoundingClientRect().width, label.getBoundingClientRect().height) >= 43.5);
  const over = getComputedStyle(e, "::after"); // a whole card that opens
  const box = (over.position === "absolute" && over.content !== "none" ? e.offsetParent : e).getBoundingClientRect();
  if (!box.width || !box.height || e.closest("p:not(.links, .trail, .turns, .actions), dd, .hint, .plain li, .story li, .said, .notice > span")) return false;
  return box.height < 43.5;
}).map((e) => `${e.outerHTML.slice(0, 160)} ${Math.round(e.getBoundingClientRect().height)} in ${e.parentElement.outerHTML.slice(0, 120)}`)"""

# A name that is cut keeps a few of its letters and its kind within its cell.
LOST = """() => [...document.querySelectorAll(".filename")].filter((e) => e.checkVisibility()).filter((e) => {
  const cell = e.closest("td, .what").getBoundingClientRect(), [stem, kind] = [...e.children].map((part) => part.getBoundingClientRect());
  return (stem.width < 40 && e.children[0].scrollWidth > stem.width + 1) || kind.right > cell.right + 1;
}).map((e) => e.title)"""


def look(page: Page, name: str) -> None:
    """The page as it is now; fails with what axe or the width complains of."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate(AXE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES if width != 820 else THEMES[:1]:  # the same parts as at 1440, but for the rail
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.jpg", full_page=True, type="jpeg", quality=85)
            if width != 820:
                wrong = accessible(page, OF_COLOURS if theme == "dark" else None)
                assert not wrong, f"{name} at {width}, {theme}: {'; '.join(wrong)}"
        if width == 390:
            assert page.evaluate(SMALL) == [], name
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, f"{name} is {beyond} px too wide at {width}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


def accessible(page: Page, rules: list[str] | None) -> list[str]:
    """What axe complains of. `rules`: those alone; None: all of them."""
    asked: dict[str, Any] = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found: list[dict[str, Any]] = page.evaluate("o => axe.run(document, o).then(r => r.violations)", asked)
    return [f"{v['id']} {v['nodes'][0]['html'][:200]}" for v in found]
