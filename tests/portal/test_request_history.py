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


def test_what_is_of_several_folders_names_nothing_to_whoever_reads_what_is_general(office: Any) -> None:
    from syncd.portal.messages.requests import answers
    from syncd.portal.people.visibility import person_of

    request = ask(office, ("Licenciement de M. Durand", "payroll"), ("Relevés", "bank"))
    answers.waive(person_of(office.boss), request.items.get(kind="payroll"), "parti")
    said = " ".join(text for *_rest, text in entries("other"))
    assert "2 pièces demandées" in said.replace("\u00a0", " ")
    assert "Durand" not in said and "Fin de mois" not in said and entries("payroll") == []
    assert "parti" not in said


def test_the_thread_leads_to_the_request(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Thread

    request = ask(office, ("Relevés", "bank"))
    page = browse(office.boss).get(f"/echanges/{Thread.objects.get().id}").content.decode()
    assert f'href="/demandes/{request.id}"' in page
