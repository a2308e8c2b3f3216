"""The audit: nothing in it that did not happen, nothing done without its line."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.accounts.test_accounts import now_of

# -- the audit ----------------------------------------------------------------------------------------------------------


def test_the_audit_says_nothing_that_did_not_happen(office: Any, put: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Audit

    document = put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    boss.post(f"/documents/{document.id}/action", {"do": "delete"})
    Audit.objects.all().delete()
    original = importlib.import_module("syncd.portal.documents.selection")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(original, "make_folders", _fails)
        boss.post(f"/documents/{document.id}/action", {"do": "restore"})
    assert now_of(document).tombstone and not Audit.objects.exists()
    boss.post(f"/documents/{document.id}/action", {"do": "restore"})
    assert not now_of(document).tombstone and Audit.objects.get().what == "document_restored"


def test_nothing_is_done_without_its_line(office: Any, put: Any, browse: Callable[..., Any]) -> None:
    """Every note stands in the transaction of what it tells of: where it cannot be written, nothing happened."""
    from syncd.portal.models import Audit, Cabinet, EngineToken, User

    document = put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    boss.raise_request_exception = False
    boss.get("/compte")

    def look() -> Any:
        return (
            now_of(document).tombstone, EngineToken.objects.count(), now_of(office.one).closed, now_of(office.one).rules,
            now_of(office.paul).is_active, office.paul.name, User.objects.count(), Cabinet.objects.get(id=office.cabinet.id).treated,
            office.paul.invitations.count(), list(now_of(office.boss).cabinet.shelves), now_of(office.boss).mail_deposits,
        )  # fmt: skip

    before = look()
    asks = [
        (f"/documents/{document.id}/action", {"do": "delete"}), ("/reglages/action", {"do": "key", "label": "x"}),
        ("/reglages/action", {"do": "habits", "treated": "on"}), ("/clients/000001/arborescence", {"do": "folder", "path": "Divers"}),
        ("/clients/000001/activation", {"typed": "000001"}), (f"/personnes/{office.paul.id}/action", {"do": "revoke"}),
        (f"/personnes/{office.paul.id}/action", {"do": "link"}), (f"/personnes/{office.paul.id}", {"name": "P", "client": "000001", "preset": "read"}),
        ("/personnes/nouvelle", {"name": "N", "client": "000001", "preset": "read", "role": "contact"}),
        ("/reglages/dossiers", {"key-1": "achats", "place-1": "1", "label-1": "Factures"}), ("/compte/action", {"do": "mails"}),
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Audit.objects, "create", _fails)
        patched.setattr(Audit.objects, "bulk_create", _fails)
        for path, form in asks:
            boss.post(path, form)
            assert look() == before, path
    for path, form in asks:
        boss.post(path, form)
        assert look() != before, path
        before = look()


def _fails(*_: Any, **__: Any) -> Any:
    from syncd.core.errors import UsageError

    raise UsageError("no")
