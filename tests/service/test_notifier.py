"""The digest of a first day: as many lines as documents, and a mail that is short."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

from syncd.config.load import loads
from syncd.core import words
from syncd.core.events import Event
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.service.notifier import Notifier
from syncd.wiring import assembly
from tests.simulation.engine_in_memory import fresh_state
from tests.weight import peak

CONFIG = """
[mirror]
root = "{0}/root"
state = "{0}/state"
logs = "{0}/logs"
[portal]
url = "http://127.0.0.1:1"
token_file = "{0}/token"
[mail]
smtp = "smtp://127.0.0.1:1"
from = "syncd@cabinet-martin.fr"
to = ["direction@cabinet-martin.fr"]
"""
CLIENTS, EACH = 60, 500


def test_a_first_day_is_told_without_being_held_whole(tmp_path: Path) -> None:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    store = assembly.store(config, writes=True)
    post = Notifier(config, store, lambda *_, **__: None)
    post.tick(1000.0)  # from here on
    with store.atomic():
        for client in range(CLIENTS):
            for n in range(EACH):
                event = Event(f"{client:06}", "upload", f"Achats/facture {n}.pdf", size=1, sha256="ab" * 32)
                store.journal.record(1, 2000.0, event)
    most = peak(lambda: post.tick(1000.0 + 3 * 86400))
    ((_, recipient, mail),) = store.outboxes.due_mails(1000.0 + 3 * 86400)
    told = message_from_bytes(mail if isinstance(mail, bytes) else mail.encode(), policy=policy.default)
    text = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert recipient == "direction@cabinet-martin.fr"
    assert f"Au total : {words.number(CLIENTS * EACH)} mis en ligne." in text.replace("\u00a0", " ")
    assert len(text.splitlines()) < 6 * CLIENTS
    assert most < 6_000_000, f"{most:,} bytes at once"  # all of it together is 30 MB
    store.close()


def test_a_migration_that_does_not_come_to_its_end_is_told_once_and_so_is_its_end(tmp_path: Path) -> None:
    """Nobody looks at a calendar's log for eleven days."""
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "token").write_text("x")
    config = loads(CONFIG.format(tmp_path), "syncd.toml", {})
    store = assembly.store(config, writes=True)
    post = Notifier(config, store, lambda *_, **__: None)
    said = []
    for n, why in enumerate(("la source n'est plus accessible", "la source n'est plus accessible", "", "")):
        at = 1000.0 + n * 7200
        store.progress.change(migration_failed=why)
        post.after(RunResult(run=n + 1, started=at, ended=at), None, at)
        post._alarm(at)
        for id_, _, mail in store.outboxes.due_mails(at):
            told = message_from_bytes(mail if isinstance(mail, bytes) else mail.encode(), policy=policy.default)
            said.append(told.get_body(("plain",)).get_content())  # type: ignore[union-attr]
            store.outboxes.mail_sent(id_)
    assert len(said) == 2 and all("la reprise de l" in text for text in said), said
    assert "n'est plus accessible" in said[0].replace("\u2019", "'") and "rétabli" in said[1]
    store.close()


def test_scans_that_are_nobodys_are_one_trouble_that_names_their_directories(tmp_path: Path) -> None:
    """Told at once when it is new, then in each digest for as long as it lasts; over when nothing lies there."""
    config, store = loads(CONFIG.format(tmp_path), "syncd.toml", {}), fresh_state()
    post = Notifier(config, store, lambda *_, **__: None)
    for name in ("009999", "7868 "):
        store.journal.open_report("-intake", name, "unknown_dossier", 1.0)
    post.after(RunResult(verdict=Verdict.DONE), frozenset(), 2.0)
    (told,) = store.outboxes.troubles().values()
    assert (told.client, told.reason, told.detail) == ("", "unknown_dossier", "009999, 7868 ")
    post.tick(3.0)
    (mail,) = store.outboxes.due_mails(3.0)
    text = message_from_bytes(mail[2], policy=policy.default)
    plain = text.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "dossier inconnu" in plain and "009999, 7868" in plain.replace("\n", " ")
    store.journal.open_report("-intake", "888", "unknown_dossier", 4.0)
    post.after(RunResult(verdict=Verdict.DONE), frozenset(), 5.0)
    post.tick(6.0)
    assert len(store.outboxes.due_mails(6.0)) == 1  # one a day: the evening's names the other, too
    store.journal.close_reports("-intake", set())
    post.after(RunResult(verdict=Verdict.DONE), frozenset(), 7.0)
    assert all(t.ended for t in store.outboxes.troubles().values())
