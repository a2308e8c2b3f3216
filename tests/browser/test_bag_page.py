"""A bag's page, from disk in a real browser: every link resolves, nothing runs, and 10,000 documents are there at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from syncd.core.bag.layout import layout
from syncd.core.content import Content
from syncd.core.inventory import Kept
from syncd.core.paths import ClientPath
from syncd.report.bag.facts import Bag
from syncd.report.bag.index_page import index_page
from tests.browser.conftest import SHOTS
from tests.support.bags import Office

ODD = (
    "Achats/100 %25.pdf", "Achats/a#b?c=d&e.pdf", "Achats/l'été 😀.pdf", "Ventes/2024/déjà \"vu\".pdf", "Ventes/<script>alert(1)<.pdf",
    f"Ventes/{'é' * 120}.pdf", "Achats/:.pdf", "Ventes/2024/facture FA-2024-0117.pdf",
)  # fmt: skip


def test_every_link_leads_to_its_document_from_disk(chromium: Browser, tmp_path: Path) -> None:
    office = Office(tmp_path / "remise")
    for path in ODD:
        office.put_as(path)
    office.put("Ventes/perdu.pdf")
    office.rot("Ventes/perdu.pdf")
    with ThreadPoolExecutor(1) as aside:  # the browser has this thread's event loop
        aside.submit(office.retrieve).result()
    asked, said = list[str](), list[str]()
    for theme in ("light", "dark"):
        for width in (1440, 390):
            page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
            page.on("request", lambda r: asked.append(r.url))
            page.on("dialog", lambda d: said.append(d.message))
            page.goto((office.bag / "index.html").as_uri())
            hrefs = page.eval_on_selector_all("main a:not(nav a)", "links => links.map(a => a.href)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"bag-{theme}-{width}.png", full_page=True)
            page.close()
    assert not said and {urlsplit(url).scheme for url in asked} == {"file"}
    found = {Path(unquote(urlsplit(h).path)) for h in hrefs}
    assert len(hrefs) == len(ODD) and all(p.is_file() for p in found)


def test_ten_thousand_documents_are_shown_at_once(chromium: Browser, tmp_path: Path) -> None:
    kept = [
        Kept(f"{n:032x}", ClientPath(f"Dossier {n % 40}/{2015 + n % 9}/facture {n:05}.pdf"), Content(n * 1000, bytes(32)), 1, f"{n:032x}",
             at=1_700_000_000.0 + n, by="Marie Dupont", origin="company", received_at=1_700_000_100.0 + n)
        for n in range(10_000)
    ]  # fmt: skip
    at = datetime(2026, 11, 21, 14, 3, tzinfo=ZoneInfo("Europe/Paris"))
    bag = Bag(code="1", name="SARL", cabinet="Cabinet", at=at, entries=layout(kept, portable=False))
    target = tmp_path / "index.html"
    target.write_bytes(b"".join(index_page(bag)))
    for entry in bag.entries:
        (tmp_path / entry.place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / entry.place).touch()
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    began = time.monotonic()
    page.goto(target.as_uri())
    assert page.locator("main td a").count() == 10_000
    took = time.monotonic() - began
    hrefs = page.eval_on_selector_all("main td a", "links => links.map(a => a.href)")
    page.close()
    print(f"10,000 documents shown after {took:.2f} s")
    assert len({p for h in hrefs if (p := Path(unquote(urlsplit(h).path))).is_file()}) == 10_000
    assert took < 20  # 2 s where nobody else works (docs/performance.md): here only that it is no matter of minutes
