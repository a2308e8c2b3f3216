"""Threads: one per client and subject, entries that nobody changes, read by right and told by choice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.portal.talk import person, say, threads_of, told_of, unread


def test_one_thread_holds_what_is_said_of_a_subject(talking: Any) -> None:
    first = say(talking.marie, talking.one, "TVA  d'octobre", "Bonjour")
    again = say(talking.boss, talking.one, "tva d’Octobre", "Bonjour Marie")
    assert again.id == first.id and threads_of(talking.boss) == threads_of(talking.marie) == ["TVA d'octobre"]
    assert [(e.number, e.by, e.text) for e in first.entries.order_by("number")] == [
        (1, "Marie Dupont", "Bonjour"), (2, "boss", "Bonjour Marie"),
    ]  # fmt: skip
    assert say(talking.boss, talking.two, "TVA d'octobre", "x").id != first.id


def test_an_entry_is_never_written_again(talking: Any) -> None:
    entry = say(talking.marie, talking.one, "TVA", "Bonjour").entries.get()
    entry.text = "autre"
    with pytest.raises(TypeError):
        entry.save()


@pytest.mark.parametrize("who", ["rh", "silent"])
def test_whoever_may_not_read_has_no_thread_and_writes_into_none(talking: Any, who: str) -> None:
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.refusals import Refusal

    thread, user = say(talking.marie, talking.one, "TVA", "Bonjour"), getattr(talking, who)
    assert threads_of(user) == []
    with pytest.raises(Refusal):
        append(person(user), thread, Said(Kind.MESSAGE, "moi aussi"))
    with pytest.raises(Refusal):
        say(user, talking.one, "Autre", "bonjour")


def test_what_is_said_of_payroll_is_for_those_of_payroll(talking: Any) -> None:
    say(talking.rh, talking.one, "Prime", "Une question", "payroll")
    assert threads_of(talking.rh) == threads_of(talking.boss) == ["Prime"]
    assert threads_of(talking.marie) == threads_of(talking.paul) == []  # paul's right is cut by marie's, above him


def test_two_companies_and_two_cabinets_never_see_each_others(talking: Any) -> None:
    from syncd.portal.messages.threads import open_thread
    from syncd.portal.models import Grant, User
    from syncd.portal.refusals import Refusal

    other = User.objects.create(cabinet=talking.cabinet, sign_in="other", role="contact")
    Grant.objects.create(user=other, client=talking.two, kind="*", verbs="view message")
    stranger = User.objects.create(cabinet=talking.foreign.cabinet, sign_in="stranger", role="correspondent")
    say(talking.marie, talking.one, "TVA", "Bonjour")
    assert threads_of(other) == threads_of(stranger) == []
    for user, client in ((other, talking.one), (stranger, talking.one), (talking.boss, talking.foreign)):
        with pytest.raises(Refusal):
            open_thread(person(user), client, "TVA")


def test_a_note_of_the_cabinet_is_never_there_for_the_company(talking: Any) -> None:
    from syncd.portal.messages.threads import Wanted, listed, shown
    from syncd.portal.refusals import Refusal

    thread = say(talking.boss, talking.one, "Contrôle", "à surveiller", internal=True)
    assert threads_of(talking.boss) == ["Contrôle"] and threads_of(talking.marie) == []
    assert unread(talking.marie) == 0 and threads_of(talking.marie, words="surveiller") == []
    assert say(talking.marie, talking.one, "contrôle", "Que dois-je préparer ?").id == thread.id
    before = listed(person(talking.marie), Wanted()).get().shared_at
    say(talking.boss, talking.one, "Contrôle", "encore une note", internal=True)
    thread = listed(person(talking.marie), Wanted()).get()
    assert thread.shared_at == before and thread.shared == 2  # nothing tells that a note was written
    assert [e.text for e in thread.entries.filter(shown(person(talking.marie)))] == ["Que dois-je préparer ?"]
    assert threads_of(talking.marie, words="note") == [] and threads_of(talking.boss, words="note") == ["Contrôle"]
    with pytest.raises(Refusal):
        say(talking.marie, talking.one, "Contrôle", "moi aussi", internal=True)


def test_a_right_taken_away_takes_the_thread_away_at_once(talking: Any) -> None:
    from syncd.portal.models import Grant

    say(talking.boss, talking.one, "TVA", "Bonjour")
    assert threads_of(talking.paul) == ["TVA"]
    Grant.objects.filter(user=talking.marie, kind="*").update(verbs="view deposit")  # above paul
    assert threads_of(talking.paul) == threads_of(talking.marie) == [] and unread(talking.marie) == 0
    Grant.objects.filter(user=talking.marie, kind="*").update(verbs="view message")
    talking.marie.is_active = False
    talking.marie.save()
    assert threads_of(talking.paul) == []


def test_recipients_say_who_is_told_and_never_who_reads(talking: Any) -> None:
    thread = say(talking.boss, talking.one, "TVA", "Bonjour", told=[talking.paul.id, talking.rh.id])
    assert told_of(thread) == {"paul", "boss"}  # rita may not read it
    assert threads_of(talking.marie) == ["TVA"] and (unread(talking.marie), unread(talking.paul)) == (0, 1)
    say(talking.marie, talking.one, "TVA", "Merci", told=[talking.marie.id])
    assert told_of(thread) == {"marie", "boss"} and unread(talking.boss) == 1  # somebody of the cabinet always is


def test_usually_contacts_and_the_responsible_are_told(talking: Any) -> None:
    from syncd.portal.models import User

    anne = User.objects.create(cabinet=talking.cabinet, sign_in="anne", role="correspondent")
    assert told_of(say(talking.boss, talking.one, "Un", "x")) == {"boss", "anne", "marie"}
    talking.one.responsible = anne
    talking.one.save()
    assert told_of(say(talking.marie, talking.one, "Deux", "x")) == {"anne", "marie"}


def test_whoever_read_it_has_nothing_unread_until_more_is_said(talking: Any) -> None:
    from syncd.portal.messages.threads import saw
    from syncd.portal.models import Thread, ThreadReading

    thread = say(talking.boss, talking.one, "TVA", "Bonjour")
    assert unread(talking.marie) == 1 and unread(talking.boss) == 0
    shown = Thread.objects.get(id=thread.id)
    say(talking.boss, talking.one, "TVA", "Encore")  # while the page of before is still looked at
    saw(person(talking.marie), shown)
    assert unread(talking.marie) == 1
    saw(person(talking.marie), Thread.objects.get(id=thread.id))
    saw(person(talking.marie), Thread.objects.get(id=thread.id))
    assert unread(talking.marie) == 0
    assert list(ThreadReading.objects.values_list("by", "number").order_by("number")) == [
        ("Marie Dupont", 1),
        ("Marie Dupont", 2),
    ]
    say(talking.boss, talking.one, "TVA", "Toujours")
    assert unread(talking.marie) == 1


def test_a_thread_about_a_document_is_seen_by_who_sees_the_document(talking: Any, put: Any) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.messages.threads import thread_of
    from syncd.portal.models import Document
    from syncd.portal.refusals import Refusal

    document = put(talking.one, "Achats/facture.pdf", b"1")
    thread = thread_of(person(talking.boss), document)
    append(person(talking.boss), thread, Said(Kind.QUESTION, "Quelle TVA ?"))
    assert threads_of(talking.marie) == ["facture.pdf"] and threads_of(talking.rh) == []
    lifecycle.move(person(talking.boss), document, "Social/facture.pdf")
    assert threads_of(talking.marie) == [] and threads_of(talking.rh) == ["facture.pdf"]
    with pytest.raises(Refusal):
        append(person(talking.marie), thread, Said(Kind.MESSAGE, "20 %"))
    Document.objects.filter(id=document.id).update(withdrawn=True, tombstone="x")
    assert threads_of(talking.rh) == [] and threads_of(talking.boss) == ["facture.pdf"]


def test_a_question_stands_until_the_other_side_answers(talking: Any, put: Any) -> None:
    from syncd.portal.messages.entries import Kind, Said, append
    from syncd.portal.messages.threads import thread_of

    thread = thread_of(person(talking.boss), put(talking.one, "Achats/facture.pdf", b"1"))
    states = []
    for who, kind, internal in (
        (talking.boss, Kind.QUESTION, False), (talking.boss, Kind.MESSAGE, False), (talking.boss, Kind.MESSAGE, True),
        (talking.marie, Kind.MESSAGE, False), (talking.marie, Kind.QUESTION, False), (talking.boss, Kind.MESSAGE, True),
        (talking.boss, Kind.ANSWER, False),
    ):  # fmt: skip
        append(person(who), thread, Said(kind, "texte", internal=internal))
        states.append((thread.question, thread.asked_by))
    asked, answered = ("asked", "cabinet"), ("answered", "cabinet")
    assert states[:4] == [asked, asked, asked, answered]
    assert states[4:] == [("asked", "company"), ("asked", "company"), ("answered", "company")]


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u202e\u200b", "x" * 20_001, "\0"])
def test_what_says_nothing_or_too_much_is_refused(talking: Any, text: str) -> None:
    from syncd.portal.models import ThreadEntry
    from syncd.portal.refusals import Refusal

    with pytest.raises(Refusal):
        say(talking.marie, talking.one, "TVA", text)
    assert threads_of(talking.boss) == [] and not ThreadEntry.objects.exists()


def test_where_a_client_is_switched_off_all_is_read_and_nothing_said(talking: Any) -> None:
    from syncd.portal.refusals import Refusal

    say(talking.boss, talking.one, "TVA", "Bonjour")
    talking.one.closed = True
    talking.one.save()
    for user in (talking.boss, talking.marie):
        with pytest.raises(Refusal):
            say(user, talking.one, "TVA", "encore")
        assert threads_of(user) == ["TVA"]


def test_an_engine_neither_reads_nor_writes(talking: Any) -> None:
    from syncd.portal.messages.threads import open_thread
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Engine, Operator

    with pytest.raises(Refusal):
        open_thread(Engine(talking.cabinet.id), talking.one, "TVA")
    assert open_thread(Operator(talking.cabinet.id, "Cabinet Martin"), talking.one, "TVA").subject == "TVA"


def test_pages_of_a_list_follow_each_other_without_gap_or_double(talking: Any) -> None:
    from syncd.portal.messages.threads import Wanted, listed
    from syncd.portal.models import Thread

    for n in range(7):
        say(talking.boss, talking.one, f"Sujet {n}", "x")
    moment = Thread.objects.latest("last_at").last_at
    Thread.objects.update(last_at=moment, shared_at=moment)  # all at the same moment
    found: list[str] = []
    while page := list(listed(person(talking.marie), Wanted(after=found[-1] if found else ""))[:3]):
        found += [t.id for t in page]
    assert len(found) == len(set(found)) == 7


def test_a_deactivated_persons_words_stay_under_their_name(talking: Any) -> None:
    from syncd.portal.models import ThreadEntry

    say(talking.paul, talking.one, "TVA", "Bonjour")
    talking.paul.is_active = False
    talking.paul.save()
    assert ThreadEntry.objects.get().by == "Paul" and threads_of(talking.marie) == ["TVA"]


def test_of_two_who_answer_at_once_both_are_kept_in_order(office_there: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    from syncd.portal.models import Thread

    boss, client = office_there.boss, office_there.one

    def answers(n: int) -> None:
        try:
            say(boss, client, "TVA", f"réponse {n}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(answers, range(8)))
    thread = Thread.objects.get(client=client)
    entries = list(thread.entries.order_by("number"))
    assert [e.number for e in entries] == list(range(1, 9)) and thread.last == thread.shared == 8
    assert {e.text for e in entries} == {f"réponse {n}" for n in range(8)}
    assert [e.at for e in entries] == sorted(e.at for e in entries)


def test_whoever_saw_documents_before_there_were_messages_reads_those_about_them(office: Any) -> None:
    """What the migration gives, and takes when it is undone."""
    from importlib import import_module

    from django.apps import apps

    from syncd.portal.models import Grant

    step = import_module("syncd.portal.migrations.0029_threads")

    def held() -> set[tuple[int, frozenset[str]]]:
        return {(g.pk, frozenset(g.verbs.split())) for g in Grant.objects.all()}

    before = held()
    step.give_messages(apps, None)
    assert all(("message" in g.verbs.split()) is ("view" in g.verbs.split()) for g in Grant.objects.all())
    assert threads_of(office.marie) == [] and person(office.marie).reads_messages
    step.take_messages(apps, None)
    assert held() == before
