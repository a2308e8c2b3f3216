"""What happens to requests stands in the client's threads, for whoever may read of those folders, and sends no mail of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone


def ask(office: Any, *items: tuple[str, str]) -> Any:
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.people.visibility import person_of

    wish = Wish("Fin de mois", [ListItem(*i) for i in items], timezone.localdate() + timedelta(days=9))
    return asking.ask(person_of(office.boss), [office.one], wish).requests[0]


def entries(kind: str) -> list[tuple[str, str, str, str]]:
    from syncd.portal.models import ThreadEntry

    found = ThreadEntry.objects.filter(thread__kind=kind).order_by("number")
    return [(e.kind, e.by, e.origin, e.text) for e in found]


def test_each_step_is_an_entry_in_the_thread_of_its_kind_and_nobody_gets_a_second_mail(
    office: Any, put: Callable[..., Any]
) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import Thread, ThreadReader
    from syncd.portal.people.visibility import person_of

    request = ask(office, ("Relevés", "bank"))
    item, marie, boss = request.items.get(), person_of(office.marie), person_of(office.boss)
    document = put(office.one, "Banque/a.pdf", b"a")
    answers.give(marie, item, [document])
    answers.refuse(boss, item.answers.select_related("item__request__client__cabinet").get(), "illegible")
    answers.give(marie, item, [document])
    lifecycle.remove(boss, document)
    answers.look_again(datetime.now(UTC))
    item.refresh_from_db()
    answers.waive(marie, item, "compte clos")
    day = f"{request.due_on:%d/%m/%Y}"
    assert [(k, by, o, t.replace("\u00a0", " ")) for k, by, o, t in entries("bank")] == [
        ("request", "boss", "cabinet", f"« Fin de mois » : 1 pièce demandée pour le {day}."),
        ("answer", "Marie Dupont", "company", "« Relevés » : 1 document déposé"),
        ("system", "boss", "cabinet", "« Relevés » : de nouveau demandée (illisible)"),
        ("answer", "Marie Dupont", "company", "« Relevés » : 1 document déposé"),
        ("system", "Cabinet Martin", "cabinet", "« Relevés » : de nouveau demandée (document supprimé)"),
        ("answer", "Marie Dupont", "company", "« Relevés » : sans objet (compte clos)"),
    ]
    assert Thread.objects.get().subject == "Demandes de pièces"
    assert not ThreadReader.objects.exclude(mail_since=None).exists()


def test_of_a_request_of_several_folders_each_reader_counts_what_they_may_see(talking: Any) -> None:
    from syncd.portal.messages.requests import answers, listing
    from syncd.portal.messages.threads import Wanted, listed
    from syncd.portal.people.visibility import person_of

    items = (("Licenciement de M. Durand", "payroll"), ("Solde", "payroll"), ("Relevés", "bank"))
    request = ask(talking, *items)
    boss, marie = person_of(talking.boss), person_of(talking.marie)  # Marie sees no pay slips
    answers.waive(boss, request.items.get(label="Solde"), "parti")
    day = f"{request.due_on:%d/%m/%Y}"
    read = {k: [t.replace("\u00a0", " ") for *_rest, t in entries(k)] for k in ("bank", "payroll", "other")}
    assert read["bank"] == [f"« Fin de mois » : 1 pièce demandée pour le {day}."] and read["other"] == []
    assert read["payroll"] == [
        f"« Fin de mois » : 2 pièces demandées pour le {day}.", "« Solde » : sans objet (parti)",
    ]  # fmt: skip
    assert [t.kind for t in listed(marie, Wanted())] == ["bank"]
    assert sorted(t.kind for t in listed(boss, Wanted())) == ["bank", "payroll"]
    answers.close(boss, [request.items.get(kind="bank")])  # what is awaited still is none of Marie's business
    for actor, open_, over in ((marie, [], [request]), (boss, [request], [])):
        assert list(listing.requests(actor, listing.Wanted("open"))) == open_
        assert list(listing.requests(actor, listing.Wanted("closed"))) == over
    assert (listing.standing(marie).open, listing.standing(boss).open) == (0, 1)


def test_two_requests_at_once_stand_one_after_the_other_and_those_told_have_something_to_read(talking: Any) -> None:
    from syncd.portal.messages import threads
    from syncd.portal.messages.requests import history
    from syncd.portal.models import Thread, ThreadReader
    from syncd.portal.people.visibility import person_of

    first = ask(talking, ("Relevés", "bank"))
    threads.saw(person_of(talking.marie), Thread.objects.get())
    history.asked([(first, ["bank"]), (first, ["bank", "no such kind"])])
    thread = Thread.objects.get(kind="bank")
    assert [e.number for e in thread.entries.order_by("number")] == [1, 2, 3] and thread.last == thread.shared == 3
    assert threads.unread(person_of(talking.marie)) == 2  # one in each thread
    assert [t.replace("\u00a0", " ") for *_r, t in entries("other")] == [
        f"Des pièces sont demandées pour le {first.due_on:%d/%m/%Y}."
    ]
    assert not ThreadReader.objects.exclude(mail_since=None).exists()


def test_the_thread_leads_to_the_request(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Thread

    request = ask(office, ("Relevés", "bank"))
    page = browse(office.boss).get(f"/echanges/{Thread.objects.get().id}").content.decode()
    assert f'href="/demandes/{request.id}"' in page


def test_where_nothing_is_said_there_is_nothing_to_read(talking: Any) -> None:
    """What is asked of several at once, of each in other folders."""
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.messages.mass_entries import Place, append_each
    from syncd.portal.models import ThreadReader
    from syncd.portal.rights import Operator

    def place(client: Any, kind: str) -> Place:
        return Place(Operator(talking.cabinet.id, "Cabinet"), client, kind, Said(Kind.REQUEST, "une pièce"))

    append_each("Demandes", [place(talking.one, "payroll")])
    assert ThreadReader.objects.filter(unread=True).update(unread=False)
    append_each("Demandes", [place(talking.one, "bank"), place(talking.two, "payroll")])
    unread = ThreadReader.objects.filter(unread=True).values_list("thread__client__code", "thread__kind").distinct()
    assert set(unread) == {("000001", "bank"), ("000002", "payroll")}
