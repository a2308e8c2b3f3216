"""What the cabinet withdrew or deleted, where the matrix of test_rights does not reach: acknowledgements, letters, older rows."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.fixture
def withdrawn(office: Any, put: Callable[..., Any], browse: Callable[..., Any]) -> Any:
    """Two documents that a person of the cabinet deposited by a browser; the first is withdrawn then."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.documents import selection
    from syncd.portal.models import Deposit, Document
    from syncd.portal.records.feed import publishing
    from syncd.portal.rights import Engine

    given = [SimpleUploadedFile(n, n.encode()) for n in ("secret.pdf", "bilan.pdf")]
    browse(office.boss).post("/dossiers/000001/deposer/Achats", {"documents": given, "batch": "b" * 16})
    office.document = Document.objects.get(path="Achats/secret.pdf")
    office.deposit = Deposit.objects.get()
    with publishing(office.cabinet.id) as feed:
        selection.put_in_bin(Engine(office.cabinet.id), [office.document], feed, datetime.now(UTC), withdrawn=True)
    return office


def test_an_acknowledgement_names_nothing_that_was_withdrawn(withdrawn: Any, browse: Callable[..., Any]) -> None:
    address = f"/depots/{withdrawn.deposit.number}"
    seen = browse(withdrawn.marie).get(address).content.decode()
    assert "bilan.pdf" in seen and "secret.pdf" not in seen and withdrawn.document.id not in seen
    assert withdrawn.document.id in browse(withdrawn.boss).get(address).content.decode()


def test_one_own_deposit_stays_said_when_the_right_is_gone_and_leads_nowhere(
    office: Any, browse: Callable[..., Any]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from syncd.portal.models import Deposit, Document, Grant

    browse(office.marie).post(
        "/dossiers/000001/deposer/Achats", {"documents": [SimpleUploadedFile("x.pdf", b"x")], "batch": "b" * 16}
    )
    document, deposit = Document.objects.get(), Deposit.objects.get()
    Grant.objects.create(user=office.marie, client=office.one, kind="purchases", verbs="")
    page = browse(office.marie).get(f"/depots/{deposit.number}").content.decode()
    assert "x.pdf" in page and document.id not in page


def test_deletions_of_before_are_a_companys_where_nobody_of_the_cabinet_is_called_like_that(
    office: Any, put: Callable[..., Any]
) -> None:
    from django.apps import apps

    from syncd.portal.models import Document, User

    User.objects.create(
        cabinet=office.cabinet, sign_in="twin", name="Cabinet Martin", role="member", parent=office.marie
    )
    by = {
        "Marie Dupont": "company", "boss": "cabinet", "Cabinet Martin": "cabinet", "synchronisation": "cabinet", "Inconnu": "cabinet",
    }  # fmt: skip
    for n, name in enumerate(by):
        document = put(office.one, f"Achats/{n}.pdf", name.encode())
        Document.objects.filter(id=document.id).update(tombstone=f"{n}", deleted_by=name)
    live = put(office.one, "Achats/live.pdf", b"live")
    importlib.import_module("syncd.portal.migrations.0012_deleted_origin").name_origins(apps, None)
    binned = Document.objects.exclude(tombstone="").values_list("deleted_by", "deleted_origin")
    assert dict(binned) == by
    live.refresh_from_db()
    assert live.deleted_origin == ""


def test_the_command_line_restores_for_the_cabinet(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Operator

    document = put(office.one, "Achats/a.pdf", b"a")
    cabinet = Operator(office.cabinet.id, "Cabinet Martin")
    lifecycle.remove(cabinet, document)
    with pytest.raises(Refusal):
        lifecycle.restore(Operator(office.cabinet.id, "le client", "company"), document)
    assert lifecycle.restore(cabinet, document) == "Achats/a.pdf"
    document.refresh_from_db()
    assert (document.tombstone, document.deleted_origin) == ("", "")
