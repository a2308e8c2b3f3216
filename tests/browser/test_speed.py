"""A phone of the slow kind: how soon the first page is there, and how much script it asks for before a document is opened."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.people import Cabinet
from tests.browser.test_lists import deposited
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
LATENCY, RATE = 150, 1_600_000 / 8  # ms there and back, bytes a second: 4G where it is bad
SLOWER = 4  # times this machine's processor
PAINTED = 1000  # ms
SCRIPT = 120_000  # bytes as they are run


def painted(page: Page, path: str) -> tuple[float, int]:
    """(ms until something of the page stands there, bytes of script) with nothing in the browser's cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    limits = {"offline": False, "latency": LATENCY, "downloadThroughput": RATE, "uploadThroughput": RATE}
    session.send("Network.emulateNetworkConditions", limits)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path, wait_until="networkidle")
    first: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    script: int = page.evaluate(
        "performance.getEntriesByType('resource').filter((r) => r.initiatorType === 'script')"
        ".reduce((sum, r) => sum + r.decodedBodySize, 0)"
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    session.detach()
    return first, script


def test_the_first_page_is_there_within_a_second_on_a_slow_phone(cabinet: Cabinet, world: World) -> None:
    deposited(world, {f"Achats/facture {n:03}.pdf": b"%%PDF-1.4 %d %%%%EOF" % n for n in range(120)})
    marie = cabinet.company(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stranger = cabinet.visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    measured = {
        "sign-in": min(painted(stranger, "/connexion") for _ in range(3)),
        "home": min(painted(marie, "/") for _ in range(3)),
        "folder": min(painted(marie, "/dossiers/007868/Achats") for _ in range(3)),
    }
    print({name: f"{ms:.0f} ms, {script:,} bytes of script" for name, (ms, script) in measured.items()})
    assert max(ms for ms, _ in measured.values()) < PAINTED, measured
    assert max(script for _, script in measured.values()) < SCRIPT, measured
