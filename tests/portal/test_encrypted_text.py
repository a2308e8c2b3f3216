"""The database alone opens nothing: no session, no second factor, no link that waits to be sent. Nor does the journal."""

from __future__ import annotations

import importlib
import io
import logging
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest

from syncd.portal.operations import log_redaction


def rows(sql: str) -> str:
    """Everything a look into the file would show."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return repr(cursor.fetchall())


def database() -> str:
    return rows("select * from django_session") + rows("select * from portal_signedin") + rows(
        "select totp from portal_user"
    ) + rows("select text, html from portal_letter")  # fmt: skip


def test_no_secret_can_be_read_in_the_database(office: SimpleNamespace, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Letter, User
    from syncd.portal.people import invitations, second_factor
    from syncd.portal.records import mail_queue

    marie = browse(office.marie)
    key = marie.cookies["sessionid"].value
    marie.post("/compte/action", {"do": "language", "language": "fr"})
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).now()
    assert second_factor.turn_on(office.marie, secret, code)
    office.marie.email = "marie@example.fr"
    mail_queue.password_forgotten(office.marie, link := invitations.issue(office.marie))
    seen = database()
    for hidden in (key, secret, link, "/invitation/"):
        assert hidden not in seen
    assert User.objects.get(id=office.marie.id).totp == secret
    assert link in Letter.objects.get().text and link in Letter.objects.get().html
    assert User.objects.filter(totp="").count() == 2 and not User.objects.exclude(totp="").filter(id=office.boss.id)


def test_a_session_is_found_by_its_key_and_by_nothing_that_is_stored(office: SimpleNamespace) -> None:
    from syncd.portal.models.encrypted_text import digest
    from syncd.portal.people.session_store import SessionStore

    made = SessionStore()
    made["half"] = [office.marie.id, 1.0, "/"]
    made.save()
    key = str(made.session_key)
    assert SessionStore(key)["half"][0] == office.marie.id and SessionStore(key).exists(key)
    assert SessionStore(digest(key)).load() == {}
    made["half"] = 2
    made.save()
    made.cycle_key()
    assert SessionStore(key).load() == {} and SessionStore(made.session_key)["half"] == 2
    made.flush()
    assert made.model.objects.count() == 0


def test_what_an_older_version_left_is_sealed_and_goes_on(office: SimpleNamespace) -> None:
    from django.apps import apps
    from django.contrib.sessions.backends import db
    from django.db import connection

    from syncd.portal.models import Letter, SignedIn, User
    from syncd.portal.models.encrypted_text import digest
    from syncd.portal.people import accounts
    from syncd.portal.people.session_store import SessionStore
    from syncd.portal.records import mail_queue

    secret = pyotp.random_base32()
    old = db.SessionStore()
    old["half"] = [office.marie.id, 1.0, "/"]
    old.save()
    key = str(old.session_key)
    office.marie.email = "marie@example.fr"
    mail_queue.password_forgotten(office.marie, "abc")
    with connection.cursor() as cursor:
        cursor.execute("update portal_user set totp = %s where id = %s", [secret, office.marie.id])
        cursor.execute("update portal_letter set text = 'voir /invitation/abc', html = 'voir /invitation/abc'")
    SignedIn.objects.create(session=key, user=office.marie, seen_at="2026-11-27T12:00:00Z")
    assert key in database() and secret in database() and "/invitation/abc" in database()
    importlib.import_module("syncd.portal.migrations.0013_sealed").carry_over(apps, None)
    seen = database()
    assert key not in seen and secret not in seen and "/invitation/abc" not in seen
    assert SessionStore(key)["half"][0] == office.marie.id
    assert SignedIn.objects.get().session == digest(key)
    assert User.objects.get(id=office.marie.id).totp == secret
    assert Letter.objects.get().text == "voir /invitation/abc"
    accounts.end_sessions(office.marie)
    assert SessionStore(key).load() == {}


def test_only_the_own_session_is_shown_as_here_and_stays(office: SimpleNamespace, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import SignedIn

    office.marie.set_password("une phrase assez longue")
    office.marie.save()
    from django.test import Client as Browser

    here, elsewhere = Browser(), Browser()
    for browser in (here, elsewhere):
        browser.post("/connexion", {"login": "marie", "password": "une phrase assez longue"})
    assert here.get("/compte").content.decode().count("cette connexion") <= 1
    here.post("/compte/action", {"do": "sign_out_everywhere"})
    assert here.get("/compte").status_code == 200 and elsewhere.get("/compte").status_code == 302
    assert SignedIn.objects.count() == 1


def test_what_was_sealed_with_another_key_opens_nothing(
    office: SimpleNamespace, settings_key: Callable[[str], None]
) -> None:
    from syncd.portal.models import Letter, User
    from syncd.portal.models.encrypted_text import Broken, opened, seal
    from syncd.portal.people import second_factor
    from syncd.portal.records import mail_queue

    User.objects.filter(id=office.marie.id).update(totp=(secret := pyotp.random_base32()))
    office.marie.email = "marie@example.fr"
    mail_queue.password_forgotten(office.marie, "abc")
    sealed = seal("abc")
    settings_key("another")
    with pytest.raises(Broken):
        opened(sealed)
    held = User.objects.get(id=office.marie.id)
    assert held.totp and held.totp != secret  # the second factor is still owed
    assert not second_factor.check(held, pyotp.TOTP(secret).now()) and not second_factor.check(held, "")
    assert Letter.objects.get().text == ""


@pytest.fixture
def settings_key() -> Iterator[Callable[[str], None]]:
    from django.conf import settings

    before = settings.SECRET_KEY
    yield lambda key: setattr(settings, "SECRET_KEY", key)
    settings.SECRET_KEY = before


def test_a_letter_that_cannot_be_opened_is_not_sent_empty(
    office: SimpleNamespace, settings_key: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.models import Letter
    from syncd.portal.notifications import outbox
    from syncd.portal.records import mail_queue

    sent = list[Any]()
    monkeypatch.setattr(settings, "EMAIL_HOST", "localhost")
    monkeypatch.setattr(outbox, "get_connection", lambda *_: SimpleNamespace(open=bool, close=bool, send_messages=sent.extend))  # fmt: skip
    office.marie.email = "marie@example.fr"
    mail_queue.password_forgotten(office.marie, "abc")
    settings_key("another")
    outbox.deliver()
    assert sent == [] and Letter.objects.get().sent_at is not None


# -- the journal ------------------------------------------------------------------------------------------------------


@pytest.fixture
def journal() -> Iterator[io.StringIO]:
    """What the serving process would write."""
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(log_redaction.Cut("%(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def test_a_link_is_in_one_address_and_in_no_line_of_the_journal(office: SimpleNamespace, journal: io.StringIO) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import invitations

    secret, browser = invitations.issue(office.marie), Browser()
    came = browser.get(f"/invitation/{secret}")
    assert came.status_code == 302 and came["Location"] == "/invitation"
    form = {"password": "une phrase assez longue", "again": "une autre"}
    assert browser.post("/invitation", form).status_code == 403
    assert Browser().post("/invitation", form).status_code == 404  # whoever did not come with the link
    assert Browser().get(f"/invitation/{secret}x").status_code == 404
    assert "Forbidden: /invitation" in journal.getvalue() and "Not Found: /invitation/…" in journal.getvalue()
    done = browser.post("/invitation", {**form, "again": form["password"]})
    assert done.status_code == 302 and done["Location"] == "/"
    assert browser.get("/invitation").status_code == 404
    assert secret not in journal.getvalue()


def test_a_feeds_address_is_in_no_line_of_the_journal(office: SimpleNamespace, journal: io.StringIO) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import own_account
    from syncd.portal.people.visibility import person_of

    key, browser = own_account.make_feed(person_of(office.marie)), Browser()
    answers = {browser.get(f"/flux/{key}.atom").status_code for _ in range(62)}
    assert answers == {200, 429}
    assert "/flux/…" in journal.getvalue() and key not in journal.getvalue()


SECRET = "q0pEv5-lJzUuL7o3Z0mO_7sV1xYw8tRk2nB4cD6eF8g"  # as links have them


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        ("Forbidden: /invitation/abc-DEF_123", "abc-DEF_123"),
        ("GET /connexion?next=%2Finvitation%2Fabc123&x=1", "abc123"),
        ("Too Many Requests: /flux/abc123.atom", "abc123"),
        ("Reverse for 'x' with arguments '('/invitation/abc123',)'", "abc123"),
        ("headers {'Authorization': 'Bearer abc123'}", "abc123"),
        ("Cookie: sessionid=abc123; csrftoken=def456", "def456"),
        ("{'password': 'abc123 et demi', 'again': 'x'}", "abc123"),
        ("csrfmiddlewaretoken=abc123&login=marie", "abc123"),
        ("key " + "a1" * 32 + " refused", "a1a1a1"),
        ("Not Found: /Invitation/abc123", "abc123"),
        ("Not Found: //invitation//abc123", "abc123"),
        ("Not Found: /INVITATION\\abc123", "abc123"),
        ("Not Found: /x?next=%252Finvitation%252Fabc123", "abc123"),
        ("Not Found: /invitations/" + SECRET, SECRET),
        ("Not Found: /" + SECRET + ".atom", SECRET),
    ],
)
def test_secrets_are_cut_wherever_they_stand(line: str, hidden: str) -> None:
    assert hidden not in log_redaction.cut(line) and "…" in log_redaction.cut(line)


def test_a_traceback_is_cut_too(journal: io.StringIO) -> None:
    try:
        raise ValueError("no view for /invitation/abc123")
    except ValueError:
        logging.getLogger("django.request").exception("failed: %s", "/flux/def456.atom")
    said = journal.getvalue()
    assert "abc123" not in said and "def456" not in said and "no view for /invitation/…" in said


def test_ordinary_lines_stay_as_they_are() -> None:
    for line in (
        "Not Found: /documents/0123456789abcdef0123456789abcdef", "Internal Server Error: /a-classer",
        "Not Found: /dossiers/A001/Achats/comptes_annuels_de_la_societe_2026_definitifs.pdf",
        "syncd.portal.operations.background: a round of the portal's background work failed",
    ):  # fmt: skip
        assert log_redaction.cut(line) == line


def test_strangers_write_a_measure_into_the_journal(office: SimpleNamespace) -> None:
    from django.test import Client as Browser

    now, out, root = [0.0], io.StringIO(), logging.getLogger()
    handler = log_redaction.Measured(out, lambda: now[0])
    handler.setFormatter(log_redaction.Cut("%(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    try:
        for _ in range(200):
            Browser().get("/x/" + "a b" * 10_000)
        assert len(out.getvalue()) < log_redaction.MOST * (log_redaction.LINE + 100)
        logging.getLogger("another").warning("goes on")
        now[0] += log_redaction.EVERY
        Browser().get("/later")
        logging.getLogger("another").warning("two\nlines of a traceback %s", "x" * 50_000)
    finally:
        root.removeHandler(handler)
    said = out.getvalue()
    assert "goes on" in said and said.count("Not Found") == log_redaction.MOST + 1
    assert "140 more lines of this kind were left out" in said and "Not Found: /later" in said
    assert "two\nlines of a traceback xxx" in said and max(map(len, said.splitlines())) < log_redaction.LINE + 20


def test_a_made_up_host_is_one_line_without_a_traceback(
    office: SimpleNamespace, journal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings
    from django.test import Client as Browser

    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["portal.example.fr"])
    assert Browser().get("/", headers={"host": "evil.example"}).status_code == 400
    assert "evil.example" in journal.getvalue() and "Traceback" not in journal.getvalue()
    assert len([x for x in journal.getvalue().splitlines() if "evil" in x]) <= 2
