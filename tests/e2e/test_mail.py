"""Who is told what: trouble at once and its end, everything else in the digest; a real SMTP server takes it."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator

import pytest

from tests.e2e.mail_server import Sink, half_a_day_from_now, html_of, text_of
from tests.e2e.world import CODE, World
from tests.support.mails import typed

pytestmark = pytest.mark.e2e
BOSS, CLAIRE = "direction@cabinet-martin.fr", "claire@cabinet-martin.fr"


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture
def office(world: World, sink: Sink) -> World:
    """A second client, the boss with all of them, Claire with the second."""
    world.client("001234", "Garage Leroy")
    text = re.sub(r"(?s)\n#? ?\[mail\].*", "", world.config.read_text())
    world.config.write_text(
        text + f'\n[mail]\nsmtp = "{sink.url}"\nfrom = "Synchronisation <syncd@cabinet-martin.fr>"\nto = ["{BOSS}"]\n'
        f'send_at = ["{half_a_day_from_now()}"]\n\n[[recipient]]\naddress = "{CLAIRE}"\nclients = ["001234"]\n'
    )  # fmt: skip
    assert world.run().code == 0
    return world


def evening(world: World, days: float = 1.0) -> None:
    """The last digest went out that long ago: an hour of `send_at` has passed since."""
    with sqlite3.connect(world.state / "state.db") as state:
        state.execute("update meta set value = ? where key = 'digest_at'", (repr(time.time() - days * 86400),))
    state.close()


def later(world: World, seconds: float) -> None:
    """What was said and seen so far was that much earlier."""
    with sqlite3.connect(world.state / "state.db") as state:
        state.execute("update troubles set since = since - ?, told = max(0, told - ?)", (seconds, seconds))
        state.execute("update mails set after = 0, made = made - ?", (seconds,))
        state.execute("update told set since = since - ?", (seconds,))
        state.execute("update meta set value = cast(value as real) - ? where key = 'alarm_at'", (seconds,))
    state.close()


def test_the_digest_says_what_to_do_first_and_names_nothing_of_restricted_folders(office: World, sink: Sink) -> None:
    office.write("Achats/facture.pdf", "one")
    office.write("Achats/film.exe", "no")
    office.write("Social/bulletin Martin.pdf", "pay")
    office.put("Ventes/Leroy & fils.pdf", "theirs")
    office.write("Banque/releve.pdf", "of the garage", code="001234")
    office.run()
    assert not sink.mails  # nothing is trouble: it waits for its hour
    evening(office)
    office.run()
    (boss,), (claire,) = sink.to(BOSS), sink.to(CLAIRE)
    assert typed(boss["subject"]) == "1 refus à voir chez SARL Dupont – 1 reçu, 3 mis en ligne"
    assert boss["auto-submitted"] == "auto-generated" and boss["x-syncd-verdict"] == "warning" and boss["list-id"]
    said = text_of(boss)
    assert said.index("À faire") < said.index("SARL Dupont (007868)\n") < said.index("Au total")
    assert "Tout le reste est à jour." in said and "type de fichier non accepté" in said
    assert "bulletin" not in said and "bulletin" not in html_of(boss)
    assert "film.exe" in said and "facture.pdf" not in said and "releve.pdf" not in said  # what went well is a number
    assert "Garage Leroy (001234) : 1 mis en ligne" in said and "Garage Leroy (001234) : 1 mis" in text_of(claire)
    assert "Dupont" not in text_of(claire) and typed(claire["subject"]) == "Tout est à jour – 1 mis en ligne"
    assert boss["message-id"].endswith("@cabinet-martin.fr>")
    evening(office)
    office.run()
    again = sink.to(BOSS)[1]
    assert "Toujours en cours" in text_of(again) and "film.exe : type de fichier non accepté" in text_of(again)
    assert "facture.pdf" not in text_of(again)


def test_what_waits_for_agreement_is_told_at_once_with_the_list_then_only_in_the_digest_and_its_end_too(
    office: World, sink: Sink
) -> None:
    for n in range(30):
        office.write(f"Achats/{n:02}.pdf", f"doc {n}")
    office.run()
    for n in range(30):
        office.remove(f"Achats/{n:02}.pdf")
    assert office.run().code == 4
    (mail,) = sink.to(BOSS)
    assert not sink.to(CLAIRE)
    said = text_of(mail)
    assert typed(mail["subject"]) == "À autoriser : 30 documents de SARL Dupont"
    assert "syncd " not in said and "30 documents supprimés en ligne, à mettre de côté" in said
    assert "Achats/07.pdf" in said
    later(office, 7200)
    office.run()
    assert len(sink.to(BOSS)) == 1  # told once
    evening(office)
    office.run()
    digest = sink.to(BOSS)[1]
    assert "À autoriser" in digest["subject"] and "syncd " not in text_of(digest)
    assert office.syncd("approve", CODE, "--yes").code == 0
    office.run()
    over = sink.to(BOSS)[2]
    assert over["subject"].startswith("Réglé") and "n'attend plus votre accord" in typed(over["subject"])
    assert "N'attend plus votre accord" in text_of(over) and "rétabli" not in text_of(over)


def test_a_clock_that_is_wrong_is_told_once_then_daily_until_it_is_right(office: World, sink: Sink) -> None:
    office.stop_portal()
    office.serve("import time; now = time.time; time.time = lambda: now() + 7200")
    office.run()
    (mail,) = sink.to(BOSS)
    assert "les horloges du cabinet et de la plateforme diffèrent" in text_of(mail)
    later(office, 7200)
    office.run()
    assert len(sink.to(BOSS)) == 1
    later(office, 86_400)
    evening(office)
    office.run()
    assert "horloges" in text_of(sink.to(BOSS)[1]) and "depuis 1" in text_of(sink.to(BOSS)[1])
    office.stop_portal()
    office.serve()
    office.run()
    assert sink.to(BOSS)[2]["subject"].startswith("Rétabli")


def test_a_root_that_is_away_is_trouble_at_once_and_its_end_is_told(office: World, sink: Sink) -> None:
    away = office.root.with_name("unmounted")
    office.root.rename(away)
    office.root.mkdir()
    assert office.run().code == 1
    later(office, 1000)
    assert office.run().code == 1
    (mail,) = sink.to(BOSS)
    assert mail["subject"].startswith("Synchronisation arrêtée") and "n'est pas celle de ce cabinet" in typed(
        mail["subject"]
    )
    assert "ne sont plus synchronisés" in text_of(mail) and "remontez le bon disque" in text_of(mail)
    assert len(sink.to(CLAIRE)) == 1  # it is everybody's
    later(office, 86400)
    evening(office)
    office.run()
    assert "depuis 1 jour" in text_of(sink.to(BOSS)[1]) and sink.to(BOSS)[1]["x-syncd-verdict"] == "abandoned"
    office.root.rmdir()
    away.rename(office.root)
    later(office, 7200)
    assert office.run().code == 0
    assert sink.to(BOSS)[2]["subject"].startswith("Rétabli")
    assert office.run().code == 0 and len(sink.to(BOSS)) == 3


def test_24_a_mail_server_that_is_away_loses_nothing_and_is_told_of_later(office: World, sink: Sink) -> None:
    office.write("Achats/a.pdf", "one")
    sink.close()
    evening(office)
    done = office.syncd("run", "--json")
    assert done.code == 0 and "mail_not_sent" in done.err  # a warning, nothing else
    assert office.syncd("mail", "test").code == 1
    later(office, 7200)
    office.run()
    back = Sink(sink.port)
    try:
        later(office, 7200)
        evening(office)
        office.run()
        mails = back.to(BOSS)
        assert len(mails) == 2 and "1 mis en ligne" in text_of(mails[0])
        assert "La messagerie ne répond pas" in text_of(mails[1]) and "depuis" in text_of(mails[1])
        assert office.syncd("mail", "test").code == 0 and "Essai" in back.mails[-1][1]["subject"]
    finally:
        back.close()


def test_a_digest_opens_the_guards_windows_anew_whether_mail_is_sent_or_not(world: World) -> None:
    for n in range(30):
        world.write(f"Achats/{n:02}.pdf", f"doc {n}")
    world.run()
    for n in range(15):
        world.remove(f"Achats/{n:02}.pdf")
    assert world.run().summary["set_aside"] == 15
    evening(world)
    world.run()
    for n in range(15, 27):
        world.remove(f"Achats/{n:02}.pdf")
    assert world.run().summary["set_aside"] == 12


def test_wrong_mail_settings_are_one_sentence_each(world: World) -> None:
    good = world.config.read_text()
    for extra, said in (
        ('[mail]\nsmtp = "mail.example.fr"\n', "smtps://"),
        ('[mail]\nsmtp = "smtp://127.0.0.1:25"\n', "needs 'from'"),
        ('[mail]\nsend_at = ["25:00"]\n', "time of day"),
        ('[[recipient]]\nclients = ["1"]\n', "address is missing"),
    ):
        world.config.write_text(good + "\n" + extra)
        done = world.syncd("config", "validate")
        assert done.code == 2 and said in done.err, done.err
    world.config.write_text(good)
    assert world.syncd("mail", "test").code == 2


@pytest.mark.parametrize("what", ["portal", "key"])
def test_a_portal_that_is_away_and_a_key_that_was_revoked_are_told_once_and_a_day_later_again(
    office: World, sink: Sink, what: str
) -> None:
    patient = {"SYNCD_PORTAL_URL": "http://127.0.0.1:9"} if what == "portal" else {}
    if what == "key":
        with sqlite3.connect(office.portal_dir / "portal.db", timeout=30) as portal:
            portal.execute("update portal_enginetoken set revoked_at = datetime('now')")
        portal.close()
    code = {"portal": 6, "key": 5}[what]
    words = {"portal": "la plateforme ne répond pas", "key": "la plateforme refuse la clé de synchronisation"}[what]
    assert office.run(env=patient).code == code and not sink.mails
    later(office, 1000)
    assert office.run(env=patient).code == code
    (mail,) = sink.to(BOSS)
    assert (
        mail["subject"].startswith("Synchronisation arrêtée") and words in text_of(mail) and len(sink.to(CLAIRE)) == 1
    )
    later(office, 7200)
    assert office.run(env=patient).code == code and len(sink.to(BOSS)) == 1
    later(office, 86_400)
    evening(office)
    office.run(env=patient)
    assert words in text_of(sink.to(BOSS)[1]) and "depuis 1" in text_of(sink.to(BOSS)[1])
