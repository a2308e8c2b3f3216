"""Requests for documents: asked for one client or many, answered from the item, proposed, waived, refused, open again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture
def asked(office: Any, browse: Callable[..., Any]) -> Any:
    """A request of Marie's company: the bank, purchases, and pay slips, which Marie may not see."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.people.visibility import person_of

    office.boss_, office.marie_ = person_of(office.boss), person_of(office.marie)
    items = [
        ListItem("Relevés", "bank", expected=2),
        ListItem("Factures", "purchases"),
        ListItem("Bulletins", "payroll"),
    ]
    wish = Wish("Fin d'année", items, timezone.localdate() + timedelta(days=20))
    office.request = asking.ask(office.boss_, [office.one], wish).requests[0]
    office.bank, office.bills, office.slips = office.request.items.order_by("position")
    office.browser, office.cabinet_ = browse(office.marie), browse(office.boss)
    return office


class Held(datetime):
    """A clock that stands still."""

    at = datetime.now(UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return cls.at


def upload(name: str, data: bytes = b"x") -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, data)


def state(item: Any) -> tuple[str, str]:
    item.refresh_from_db()
    return item.how, item.again


def said(page: Any) -> str:
    """What a page's notice says."""
    found = re.search(r'class="notice[^>]*>.*?<span>(.*?)</span>', page.content.decode(), re.DOTALL)
    return found[1] if found else ""


# -- asking --------------------------------------------------------------------------------------------------------------


def test_a_list_of_twelve_items_is_asked_for_200_clients_in_three_clicks(
    office: Any, browse: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The selection's button, the list, the send button."""
    from syncd.portal.clients.tree import rules_json, rules_of
    from syncd.portal.models import Client, DocumentRequest, RequestedItem

    rules = rules_json(rules_of(office.one).folders)
    Client.objects.bulk_create(
        Client(cabinet=office.cabinet, code=f"b{n:03}", name=f"B {n}", rules=rules) for n in range(198)
    )
    ids = list(Client.objects.filter(cabinet=office.cabinet).values_list("id", flat=True))
    boss = browse(office.boss)
    first = boss.post("/clients/choisis", {"do": "ask", "id": ids}, follow=True)
    assert "À 200 clients à la fois" in first.content.decode()
    second = boss.get("/demandes/nouvelle?list=bilan").content.decode()
    form = dict(re.findall(r'name="(title|due|list)" value="([^"]*)"', second.replace('type="date" ', "")))
    items = re.findall(r'name="item" value="(\d+)" checked', second)
    monkeypatch.setattr("syncd.portal.messages.requests.asking.datetime", Held)  # however long a busy machine takes
    third = boss.post(
        "/demandes/nouvelle", {**form, "item": items, "before": ["7", "1"], "after": "3", "every": "1"}, follow=True
    )
    assert "200 demandes envoyées" in said(third)
    assert (DocumentRequest.objects.count(), RequestedItem.objects.count()) == (200, 2400)
    again = boss.post("/clients/choisis", {"do": "ask", "id": ids}) and boss.post(
        "/demandes/nouvelle", {**form, "item": items}
    )
    assert again.status_code == 302 and DocumentRequest.objects.count() == 200  # a second click asks for nothing twice


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"title": ""}, "titre"), ({"item": []}, "au moins une pièce"), ({"due": "2020-01-01"}, "échéance"), ({"due": "²"}, "échéance"),
        ({"due": "2199-01-01"}, "échéance"), ({"title": "x" * 200}, "titre"), ({"keep": "TVA mensuelle"}, "liste"),
    ],
)  # fmt: skip
def test_what_is_missing_in_a_request_is_said_and_nothing_is_asked(
    office: Any, browse: Callable[..., Any], form: dict[str, Any], why: str
) -> None:
    from syncd.portal.models import DocumentRequest

    good = {
        "client": "000001",
        "list": "bilan",
        "title": "Bilan",
        "item": ["0"],
        "due": f"{timezone.localdate():%Y-%m-%d}",
    }
    page = browse(office.boss).post("/demandes/nouvelle", {**good, **form}, follow=True)
    assert why in said(page) and DocumentRequest.objects.count() == 0


def test_a_list_of_ones_own_is_kept_offered_and_removed(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import DocumentRequest, OwnRequestList

    boss = browse(office.boss)
    form = {
        "client": "000001", "list": "libre", "title": "Loyers", "label-1": "Quittances <b>", "kind-1": "purchases", "expected-1": "3",
        "due": f"{timezone.localdate():%Y-%m-%d}", "keep": "Loyers et charges",
    }  # fmt: skip
    assert "1 demande envoyée" in said(boss.post("/demandes/nouvelle", form, follow=True))
    page = boss.get("/demandes/nouvelle?client=000001").content.decode()
    assert "Loyers et charges" in page and "Bilan annuel" in page
    page = boss.get("/demandes/nouvelle?client=000001&list=loyers-et-charges").content.decode()
    assert "Quittances &lt;b&gt;" in page
    assert "supprimée" in said(boss.post("/demandes/nouvelle", {"client": "000001", "list": "loyers-et-charges", "do": "forget"}, follow=True))  # fmt: skip
    assert OwnRequestList.objects.count() == 0 and DocumentRequest.objects.get().items.get().expected == 3


def test_who_does_not_work_in_a_kind_of_folder_asks_for_nothing_there(office: Any) -> None:
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import Client, Grant, Portfolio, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    aide = User.objects.create(cabinet=office.cabinet, sign_in="aide", role="assistant", parent=office.boss)
    Grant.objects.create(user=aide, kind="*", verbs="view deposit download")
    Grant.objects.create(user=aide, kind="payroll", verbs="")
    Portfolio.objects.create(user=aide, field="client", value=office.one.id)
    due = timezone.localdate()
    both = [ListItem("a", "bank"), ListItem("b", "payroll")]
    made = asking.ask(person_of(aide), [office.one, office.two], Wish("x", both, due))
    assert [i.label for r in made.requests for i in r.items.all()] == ["a"] and made.left == [office.two]
    Client.objects.filter(id=office.one.id).update(closed=True)
    for actor, clients in ((aide, [office.one]), (office.boss, [office.foreign]), (office.marie, [office.one])):
        with pytest.raises(Refusal):
            asking.ask(person_of(actor), clients, Wish("y", both, due))


# -- answering -----------------------------------------------------------------------------------------------------------


def test_a_person_without_an_address_reads_answers_and_prints(asked: Any) -> None:
    assert asked.marie.email == ""
    home = asked.browser.get("/").content.decode()
    assert "Le cabinet vous demande" in home and "Relevés" in home and "Bulletins" not in home
    page = asked.browser.get(f"/demandes/piece/{asked.bills.id}").content.decode()
    assert "Ils vont dans « Achats »" in page
    sheet = asked.browser.get(f"/demandes/fiches?id={asked.request.id}").content.decode()
    assert sheet.count("<svg") >= 2 and "Bulletins" not in sheet
    done = asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("edf.pdf")}, follow=True)
    assert "1 document déposé pour « Factures » – accusé" in said(done)
    assert state(asked.bills) == ("documents", "")
    assert "Rien ne vous est demandé" not in asked.browser.get("/demandes").content.decode()
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bank.id, "do": "waive", "word": "compte clos"})
    assert state(asked.bank) == ("waived", "")
    assert "Rien ne vous est demandé" in asked.browser.get("/demandes").content.decode()
    asked.request.refresh_from_db()
    assert asked.request.closed_at is None  # the pay slips, of which Marie knows nothing
    assert "compte clos" in asked.cabinet_.get(f"/demandes/{asked.request.id}").content.decode()


def test_the_picture_on_paper_leads_to_the_very_item(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import segno

    made, drawn = segno.make, list[str]()

    def make(text: str, **options: Any) -> Any:
        drawn.append(text)
        return made(text, **options)

    monkeypatch.setattr(segno, "make", make)
    asked.cabinet_.get(f"/demandes/fiches?id={asked.request.id}")
    assert drawn == [f"http://testserver/demandes/piece/{i.id}" for i in (asked.bank, asked.bills, asked.slips)]
    from django.test import Client as Browser

    answer = Browser().get(drawn[0])  # who is not signed in comes back to it
    assert answer.headers["Location"] == f"/connexion?next=/demandes/piece/{asked.bank.id}"


def test_a_company_does_not_see_an_item_of_a_folder_it_may_not_see(asked: Any, browse: Callable[..., Any]) -> None:
    for page in ("/", "/demandes", f"/demandes/{asked.request.id}", "/demandes/fiches"):
        assert "Bulletins" not in asked.browser.get(page).content.decode(), page
    for path in (f"/demandes/piece/{asked.slips.id}", f"/demandes/fiches?id={'0' * 32}"):
        assert asked.browser.get(path).status_code in (404, 200)
    assert asked.browser.get(f"/demandes/piece/{asked.slips.id}").status_code == 404
    assert asked.browser.post(f"/demandes/piece/{asked.slips.id}", {"documents": upload("a.pdf")}).status_code == 404
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.slips.id, "do": "waive", "word": "x"})
    assert state(asked.slips) == ("", "")


def test_a_right_that_is_withdrawn_closes_every_page_at_once(asked: Any) -> None:
    from syncd.portal.models import Grant

    assert asked.browser.get(f"/demandes/{asked.request.id}").status_code == 200
    Grant.objects.filter(user=asked.marie).update(verbs="")
    for path in (f"/demandes/{asked.request.id}", f"/demandes/piece/{asked.bank.id}"):
        assert asked.browser.get(path).status_code == 404
    assert "Relevés" not in asked.browser.get("/demandes").content.decode()
    assert "Relevés" not in asked.browser.get(f"/demandes/fiches?id={asked.request.id}").content.decode()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a\u202eb", "=cmd|' /C calc'!A0", "é" * 5000])
def test_what_people_write_is_shown_inert(asked: Any, text: str) -> None:
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bank.id, "do": "waive", "word": text})
    page = asked.cabinet_.get(f"/demandes/{asked.request.id}").content.decode()
    assert "<script>alert" not in page and "\u202e" not in page and "é" * 301 not in page
    assert state(asked.bank)[0] == "waived"


def test_lines_without_end_and_nuls_are_refused_or_cut(asked: Any, browse: Callable[..., Any]) -> None:
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bank.id, "do": "waive", "word": "a\n" * 10_000})
    asked.bank.refresh_from_db()
    assert len(asked.bank.word) <= 300 and "\n" not in asked.bank.word
    nul = asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "waive", "word": "a\0"})
    assert nul.status_code == 400 and state(asked.bills) == ("", "")
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "waive", "word": "\u3164"})
    assert state(asked.bills) == ("", "")


def test_two_who_answer_at_once_are_both_kept_and_the_order_stands(asked: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import ItemAnswer, RequestedItem

    one, two = put(asked.one, "Banque/a.pdf", b"a"), put(asked.one, "Banque/b.pdf", b"b")
    seen = [RequestedItem.objects.select_related("request__client").get(id=asked.bank.id) for _ in range(2)]
    answers.give(asked.marie_, seen[0], [one])
    answers.give(asked.boss_, seen[1], [two, one])
    assert {a.document_id for a in ItemAnswer.objects.all()} == {one.id, two.id}
    assert state(asked.bank) == ("documents", "")


def test_an_item_waits_for_as_many_documents_as_it_says(asked: Any) -> None:
    asked.browser.post(f"/demandes/piece/{asked.bank.id}", {"documents": upload("a.pdf", b"a")})
    assert state(asked.bank) == ("", "")
    assert "1 sur 2" in asked.browser.get(f"/demandes/{asked.request.id}").content.decode()
    asked.browser.post(f"/demandes/piece/{asked.bank.id}", {"documents": upload("b.pdf", b"b")})
    assert state(asked.bank) == ("documents", "")


def test_two_hundred_documents_of_one_form_are_one_deposit_and_one_answer(asked: Any) -> None:
    """At most a hundred of one form; all under one receipt."""
    from syncd.portal.models import Deposit

    files = [upload(f"{n}.pdf", b"%d" % n) for n in range(12)]
    asked.browser.post(f"/demandes/piece/{asked.bank.id}", {"documents": files})
    assert Deposit.objects.count() == 1 and asked.bank.answers.count() == 12


def test_what_the_folder_refuses_is_said_and_closes_nothing(asked: Any) -> None:
    page = asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("virus.exe")}, follow=True)
    assert "virus.exe" in said(page) and state(asked.bills) == ("", "")
    page = asked.browser.post(f"/demandes/piece/{asked.bills.id}", {}, follow=True)
    assert "au moins un document" in said(page)


def test_a_deposit_made_elsewhere_that_fits_is_proposed_and_taken_by_one_click(
    asked: Any, put: Callable[..., Any]
) -> None:
    from syncd.portal.models import RequestedItem

    RequestedItem.objects.filter(id=asked.bills.id).update(start="2026-10-01", end="2026-10-31")
    put(asked.one, "Achats/facture septembre 2026.pdf", b"s")
    fit = put(asked.one, "Achats/facture octobre 2026.pdf", b"o")
    put(asked.one, "Social/bulletin.pdf", b"p")
    page = asked.browser.get(f"/demandes/{asked.request.id}").content.decode()
    near = re.findall(r'name="document" value="(\w+)"', page)
    assert near == [fit.id]
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "document": fit.id, "do": "give"})
    assert state(asked.bills) == ("documents", "")
    page = asked.browser.get(f"/demandes/{asked.request.id}").content.decode()
    assert re.findall(r'name="document" value="(\w+)"', page) == []


def test_a_document_of_another_client_answers_nothing(asked: Any, put: Callable[..., Any]) -> None:
    other, foreign = put(asked.two, "Achats/a.pdf", b"1"), put(asked.foreign, "Achats/b.pdf", b"2")
    slip = put(asked.one, "Social/bulletin.pdf", b"p")
    for document in (other, foreign, slip):
        form = {"item": asked.bills.id, "document": document.id, "do": "give"}
        assert asked.browser.post(f"/demandes/{asked.request.id}", form).status_code == 404
    assert asked.cabinet_.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "document": other.id, "do": "give"}).status_code == 404  # fmt: skip
    assert state(asked.bills) == ("", "")


# -- open again ------------------------------------------------------------------------------------------------------------


def test_an_item_whose_document_is_deleted_is_awaited_again_with_the_reason_and_over_when_it_is_put_back(
    asked: Any,
) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.messages.requests import answers

    asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("edf.pdf")})
    for item in (asked.bank, asked.slips):
        asked.cabinet_.post(f"/demandes/{asked.request.id}", {"item": item.id, "do": "close"})
    asked.request.refresh_from_db()
    assert asked.request.closed_at is not None and asked.request.remind_on is None
    lifecycle.remove(asked.boss_, lifecycle.live(asked.one, "Achats/edf.pdf"))
    assert answers.look_again(datetime.now(UTC)) == 1
    assert state(asked.bills) == ("", "deleted")
    asked.request.refresh_from_db()
    assert asked.request.closed_at is None and asked.request.remind_on is not None
    assert "« edf.pdf » a été supprimé" in asked.browser.get(f"/demandes/{asked.request.id}").content.decode()
    lifecycle.restore(asked.boss_, asked.bills.answers.get().document)
    assert (answers.look_again(datetime.now(UTC)), answers.look_again(datetime.now(UTC))) == (1, 0)
    assert state(asked.bills) == ("documents", "")


def test_a_document_the_cabinet_cannot_use_opens_the_item_again_and_says_why(asked: Any) -> None:
    asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("edf.pdf")})
    answer = asked.bills.answers.get()
    form = {"item": asked.bills.id, "answer": answer.pk, "do": "refuse"}
    asked.browser.post(f"/demandes/{asked.request.id}", {**form, "reason": "illegible"})
    asked.cabinet_.post(f"/demandes/{asked.request.id}", {**form, "reason": "other"})
    assert state(asked.bills) == ("documents", "")  # not the company's to say; and « autre raison » needs its word
    page = asked.cabinet_.post(
        f"/demandes/{asked.request.id}", {**form, "reason": "illegible", "word": "page 2"}, follow=True
    )
    assert "de nouveau demandé" in said(page) and state(asked.bills) == ("", "refused")
    page = unescape(asked.browser.get(f"/demandes/piece/{asked.bills.id}").content.decode())
    assert "« edf.pdf » n'a pas pu être utilisé (illisible) : page 2" in page
    asked.request.refresh_from_db()
    assert asked.request.pressed_on == timezone.localdate()
    asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("edf 2.pdf", b"2")})
    assert state(asked.bills) == ("documents", "")


def test_what_was_waived_is_asked_for_again(asked: Any) -> None:
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "waive", "word": "rien"})
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "reopen"})
    assert state(asked.bills) == ("waived", "")
    asked.cabinet_.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "reopen"})
    assert state(asked.bills) == ("", "reopened")
    page = asked.cabinet_.post(f"/demandes/{asked.request.id}", {"do": "close_all"}, follow=True)
    assert "3 pièces closes" in said(page) and "Plus rien n'est attendu" in unescape(page.content.decode())


def test_in_a_space_that_is_switched_off_nothing_is_asked_or_answered(asked: Any) -> None:
    from syncd.portal.models import Client

    Client.objects.filter(id=asked.one.id).update(closed=True)
    page = asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("a.pdf")}, follow=True)
    assert "désactivé" in said(page) and state(asked.bills) == ("", "")
    asked.browser.post(f"/demandes/{asked.request.id}", {"item": asked.bills.id, "do": "waive", "word": "x"})
    assert state(asked.bills) == ("", "")
    assert "Le cabinet vous demande" not in asked.browser.get("/").content.decode()


def test_a_person_who_left_keeps_their_name(asked: Any) -> None:
    from syncd.portal.models import User

    asked.browser.post(f"/demandes/piece/{asked.bills.id}", {"documents": upload("edf.pdf")})
    User.objects.filter(id=asked.marie.id).update(is_active=False)
    assert "par Marie Dupont" in asked.cabinet_.get(f"/demandes/{asked.request.id}").content.decode()


def test_a_refused_document_that_nothing_lacks_asks_for_nothing_again(asked: Any, put: Callable[..., Any]) -> None:
    """Two were given for one: nobody is told that it is awaited, on the page or in the thread."""
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import ThreadEntry

    both = [put(asked.one, f"Achats/{n}.pdf", b"%d" % n) for n in range(2)]
    answers.give(asked.marie_, asked.bills, both)
    answer, said_ = asked.bills.answers.first(), ThreadEntry.objects.count()
    form = {"item": asked.bills.id, "answer": answer.pk, "do": "refuse", "reason": "illegible"}
    page = asked.cabinet_.post(f"/demandes/{asked.request.id}", form, follow=True)
    answer.refresh_from_db()
    assert answer.refused_at is not None and state(asked.bills) == ("documents", "")
    assert "de nouveau demandé" not in page.content.decode() and "attend rien" in page.content.decode()
    assert ThreadEntry.objects.count() == said_
    asked.request.refresh_from_db()
    assert asked.request.pressed_on is None
