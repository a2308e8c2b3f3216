"""One Chromium per worker (Debian's); each test has a portal of its own with a signed-in company and cabinet."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Keyboard, Locator, Page, sync_playwright

from tests.browser.people import Cabinet
from tests.e2e.world import World

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first takes a third less of the processor
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
SHOTS = Path(__file__).parents[2] / ".artefacts" / "pages"

HANDS = (
    "click",
    "dblclick",
    "tap",
    "hover",
    "drag_to",
    "check",
    "uncheck",
    "set_checked",
    "select_option",
    "set_input_files",
)
KEYS = ("fill", "press", "press_sequentially", "type")


def patient(act: Callable[..., Any], page_of: Callable[[Any], Page]) -> Callable[..., Any]:
    """`act`, once the page's scripts ran: a test is quicker than any hand, and on a slow machine its keys would be lost."""

    @wraps(act)
    def acted(self: Any, *args: Any, **options: Any) -> Any:
        page_of(self).wait_for_load_state("domcontentloaded")  # deferred scripts and modules run before it
        return act(self, *args, **options)

    return acted


@pytest.fixture(autouse=True, scope="session")
def patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for hand in HANDS + KEYS:
            patch.setattr(Locator, hand, patient(getattr(Locator, hand), lambda locator: locator.page))
        yield


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For a module only: while Playwright is there, no other test of this worker may run a loop of its own."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """A new person at the portal, with cookies of their own; what the console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(**options: object) -> Page:
        given = {"service_workers": "block", **options}  # else requests would go round a test's own routes
        context = chromium.new_context(locale="fr-FR", base_url=world.url, **given)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        for hand in ("press", "type"):
            setattr(page.keyboard, hand, partial(patient(getattr(Keyboard, hand), lambda _: page), page.keyboard))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def cabinet(visit: Callable[..., Page], world: World) -> Cabinet:
    return Cabinet(visit, world)
