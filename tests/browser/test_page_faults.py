"""What people saw wrong in pages and only a browser shows: broken words, bold fields, an upload that hides, parts over each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet, drop
from tests.browser.pictures import LOST
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
BROKEN = """() => {
  const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, shown = node.parentElement.checkVisibility() && !node.parentElement.closest("code, .quietly");
    for (const word of shown ? node.data.matchAll(/[^\\s\\u202f\\u00a0\\u00ad\\u200b@/–-]+/gu) : []) {
      const range = document.createRange();
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(`${word[0]} in ${node.parentElement.outerHTML.slice(0, 200)}`);
    }
  }
  return found;
}"""
BOLD = """() => [...document.querySelectorAll("main input, main select, main textarea")]
  .filter((e) => getComputedStyle(e).fontWeight !== "400").map((e) => e.outerHTML.slice(0, 80))"""
# Fields whose names begin at one height stand at one height themselves.
ASKEW = """() => {
  const labels = [...document.querySelectorAll(".sheet.wide > label, .sheet.wide .row > label, .filters > label")];
  const at = labels.map((l) => [Math.round(l.getBoundingClientRect().top), l.querySelector("input, select"), l]).filter(([, field]) => field);
  return at.flatMap(([top, field, label]) => at.filter(([other, beside, l]) => l.parentElement === label.parentElement && Math.abs(other - top) < 12
    && Math.abs(beside.getBoundingClientRect().top - field.getBoundingClientRect().top) > 1).map(() => label.innerText));
}"""
OVER = """() => [...document.querySelectorAll(".sending li")].flatMap((line) => {
  const parts = [...line.children].filter((e) => e.checkVisibility() && e.getBoundingClientRect().width).map((e) => [e, e.getBoundingClientRect()]);
  return parts.flatMap(([e, a], n) => parts.slice(n + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
  ).map(([o]) => `${e.outerHTML} over ${o.outerHTML}`));
})"""


def test_no_word_is_broken_no_field_is_bold_and_fields_stand_in_lines(cabinet: Cabinet, world: World) -> None:
    world.put("Achats/IMG_20261127_228803_facture_de_novembre_du_fournisseur.jpg", b"\xff\xd8\xff a photograph")
    world.run()
    page = cabinet.page
    for path in ("/dossiers/007868", "/dossiers/007868/Achats", "/clients/007868", "/clients/nouveau", "/personnes/nouvelle", "/reglages", "/compte", "/clients/007868/arborescence"):  # fmt: skip
        page.goto(path)
        for width in (1440, 820, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(BROKEN) == [] and page.evaluate(LOST) == [], (path, width)
            assert page.evaluate(BOLD) == [] and page.evaluate(ASKEW) == [], (path, width)


def test_what_is_sent_can_be_put_aside_and_is_never_out_of_sight(
    cabinet: Cabinet, world: World, tmp_path: Path
) -> None:
    marie = cabinet.company(viewport={"width": 390, "height": 844})
    files = [tmp_path / f"relevé de compte du mois n° {n} avec un très long nom.pdf" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(b"%%PDF-1.4 %d " % n + b"x" * 5_000_000 + b"%%EOF")
    marie.goto("/dossiers/007868/Banque")
    slow = marie.context.new_cdp_session(marie)
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": 400_000}
    slow.send("Network.enable")
    slow.send("Network.emulateNetworkConditions", limits)
    drop(marie, "#depot", *files)
    panel = marie.locator(".sending")
    title = panel.locator("header strong")
    expect(title).to_contain_text("Envoi de 3 documents", timeout=30_000)
    expect(title).to_contain_text("encore", timeout=30_000)
    assert panel.locator("li").count() == 3 and marie.evaluate(OVER) == []
    panel.get_by_role("button", name="Réduire").click()
    expect(panel.locator(".sending-body")).to_be_hidden()
    expect(title).to_be_visible()
    slow.send("Network.emulateNetworkConditions", {**limits, "offline": True})
    _offline(marie, True)
    expect(title).to_have_text(re.compile("attend(ent)? le réseau"))
    panel.get_by_role("button", name="Réduire").click()
    expect(panel.locator("li .why", has_text="attend le réseau").first).to_be_visible()
    slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    _offline(marie, False)
    expect(panel.get_by_role("link", name="Voir l’accusé")).to_be_visible(timeout=60_000)
    assert marie.evaluate(OVER) == [] and len(world.online()) == 3


def _offline(page: Page, so: bool) -> None:
    page.wait_for_function("(so) => navigator.onLine !== so", arg=so)
