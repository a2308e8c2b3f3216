"""Letters of the portal through a real SMTP server: grouped, cut by rights, never lost; looked at as pictures."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHOTS
from tests.browser.people import PASSWORD, Cabinet, drop, only_on_request, receipt
from tests.e2e.mail_server import Sink, _free
from tests.e2e.test_watch import eventually
from tests.e2e.world import World
from tests.support.mails import typed

pytestmark = pytest.mark.e2e
BOSS = "direction@cabinet-martin.fr"


def with_mail(world: World, port: int, more: str = "") -> None:
    world.stop_portal()
    world.serve(
        f"{more}from django.conf import settings as s; s.EMAIL_HOST = '127.0.0.1'; s.EMAIL_PORT = {port}; s.QUIET = 1.0; "
        f"s.DEFAULT_FROM_EMAIL = 'Espace documents <depots@cabinet-martin.fr>'; s.PUBLIC_URL = 'http://127.0.0.1:{world.port}'"
    )


def html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def subject(mail: EmailMessage) -> str:
    return typed(str(mail["Subject"])).strip()


def look(page: Page, mail: EmailMessage, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.set_content(html(mail))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        for width in (640, 390):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.screenshot(path=SHOTS / f"mail-{name}-{width}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def with_address(cabinet: Cabinet, name: str, address: str) -> None:
    """The correspondent writes a person's address down."""
    page = cabinet.page
    page.goto("/personnes")
    page.get_by_role("link", name=name).click()
    page.fill("[name=email]", address)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".notice")).to_have_text("Modifications enregistrées.")


def news(world: World) -> int:
    """How many clients have documents of the cabinet's that nobody was told of yet."""
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db")) as portal:
        return int(portal.execute("select count(*) from portal_client where news_since is not null").fetchone()[0])


def test_a_deposit_is_told_once_to_whoever_may_see_it_even_when_the_mail_server_was_away(
    cabinet: Cabinet, world: World, tmp_path: Path, visit: Callable[..., Page]
) -> None:
    port = _free()
    with_mail(world, port)
    cabinet.page.goto("/compte")
    cabinet.page.select_option("[name=mail_pace]", "now")
    cabinet.page.locator("button[value=mails]").click()
    marie, paul = cabinet.company(), cabinet.company("Paul Durand", preset="payroll")
    with_address(cabinet, "Marie Dupont", "marie@dupont.fr")
    with_address(cabinet, "Paul Durand", "paul@dupont.fr")
    files = [tmp_path / f"facture & fils {n}.pdf" for n in range(3)]
    for n, file in enumerate(files):
        file.write_bytes(b"%%PDF-1.4 invoice %d %%%%EOF" % n)
    drop(marie, "[data-folder=Achats]", *files)
    receipt(marie)
    number = marie.url.rsplit("/", 1)[1]
    marie.wait_for_timeout(4000)  # the mail server is away: it was tried, and the letters wait
    sink = Sink(port)
    try:
        eventually(lambda: len(sink.mails) >= 2, seconds=40)
        (boss,), (hers,) = sink.to(BOSS), sink.to("marie@dupont.fr")
        assert subject(boss) == "SARL Dupont a déposé 3 documents" and boss["Auto-Submitted"] == "auto-generated"
        assert subject(hers) == f"Bien reçu : 3 documents – accusé {number}"
        assert hers["Reply-To"].addresses[0].addr_spec == BOSS and hers["Message-ID"].endswith("@cabinet-martin.fr>")
        assert "facture & fils 1.pdf" in text(hers) and "facture &amp; fils 1.pdf" in html(hers)
        assert not list(hers.iter_attachments()) and not sink.to("paul@dupont.fr")
        link = re.search(r"http://\S+/documents/[0-9a-f]{32}", text(boss))
        assert link is not None
        cabinet.page.goto(link[0])
        expect(cabinet.page.locator("h1")).to_contain_text("facture & fils")
        viewer = visit()
        look(viewer, boss, "depot-cabinet")
        look(viewer, hers, "depot-client")
        # what the cabinet publishes: nothing at the first publication, afterwards told, each with what they may see
        world.write("Informations générales/bienvenue.pdf", "first publication")
        assert world.run().code == 0
        eventually(lambda: not news(world), seconds=40)  # the portal has looked at it, and found nothing to tell
        assert len(sink.mails) == 2
        world.write("Achats/relance.pdf", "please")
        world.write("Social/bulletin.pdf", "payroll")
        assert world.run().code == 0
        eventually(lambda: bool(sink.to("paul@dupont.fr")) and len(sink.to("marie@dupont.fr")) == 2, seconds=40)
        assert "2 nouveaux documents" in subject(sink.to("marie@dupont.fr")[1])
        (his,) = sink.to("paul@dupont.fr")
        assert "1 nouveau document" in subject(his) and "bulletin.pdf" in text(his) and "relance" not in text(his)
        look(viewer, his, "publie")
        assert len(sink.to(BOSS)) == 1
        paul.goto("/compte")
        paul.uncheck("[name=mail_deposits]")
        paul.locator("button[value=mails]").click()
        expect(paul.locator(".notice")).to_be_visible()
        # a deletion that is asked for
        only_on_request(world, tmp_path)
        marie.goto("/dossiers/007868/Achats")
        marie.get_by_role("link", name="facture & fils 2.pdf").click()
        marie.get_by_role("button", name="Demander la suppression").click()
        expect(marie.locator(".story")).to_contain_text("Suppression demandée par Marie Dupont")
        eventually(lambda: len(sink.to(BOSS)) == 2, seconds=40)
        asked = sink.to(BOSS)[1]
        assert subject(asked) == "À décider : 1 suppression demandée – SARL Dupont" and "fils 2.pdf" in text(asked)
        look(viewer, asked, "suppression-demandee")
        cabinet.page.goto("/a-faire")
        cabinet.page.locator("form[action='/synchronisation/suppressions'] input[type=checkbox]").check()
        cabinet.page.get_by_role("button", name="Supprimer la sélection").click()
        assert world.run().code == 0
        assert (world.dir() / "Achats" / "supp_facture & fils 2.pdf").exists()
        # a forgotten password
        paul.locator(".me summary").click()
        paul.get_by_role("button", name="Se déconnecter").click()
        paul.get_by_role("link", name="Mot de passe oublié").click()
        paul.fill("[name=login]", "p.durand")
        paul.get_by_role("button", name="Recevoir un lien").click()
        eventually(lambda: len(sink.to("paul@dupont.fr")) == 2, seconds=40)
        look(viewer, sink.to("paul@dupont.fr")[1], "mot-de-passe")
        again = re.search(r"http://\S+/invitation/\S+", text(sink.to("paul@dupont.fr")[1]))
        assert again is not None
        paul.goto(again[0])
        paul.fill("[name=password]", PASSWORD + " neuve")
        paul.fill("[name=again]", PASSWORD + " neuve")
        paul.get_by_role("button", name="Enregistrer et entrer").click()
        expect(paul.locator("h1")).to_contain_text("SARL Dupont")
        assert paul.goto(again[0]).status == 404  # type: ignore[union-attr]
    finally:
        sink.close()
