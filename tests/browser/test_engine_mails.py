"""Mails of the engine as pictures that were looked at, light and dark, at both widths: readable in each, nothing wider than it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page

from syncd.config.load import loads
from syncd.core.alert_timing import Trouble
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.run_result import of_line
from syncd.report.digest import digest
from syncd.report.mail_layout import written
from syncd.report.message import Message
from syncd.service.notifier import Notifier
from tests.browser.conftest import SHOTS
from tests.browser.pictures import AXE, THEMES, accessible
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab

pytestmark = pytest.mark.e2e
FOLDERS = ("Achats", "Ventes", "Banque")


def _lab(base: Path) -> Lab:
    lab = Lab(base, tuple(FolderRule(f, extensions=frozenset({"pdf"})) for f in FOLDERS), ("001", "002", "003"))
    lab.portal.look = ("#14507a", False)
    lab.run()
    return lab


def _post(lab: Lab, base: Path, language: str = "fr") -> Notifier:
    config = loads(CONFIG.format(base), "syncd.toml", {})
    mail = replace(config.mail, operator=("informatique@example.fr",), language=language)
    there = replace(config, mail=mail, portal=replace(config.portal, url="https://documents.example.fr"))
    return Notifier(there, lab.state, lambda *_, **__: None)


def _made(base: Path) -> dict[str, Message]:
    """What a cabinet is told: an evening of each kind, what waits, what went wrong and what is over."""
    lab = _lab(base)
    post = _post(lab, base)
    operator, boss = post.recipients
    now = lab.clock.now()
    made = {"rien": digest(post.day(boss, post._news(0), now))}
    for n in range(14):
        lab.write(f"Achats/Facture du fournisseur principal, novembre 2026, n° {n:02}.pdf", b"invoice %d" % n)
        lab.write(f"Ventes/vente {n}.pdf", b"sale %d" % n, "002")
    lab.converge()
    made["jour"] = digest(post.day(boss, post._news(0), now))
    for n in range(12):
        lab.write(f"Banque/programme avec un nom très long qui ne tient pas sur une ligne {n:02}.exe", b"p %d" % n)
    lab.settings = replace(lab.settings, limits=Limits())
    for n in range(22):
        lab.write(f"Achats/{n:02}.pdf", b"first %d" % n, "003")
    last = lab.run()
    made |= {
        "refus": digest(post.day(boss, post._news(0), now)),
        "operateur": digest(post.day(operator, post._news(0), now)),
    }
    english = _post(lab, base, "en")
    made["english"] = digest(english.day(english.recipients[1], english._news(0), now))
    asks = [Trouble("003:guard_first_publication", "003", "guard_first_publication", "", now)]
    wrong = [
        Trouble("abandoned", "", "abandoned", "stop_root_marker", now),
        Trouble("002:stop_not_ours", "002", "stop_not_ours", "", now),
        Trouble("001:vanished_here", "001", "vanished_here", "21 3", now),
    ]
    for name, to in (("", boss), ("-operateur", operator)):
        made[f"accord{name}"] = post._alarm_for(to, asks, [], now)
        made[f"panne{name}"] = post._alarm_for(to, wrong, [], now)
    made["retabli"] = post._alarm_for(boss, [], [replace(t, ended=now) for t in (*wrong[:2], *asks)], now)
    assert of_line(last).verdict
    return made


@pytest.fixture(scope="module")
def engine_mails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Before there is a browser, which lets no other loop run beside its own."""
    made = _made(tmp_path_factory.mktemp("mails"))
    return {name: written(message)[1] for name, message in made.items()}


@pytest.fixture
def page(engine_mails: dict[str, str], chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()


def test_each_is_readable_in_light_and_in_dark(engine_mails: dict[str, str], page: Page) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, html in engine_mails.items():
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            for width in (640, 390):
                page.set_viewport_size({"width": width, "height": 700})
                page.set_content(html)
                page.screenshot(path=SHOTS / f"mail-moteur-{name}-{width}-{theme}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert name != "english" or " : " not in page.inner_text("body"), name
            page.evaluate(AXE)
            assert accessible(page, ["color-contrast", "link-in-text-block"]) == [], (name, theme)
