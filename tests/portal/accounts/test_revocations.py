"""A right of access that was taken away: who may give it back, and that no backup does."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.portal.accounts.conftest import PASSWORD, sign_in
from tests.portal.accounts.test_accounts import inside, now_of

# -- who may undo whose revocation --------------------------------------------------------------------------------------


def test_a_revocation_is_undone_by_who_made_it_or_somebody_above(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant, Portfolio, User

    associate = User.objects.create(cabinet=office.cabinet, sign_in="assoc", name="Associé", role="associate")
    Grant.objects.create(user=associate, kind="*", verbs="view deposit download delete manage")
    Portfolio.objects.create(user=associate, field="all")
    other = User.objects.create(cabinet=office.cabinet, sign_in="boss2", name="Autre", role="correspondent")
    paul = office.paul
    by = {"boss": office.boss, "other": other, "associate": associate, "marie": office.marie}

    def post(who: str, what: str) -> bool:
        browse(by[who]).post(f"/personnes/{paul.id}/action", {"do": what})
        return bool(now_of(paul).is_active)

    for revoker, may in (
        ("boss", {"boss", "other"}), ("associate", {"associate", "boss"}), ("marie", {"marie", "associate", "boss"}),
    ):  # fmt: skip
        for who in ("marie", "associate", "boss", "other"):
            assert not post(revoker, "revoke")
            assert post(who, "revoke") is False  # revoked again from below: the word of above stays
            if who in may:
                assert post(who, "allow"), (revoker, who)
            elif who != "other":
                assert not post(who, "allow"), (revoker, who)
                page = browse(by[who]).get(f"/personnes/{paul.id}").content.decode()
                assert "une personne au-dessus" in page and 'value="allow"' not in page
                assert post("boss", "allow")
            else:
                assert post("boss", "allow")


def test_who_revoked_before_is_found_in_the_audit(office: Any) -> None:
    from django.apps import apps

    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.records import audit

    audit.record(person_of(office.marie), "account_revoke", "paul")
    User.objects.filter(id=office.paul.id).update(is_active=False)
    importlib.import_module("syncd.portal.migrations.0014_accounts").look_back(apps, None)
    assert now_of(office.paul).revoked_by_id == office.marie.id


# -- names, and backups -------------------------------------------------------------------------------------------------


def test_a_person_of_a_company_called_like_the_cabinet_is_said_to_be_of_the_company(
    office: Any, mail: Any, browse: Callable[..., Any]
) -> None:
    import re

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client as Browser

    from syncd.portal.models import Deposit, Document, Grant, User
    from syncd.portal.notifications import notices
    from syncd.portal.people import own_account
    from syncd.portal.people.visibility import person_of

    User.objects.filter(id=office.marie.id).update(name="Cabinet Martin")
    User.objects.filter(id=office.boss.id).update(email="boss@example.fr")
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    marie, boss = browse(office.marie), browse(office.boss)
    for n in (1, 2):
        given = SimpleUploadedFile(f"{n}.pdf", f"{n}".encode())
        marie.post("/dossiers/000001/deposer/Achats", {"documents": given, "batch": f"batch-{n:04}"})
    live, gone = Document.objects.order_by("path")
    Deposit.objects.update(last_at="2020-01-01T00:00:00Z")
    notices.gather()
    marie.post(f"/documents/{gone.id}/action", {"do": "delete"})
    told = mail("boss@example.fr")
    feed = Browser().get(f"/flux/{own_account.make_feed(person_of(office.boss))}.atom").content.decode()
    pages = [feed, *told] + [
        boss.get(path).content.decode()
        for path in (
            "/dossiers/000001", "/dossiers/000001/Achats", f"/documents/{live.id}", f"/documents/{gone.id}", "/recherche?q=1",
            f"/depots/{Deposit.objects.earliest('id').number}", "/reglages/historique",
        )
    ]  # fmt: skip
    for page in pages:
        assert "Cabinet Martin (société)" in page, page
        bare = r"(?:par |data-label=.(?:Qui|Par).>)Cabinet Martin(?! \(société\))|Cabinet Martin a déposé"
        assert not re.search(bare, page), page


@pytest.mark.embedded
def test_a_restored_backup_lets_nobody_in_by_what_was_closed_since(
    tmp_path: Path, office_there: Any, shared: Path
) -> None:
    import sqlite3

    from syncd.portal.models import User
    from syncd.portal.operations import backup
    from syncd.portal.people import accounts, invitations, own_account
    from syncd.portal.people.visibility import person_of
    from syncd.portal.sync import engine_keys

    (shared / "secret_key").write_text("s" * 64)
    engine_keys.make(person_of(office_there.boss), "serveur")
    accounts.set_password(office_there.marie, PASSWORD)
    invitations.issue(office_there.paul)
    own_account.make_feed(person_of(office_there.marie))
    User.objects.filter(id=office_there.marie.id).update(message_addresses="marie@example.org")
    browser = sign_in("marie")
    assert inside(browser)
    backup.backup(shared, tmp_path / "copy", lambda *_: None)
    backup.restore(tmp_path / "copy", tmp_path / "back", lambda *_: None)
    backup.restore(tmp_path / "copy", tmp_path / "without", lambda *_: None, revoke_keys=True)

    def count(where: str, what: str) -> int:
        with sqlite3.connect(tmp_path / where / "portal.db") as conn:
            return int(conn.execute(f"select count(*) from {what}").fetchone()[0])

    opens = [f"portal_user where {column} != ''" for column in ("feed_key", "message_addresses")]
    for what in ("django_session", "portal_signedin", "portal_invitation", *opens):
        assert (count("copy", what), count("back", what)) == (1, 0), what
    assert count("back", "portal_enginetoken where revoked_at is null") == 1
    assert count("without", "portal_enginetoken where revoked_at is null") == 0
