"""A right that is withdrawn closes thread, feed, mail and calendar at once, for a person who has all of them open."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Cabinet
from tests.browser.test_calendar import describe
from tests.browser.test_mails import text, with_address, with_mail
from tests.e2e.mail_server import Sink, _free
from tests.e2e.test_watch import eventually
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
MARIE, PAUL = "marie@dupont.fr", "paul@dupont.fr"
WORDS, DATE = "Il manque le contrat.", "déclaration CA3"


def fetched(address: str) -> str:
    """As a reader of feeds, or a telephone's calendar, asks."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode().replace("\r\n ", ""))


def secret_address(page: Page, act: str, ends: str) -> str:
    """One of « Mon compte », made with the password."""
    page.goto("/compte")
    form = page.locator("form", has=page.locator(f"button[value={act}]"))
    form.locator("[name=current]").fill(PASSWORD)
    form.locator(f"button[value={act}]").click()
    return page.locator("code", has_text=re.compile(re.escape(ends) + "$")).first.inner_text()


def waiting(world: World, address: str) -> list[str]:
    """The topics of what waits for the mail server."""
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db")) as portal:
        found = portal.execute('select topic from portal_letter where sent_at is null and "to" = ?', (address,))
        return sorted(row[0] for row in found)


def test_thread_feed_mail_and_calendar_close_with_the_right(cabinet: Cabinet, world: World) -> None:
    port = _free()  # where nobody listens yet: what is written waits
    with_mail(world, port, "import syncd.portal.notifications.outbox as o; o.LONGEST = 1.0; ")
    boss, marie = cabinet.page, cabinet.company()
    cabinet.company("Paul Durand")
    with_address(cabinet, "Marie Dupont", MARIE)
    with_address(cabinet, "Paul Durand", PAUL)
    describe(boss)
    feed, calendar = secret_address(marie, "feed_on", "/echanges.atom"), secret_address(marie, "agenda_on", ".ics")
    marie.goto("/calendrier/007868")
    marie.get_by_label("M’alerter par e-mail de chaque date").select_option("31")
    marie.get_by_role("button", name="Enregistrer").last.click()
    boss.goto("/echanges/nouveau?client=007868")
    boss.fill("[name=subject]", "Contrat")
    boss.fill("[name=text]", WORDS)
    boss.get_by_role("button", name="Envoyer").click()
    expect(boss.locator(".talk")).to_contain_text(WORDS)
    thread = boss.url.partition("#")[0]
    marie.goto(thread)
    expect(marie.locator(".talk")).to_contain_text(WORDS)
    boss.fill("[name=text]", "Pour vendredi, s'il vous plaît.")
    boss.get_by_role("button", name="Répondre").click()
    assert WORDS in fetched(feed) and DATE in fetched(calendar)
    eventually(
        lambda: {*waiting(world, MARIE)} >= {"calendar", "messages"} and "messages" in waiting(world, PAUL), seconds=40
    )
    boss.goto("/personnes")
    boss.get_by_role("link", name="Marie Dupont").click()
    boss.check("[name=preset][value=information]")
    boss.check("[name=no_messages]")
    boss.get_by_role("button", name="Enregistrer").click()
    expect(boss.locator(".notice")).to_have_text("Modifications enregistrées.")
    assert marie.goto(thread).status == 404  # type: ignore[union-attr]
    assert "Contrat" not in fetched(feed) and DATE not in fetched(calendar)
    sink = Sink(port)
    try:
        eventually(lambda: not waiting(world, MARIE) and bool(sink.to(PAUL)), seconds=60)
        assert WORDS in text(sink.to(PAUL)[0])
        said = "".join(map(text, sink.to(MARIE)))  # that two secret addresses were made, and nothing else
        assert len(sink.to(MARIE)) == 2 and "Contrat" not in said and "CA3" not in said
    finally:
        sink.close()
