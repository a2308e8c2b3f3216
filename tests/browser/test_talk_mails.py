"""Mails of messages, of what is forwarded, of dates: through a real mail server, looked at as pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet
from tests.browser.pictures import look as look_at
from tests.browser.test_mails import look, subject, text, with_address, with_mail
from tests.e2e.mail_server import Sink
from tests.e2e.test_watch import eventually
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
MARIE, LAWYER = "marie@dupont.fr", "avocat@barreau.example"


def test_what_is_said_forwarded_and_due_arrives_and_is_readable(
    cabinet: Cabinet, world: World, visit: Callable[..., Page]
) -> None:
    sink = Sink()
    with_mail(world, sink.port)
    marie, boss = cabinet.company(), cabinet.page
    with_address(cabinet, "Marie Dupont", MARIE)
    try:
        marie.goto("/calendrier/007868")
        marie.get_by_label("M’alerter par e-mail de chaque date").select_option("14")
        marie.get_by_role("button", name="Enregistrer").last.click()
        boss.goto("/calendrier")
        look_at(boss, "calendrier-evenement")
        boss.get_by_label("Pour").select_option("all")
        boss.get_by_label("Date").fill(f"{date.today() + timedelta(days=1):%Y-%m-%d}")
        boss.get_by_label("Titre").fill("Rendez-vous de bilan, au cabinet")
        boss.get_by_role("button", name="Ajouter").click()
        expect(boss.locator(".notice.ok")).to_contain_text("est au calendrier de 1 client")
        boss.goto("/echanges/nouveau?client=007868")
        boss.fill("[name=subject]", "TVA d'octobre")
        boss.fill("[name=text]", "Il manque la facture EDF.\n\nPouvez-vous la déposer avant le 15 ?")
        boss.get_by_role("button", name="Envoyer").click()
        eventually(lambda: len(sink.to(MARIE)) == 2, seconds=60)
        said = next(m for m in sink.to(MARIE) if "TVA" in subject(m))
        due = next(m for m in sink.to(MARIE) if m is not said)
        assert "Il manque la facture EDF." in text(said) and "Rendez-vous de bilan" in text(due)
        link = re.search(r"http://\S+/echanges/[0-9a-f]{32}", text(said))
        assert link is not None
        marie.goto(link[0])
        marie.get_by_text("Transférer le texte par e-mail").click()
        marie.get_by_label("À cette adresse").fill(LAWYER)
        look_at(marie, "echange-transferer")
        marie.get_by_role("button", name="Transférer").click()
        eventually(lambda: bool(sink.to(LAWYER)), seconds=40)
        (asked,) = sink.to(LAWYER)
        assert "EDF" not in text(asked)
        yes, reader = re.search(r"http://\S+/transfert/\S+", text(asked)), visit()
        assert yes is not None
        reader.goto(yes[0])
        look_at(reader, "transfert")
        reader.get_by_role("button", name="Oui, recevoir").click()
        expect(reader.locator("main")).to_contain_text(f"L’échange part à {LAWYER}.")
        eventually(lambda: len(sink.to(LAWYER)) == 2, seconds=40)
        gone = next(m for m in sink.to(LAWYER) if m is not asked)
        assert "Il manque la facture EDF." in text(gone) and not list(gone.iter_attachments())
        viewer = visit()
        for mail, name in ((said, "message"), (due, "calendrier"), (asked, "transfert-demande"), (gone, "transfert")):
            assert mail["Auto-Submitted"] == "auto-generated" and mail["X-Auto-Response-Suppress"] == "All", name
            look(viewer, mail, name)
    finally:
        sink.close()
