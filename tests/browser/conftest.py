"""One Chromium per worker (Debian's); each test has a portal of its own with a signed-in company and cabinet."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.people import Cabinet
from tests.e2e.world import World

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")  # the first takes a third less of the processor
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), "")
SHOTS = Path(__file__).parents[2] / ".artefacts" / "pages"


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
