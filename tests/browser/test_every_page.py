"""Every page of every role on a phone: nothing wider than it, large enough to be hit, sound for axe in light and in dark; and at a
desk the places beside it stand on one line each."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.people import Cabinet
from tests.browser.pictures import AXE, LOST, SMALL, accessible
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
ROLES = ("stranger", "correspondent", "associate", "assistant", "contact", "member")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What of the page axe has not seen yet: kinds of elements in what they lie in.
PARTS = "[...document.querySelectorAll('body *')].map((e) => `${e.parentElement.localName}.${e.parentElement.className} > ${e.localName}.${e.className} ${e.type ?? ''}`)"
LINES = """() => [...document.querySelectorAll(".rail .brand > span:not(.mark), .places a span:not(.short), .me > summary, .find")]
  .filter((e) => e.checkVisibility() && e.getClientRects().length > 1 || e.getBoundingClientRect().height > 60).map((e) => e.outerHTML)"""


def seeded(world: World) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.every_page", str(world.portal_dir)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(480)
def test_every_page_of_every_role_is_for_a_phone_and_its_head_one_line_at_a_desk(
    cabinet: Cabinet, world: World
) -> None:
    told, seen, wrong = seeded(world), set[str](), list[str]()
    walked = set[str]()
    for role in ROLES:
        session, paths = told["roles"][role]
        page = cabinet.visit(viewport={"width": 390, "height": 844}, has_touch=True)
        if session:
            page.context.add_cookies([{"name": told["cookie"], "value": session, "url": world.url}])
        for path in paths:
            answer = page.goto(path, wait_until="domcontentloaded")
            assert answer is not None and answer.status in (200, 403, 404), (role, path)
            if answer.status == 200:
                walked.add(path)
                wrong += [f"{role} {path}: {what}" for what in _wrong(page, seen)]
        if session:  # an invoice among them, whose amount is a column more
            page.goto("/dossiers/007868/Achats")
        for width in (660, 820, 1100, 1200, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [f"{role} at {width}: no room for {name}" for name in page.evaluate(LOST)]
        page.goto(paths[0])  # beside and above every page of the role stands the same
        wrong += [f"{role}: not one line: {line}" for line in page.evaluate(LINES)]
        page.context.close()
    assert not wrong, "\n".join(wrong)
    missing = set.union(*(set(paths) for _, paths in told["roles"].values())) - walked
    assert missing <= {"/invitation/x", "/transfert/x"}, missing


def _wrong(page: Page, seen: set[str]) -> list[str]:
    found = [f"{beyond} px too wide"] if (beyond := page.evaluate(WIDER)) > 0 else []
    found += [f"too small {small}" for small in page.evaluate(SMALL)]
    new = set(page.evaluate(PARTS)) - seen
    if new:
        seen |= new
        page.evaluate(AXE)
        found += accessible(page, None)
        page.emulate_media(color_scheme="dark")
        found += accessible(page, ["color-contrast", "link-in-text-block"])
        page.emulate_media(color_scheme="light")
    return found
