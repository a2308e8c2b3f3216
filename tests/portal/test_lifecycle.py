"""What is done to a document is done to that one, whatever became of its place since it was shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


def test_what_is_deleted_is_the_document_that_was_shown_not_another_at_its_place(
    office: Any, put: Callable[..., Any]
) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Document
    from syncd.portal.people.visibility import person_of

    boss, shown = person_of(office.boss), put(office.one, "Achats/a.pdf", b"shown")
    lifecycle.move(boss, Document.objects.select_related("client").get(id=shown.id), "Ventes/a.pdf")
    other = put(office.one, "Achats/a.pdf", b"another")
    lifecycle.remove(boss, shown)  # as it was read before
    assert Document.objects.get(tombstone="").id == other.id
    assert Document.objects.exclude(tombstone="").get().path == "Ventes/a.pdf"


def test_a_document_that_was_deleted_meanwhile_is_deleted_once(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Audit, Document
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Code, Refusal

    boss, document = person_of(office.boss), put(office.one, "Achats/a.pdf", b"a")
    lifecycle.remove(boss, Document.objects.select_related("client").get(id=document.id))
    with pytest.raises(Refusal) as refused:
        lifecycle.remove(boss, document)
    assert refused.value.code is Code.NO_DOCUMENT
    assert Audit.objects.filter(what="document_deleted").count() == 1


def test_nothing_is_moved_before_a_folder_is_chosen(office: Any, put: Callable[..., Any], browse: Any) -> None:
    from syncd.portal.models import Document

    document = put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    first = re.search(
        r'<select name="to"[^>]*>\s*<option value="([^"]*)"', boss.get(f"/documents/{document.id}").content.decode()
    )
    assert first is not None and first[1] == ""
    said = boss.post(f"/documents/{document.id}/action", {"do": "move", "to": ""}, follow=True).content.decode()
    assert "Choisissez un dossier." in said
    assert Document.objects.get(id=document.id).path == "Achats/a.pdf"


def test_a_refusal_is_said_in_the_language_of_whoever_is_told(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.language import ENGLISH, FRENCH, speaking
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal, sentence

    document = put(office.one, "Achats/a.pdf", b"a")
    put(office.one, "Achats/b.pdf", b"b")
    with speaking(FRENCH), pytest.raises(Refusal) as refused:
        lifecycle.move(person_of(office.boss), document, "Achats/b.pdf")
    with speaking(ENGLISH):
        assert sentence(refused.value) == "“Achats/b.pdf” exists already."
    with speaking(FRENCH):
        assert sentence(refused.value) == "« Achats/b.pdf » existe déjà."


def test_every_refusal_has_its_sentence() -> None:
    from syncd.portal.refusals import SENTENCES, Code

    assert set(SENTENCES) == set(Code)


def test_a_password_is_hashed_before_the_database_is_held(office_there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes its time on purpose: nobody's writing waits for it."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from syncd.portal.people import accounts, invitations

    held: list[bool] = []

    def watched(password: str | None) -> str:
        held.append(connection.in_atomic_block)
        return make_password(password)

    monkeypatch.setattr(accounts, "make_password", watched)
    found = invitations.invited(invitations.issue(office_there.paul))
    assert found is not None
    invitations.accept(found, "une phrase de Paul", "203.0.113.7")
    assert held == [False]
