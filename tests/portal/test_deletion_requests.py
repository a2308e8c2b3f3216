"""Where the template says `client_delete = "request"`: a company asks, the cabinet decides, nothing goes before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest


@pytest.fixture
def asking(office: Any, put: Callable[..., Any]) -> Any:
    """The office, its first client deleting on request alone; Marie may do everything but in Social. One document."""
    from syncd.portal.models import Grant

    office.one.client_delete = "request"
    office.one.save()
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    office.document = put(office.one, "Achats/facture.pdf", b"invoice")
    return office


def act(browser: Any, document: Any, what: str, **more: str) -> str:
    page = browser.post(f"/documents/{document.id}/action", {"do": what, **more}, follow=True)
    assert page.status_code == 200
    return str(page.content.decode())


def live(document: Any) -> bool:
    document.refresh_from_db()
    return not document.tombstone


def test_a_company_asks_and_only_the_cabinet_deletes(asking: Any, browse: Any) -> None:
    document, marie, boss = asking.document, browse(asking.marie), browse(asking.boss)
    page = marie.get(f"/documents/{document.id}").content.decode()
    assert "Demander la suppression" in page and 'value="delete"' not in page
    assert "pas le droit" in act(marie, document, "delete") and live(document)
    assert "demandée au cabinet" in act(marie, document, "ask") and live(document)
    assert "pas le droit" in act(marie, document, "agree") and live(document)
    assert "Suppression demandée" in marie.get("/dossiers/000001/Achats").content.decode()
    assert "À voir" in boss.get("/clients").content.decode()
    desk = boss.get("/a-faire").content.decode()
    assert "Suppressions demandées" in desk and "Marie Dupont" in desk
    boss.post("/synchronisation/suppressions", {"id": document.id, "answer": "no"})
    assert live(document) and "Suppressions demandées" not in boss.get("/a-faire").content.decode()
    act(marie, document, "ask")
    boss.post("/synchronisation/suppressions", {"id": document.id, "answer": "yes"})
    assert not live(document) and document.deleted_by == "boss"
    act(boss, document, "restore")
    assert live(document) and "Suppressions demandées" not in boss.get("/a-faire").content.decode()


def test_whoever_could_not_delete_cannot_ask(asking: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import DeletionRequest

    paul = browse(asking.paul)  # he may only look
    assert "Demander la suppression" not in paul.get(f"/documents/{asking.document.id}").content.decode()
    assert "pas le droit" in act(paul, asking.document, "ask")
    social = put(asking.one, "Social/paie.pdf", b"pay slip")
    assert browse(asking.marie).post(f"/documents/{social.id}/action", {"do": "ask"}).status_code == 404
    asking.one.client_delete = "allow"
    asking.one.save()
    assert "pas le droit" in act(browse(asking.marie), asking.document, "ask")
    assert not DeletionRequest.objects.exists() and live(asking.document)


def test_a_request_can_be_taken_back_and_is_told_once(
    asking: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.models import DeletionRequest, Letter
    from syncd.portal.notifications import notices

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    asking.boss.email = "boss@example.fr"
    asking.boss.save()
    marie = browse(asking.marie)

    def told() -> list[Any]:
        notices.gather()
        return list(Letter.objects.filter(cabinet=asking.cabinet, subject__contains="suppression").order_by("id"))

    act(marie, asking.document, "ask")
    act(marie, asking.document, "ask")
    assert DeletionRequest.objects.count() == 1 and told() == []  # others may follow: it is not quiet yet
    request = DeletionRequest.objects.get()
    DeletionRequest.objects.update(at=request.at - timedelta(hours=1))
    (letter,) = told()
    assert letter.to == "boss@example.fr" and "1 suppression demandée" in letter.subject
    assert "facture.pdf" in letter.text and "facture.pdf" in letter.html and "/a-faire" in letter.text
    assert len(told()) == 1
    assert "retirée" in act(marie, asking.document, "unask")
    assert not DeletionRequest.objects.exists()
    act(marie, asking.document, "ask")
    act(browse(asking.boss), asking.document, "delete")  # by another way: the request ends with it
    assert not DeletionRequest.objects.exists() and not live(asking.document)


def test_a_contact_hands_on_what_would_be_deleting_and_below_it_is_asking_too(asking: Any, browse: Any) -> None:
    from syncd.portal.models import User
    from syncd.portal.people import accounts
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import PRESETS, Role, Verb

    wish = accounts.Wish(
        "Luc", "luc.asks", Role.MEMBER, {"*": PRESETS["all"]["*"], "payroll": frozenset()}, clients=[asking.one]
    )
    luc = accounts.create(person_of(asking.marie), wish)
    person = person_of(User.objects.get(id=luc.id))
    assert not any(Verb.DELETE in verbs for verbs in person.kinds(asking.one.id).values())
    act(browse(luc), asking.document, "ask")
    assert (
        "Suppression demandée par Luc" in browse(asking.boss).get(f"/documents/{asking.document.id}").content.decode()
    )


def test_a_package_deletes_no_more_than_its_company_may(asking: Any) -> None:
    from syncd.core.protocol import RemoveItem
    from syncd.portal.documents import lifecycle
    from syncd.portal.rights import Engine

    engine, document = Engine(asking.one.cabinet_id), asking.document
    wish = RemoveItem(asking.one.id, document.id, document.version, company=True)
    (answer,) = lifecycle.remove_many(engine, [wish]).results
    assert (answer.status, answer.reason) == ("refused", "ask_deletion") and live(document)
    asking.one.client_delete = "allow"
    asking.one.save()
    assert lifecycle.remove_many(engine, [wish]).results[0].ok and not live(document)
    assert (document.deleted_origin, document.deleted_by) == ("company", asking.one.name)


def test_what_the_cabinet_deletes_is_never_asked(asking: Any) -> None:
    from syncd.core.protocol import RemoveItem
    from syncd.portal.documents import lifecycle
    from syncd.portal.rights import Engine

    document = asking.document
    item = RemoveItem(asking.one.id, document.id, document.version)
    assert lifecycle.remove_many(Engine(asking.one.cabinet_id), [item]).results[0].ok and not live(document)
    assert document.deleted_origin == "cabinet"
