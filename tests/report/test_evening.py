"""A report and an evening's mail say what is so when they are written, and nothing of what they do not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.config.load import loads
from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core import words
from syncd.core.alert_timing import Trouble
from syncd.core.events import Event
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.protocol import Answer
from syncd.core.run_result import of_line
from syncd.report.alarm import alarm
from syncd.report.digest import Day, digest
from syncd.report.mail_layout import written
from syncd.service.notifier import Notifier
from syncd.wiring import report_writing
from tests.service.test_notifier import CONFIG
from tests.simulation.engine_in_memory import Lab
from tests.support.mails import plain, typed

TREE = (FolderRule("Achats", extensions=frozenset({"pdf"})),)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, TREE, ("001", "002"))
    made.run()
    return made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return loads(CONFIG.format(tmp_path), "syncd.toml", {})


def report(lab: Lab, config: Config) -> str:
    return "".join(report_writing.render_run(config, lab.state, of_line(lab.run()))).replace("\u00a0", " ")


def evening(lab: Lab, config: Config) -> tuple[str, str]:
    """Subject and text."""
    post = Notifier(config, lab.state, lambda *_, **__: None)
    said = digest(post.day(post.recipients[0], post._news(0), lab.clock.now()))
    return typed(said.subject), plain(said)


def test_an_evening_counts_what_is_still_refused(lab: Lab, config: Config) -> None:
    for n in range(30):
        lab.write(f"Achats/{n:02}.exe", b"program %d" % n)
    lab.write("Achats/stays.exe", b"stays")
    lab.run()
    for n in range(30):
        lab.unlink(f"Achats/{n:02}.exe")
    lab.run()
    subject, text = evening(lab, config)
    assert subject == "1 refus à voir chez Client 001"
    assert "1 document refusé, voir ci-dessous" in text and "Achats/stays.exe" in text and "/07.exe" not in text


def test_an_evening_says_that_a_storm_is_over(lab: Lab, config: Config) -> None:
    for n in range(60):
        lab.write(f"Achats/{n:02}.pdf", b"invoice %d" % n)
    lab.converge()
    lab.settings = replace(lab.settings, limits=Limits(first_publication="allow"))
    for n in range(30):
        lab.rename(f"Achats/{n:02}.pdf", f"../away/{n:02}.pdf")
    lab.run()
    for n in range(30):
        lab.write(f"Achats/{n:02}.pdf", b"invoice %d" % n)
    lab.run()
    assert "30 documents ont disparu au cabinet : réglé depuis" in evening(lab, config)[1]


def test_another_client_that_waits_is_named_and_not_all_is_up_to_date(lab: Lab, config: Config) -> None:
    lab.settings = replace(lab.settings, limits=Limits())
    lab.write("Achats/1.pdf", b"first", "002")
    lab.run()
    lab.settings = replace(lab.settings, only=frozenset({"001"}))
    said = report(lab, config)
    assert "Client 002 (002) : en attente de votre accord : première mise en ligne (1 document" in said
    assert "syncd approve 002" in said and "Tout est à jour" not in said
    assert "Tout le reste est à jour chez les clients de ce passage." in said
    lab.unlink("Achats/1.pdf", "002")
    lab.settings = replace(lab.settings, only=frozenset())
    lab.run()
    assert report(lab, config).endswith("Tout est à jour.\n")


def test_not_all_is_up_to_date_above_a_list_of_what_is_not(lab: Lab, config: Config) -> None:
    (lab.dir() / "Nouveau dossier").mkdir()
    lab.write("Achats/a.exe", b"a program")
    assert "est à jour" not in report(lab, config)
    assert "est à jour" not in evening(lab, config)[1]


def test_what_disappeared_from_both_sides_is_said(lab: Lab, config: Config) -> None:
    lab.write("Achats/1.pdf", b"one")
    lab.run()
    lab.unlink("Achats/1.pdf")
    lab.portal.remove(lab.clients["001"], "Achats/1.pdf")
    assert "Achats/1.pdf : disparu des deux côtés" in report(lab, config)


def test_a_refused_request_is_said_to_be_refused_as_long_as_it_holds(lab: Lab, config: Config) -> None:
    lab.settings = replace(lab.settings, limits=Limits())
    lab.write("Achats/1.pdf", b"first")
    lab.run()
    (row,) = lab.state.guards.waiting()
    lab.portal.answers.append(Answer(row.client, row.digest, agreed=False, by="Marie Martin"))
    for _ in range(2):
        said = report(lab, config)
        assert "refusé le " in said and "par Marie Martin, rien n'est fait : première mise en ligne (1 document" in said
        assert "syncd approve" not in said and "en attente de votre accord" not in said.partition("---")[0]
        assert "par Marie Martin, rien n'est fait" in evening(lab, config)[1]
    lab.write("Achats/2.pdf", b"another")  # another set is another question
    assert "en attente de votre accord" in report(lab, config)


def test_a_dry_run_says_what_would_be(lab: Lab, config: Config) -> None:
    for n in range(12):
        lab.write(f"Achats/{n}.pdf", b"document %d" % n)
    lab.deposit("Achats/Juin/theirs.pdf", b"theirs")
    lab.settings = replace(lab.settings, dry_run=True)
    said = report(lab, config)
    assert "passage à blanc du" in said and "Rien n'a été fait : ce qui suit le serait." in said
    assert "Achats : 12 documents seraient mis en ligne" in said
    assert "Achats/Juin/theirs.pdf : serait reçu" in said
    assert "Au total, à faire : 12 mis en ligne" in said


def test_a_clock_that_is_off_is_something_to_do_in_each_report_and_in_the_evening(
    lab: Lab, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood under « Autres dossiers », once, and nobody had anything to do."""
    real = lab.remote.hello

    async def two_hours_off(*args: Any, **more: Any) -> Any:
        return replace(await real(*args, **more), now=lab.clock.now() - 7200.0)

    monkeypatch.setattr(lab.remote, "hello", two_hours_off)
    first = report(lab, config)
    assert "À faire :\n• Les horloges du cabinet et de la plateforme diffèrent" in first and "(120 min)." in first
    assert "Autres dossiers" not in first and first.count("horloges") == 1 and "Tout le reste est à jour" in first
    lab.clock.time += 3 * 3600
    again = report(lab, config)
    assert again.count("horloges") == 1 and "À faire :\n• Les horloges" in again and "depuis 3 h." in again
    post = Notifier(config, lab.state, lambda *_, **__: None)
    post.after(of_line(lab.run()), None, lab.clock.now())
    subject, text = evening(lab, config)
    assert subject == "1 point à voir" and "Autres dossiers" not in text
    assert "À faire" in text and "Les horloges" in text and "rien à faire" not in text


def test_an_evening_after_the_memory_was_made_anew_says_what_it_does_not_count(lab: Lab, config: Config) -> None:
    lab.state.journal.record(
        1, lab.clock.now(), Event("", "problem", reason="restored_state", notice=True, warning=True)
    )
    subject, text = evening(lab, config)
    assert subject == "À lire" and "rien à faire" not in text
    assert "Tout est à jour ; ce qui suit est à lire." in text and "les journaux l'ont" in text
    assert "La synchronisation\n" in text and "Autres dossiers" not in text


def test_what_was_agreed_to_was_not_broken(lab: Lab) -> None:
    at = local_time(loads(CONFIG.format("/tmp"), "syncd.toml", {}), lab.clock.now())
    asked = Trouble("001:guard_first_publication", "001", "guard_first_publication", "", 1.0, 2.0, 3.0)
    broken = Trouble("002:stop_doubled", "002", "stop_doubled", "", 1.0, 2.0, 3.0)

    def told(*over: Trouble) -> tuple[str, str]:
        mail = alarm([], list(over), [], Day((), (), (), (), {"001": "Dupont"}, lambda code, path: True, at))
        return mail.subject, plain(mail)

    subject, text = told(asked)
    assert typed(subject) == "Réglé – Dupont : n'attend plus votre accord"
    assert "N'attend plus votre accord" in text and "tabli" not in text
    assert "Dupont (001) : première mise en ligne (demandé le" in text
    subject, text = told(broken, asked)
    assert subject.startswith("Rétabli") and "C'est rétabli" in text and "N'attend plus votre accord" in text


def test_a_clock_that_was_set_back_makes_no_age_below_nothing() -> None:
    assert words.age(-90_000.0).replace("\u00a0", " ") == "depuis 1 min"
    assert "heure de ce poste" in words.reason("certificate_expired")


def test_nobody_without_a_command_line_is_told_to_type_anything(lab: Lab, config: Config) -> None:
    """An associate was told « syncd approve 001 », and had no terminal."""
    lab.settings = replace(lab.settings, limits=Limits())
    lab.write("Achats/1.pdf", b"first")
    lab.run()
    keys = replace(config.mail, operator=("informatique@example.fr",))
    there = replace(config, mail=keys, portal=replace(config.portal, url="https://documents.example.fr"))
    post = Notifier(there, lab.state, lambda *_, **__: None)
    operator, boss = post.recipients
    for recipient, types in ((operator, True), (boss, False)):
        mails = [digest(post.day(recipient, post._news(0), lab.clock.now()))]
        trouble = [Trouble("001:guard_first_publication", "001", "guard_first_publication", "", 1.0)]
        mails.append(post._alarm_for(recipient, trouble, [], lab.clock.now()))
        for mail in mails:
            assert mail.subject == "À autoriser : 1 document de Client 001".replace(" :", "\u00a0:").replace("1 ", "1 ")
            assert ("syncd " in plain(mail)) is types, plain(mail)
            assert mail.button is not None and mail.button.text == "Voir et répondre"
            assert mail.button.href == "https://documents.example.fr/synchronisation/accords/001"


def test_where_no_reader_reaches_the_portal_there_is_no_button(lab: Lab, config: Config) -> None:
    post = Notifier(config, lab.state, lambda *_, **__: None)  # http://127.0.0.1:1
    assert digest(post.day(post.recipients[0], [], lab.clock.now())).button is None


def test_a_mail_of_the_engine_looks_like_the_portals_own(lab: Lab, config: Config) -> None:
    there = replace(config, portal=replace(config.portal, url="https://documents.example.fr"))
    lab.portal.look = ("#7a1450", True)
    lab.run()
    post = Notifier(there, lab.state, lambda *_, **__: None)
    for look, logo in (("#7a1450", 'src="https://documents.example.fr/logo"'), ("red;} x{", "")):
        lab.portal.look = (look, bool(logo))
        lab.run()
        page = written(digest(post.day(post.recipients[0], [], lab.clock.now())))[1]
        assert ("#7a1450" in page) == bool(logo) and ("<img" in page) == bool(logo) and logo in page
        assert "Cabinet" in page and "red;" not in page  # what a hostile portal says goes into no style
