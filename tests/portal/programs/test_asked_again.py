"""What a program asks twice, at once or later, and what changed in between: found by a reader who tried to break it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from syncd.core.client_link import is_ours, shortcut
from tests.portal.programs.program import Caller, make
from tests.portal.programs.test_deposits import deposit


def test_one_word_asked_many_times_at_once_makes_one_document(caller: Any, office_there: Any) -> None:
    from syncd.portal.models import Document

    program = caller("deposit")

    async def sent() -> list[Any]:
        async with program.line() as line:
            return await asyncio.gather(
                *(
                    line.post(
                        "/clients/000001/documents", params={"folder": "Achats", "name": "a.pdf"}, content=f"body {n}".encode(),
                        headers={"Idempotency-Key": "word-0001"},
                    )
                    for n in range(6)
                )
            )  # fmt: skip

    codes = [answer.status_code for answer in asyncio.run(sent())]
    assert codes.count(201) == 1 and set(codes) <= {201, 409, 503}
    assert Document.objects.count() == 1


def test_a_repeat_tells_no_place_that_the_key_does_not_see(office: Any, inline: None) -> None:
    from syncd.portal.models import Document

    program = Caller(make(office.cabinet, "read", "deposit"))
    first = deposit(program, "a.pdf", b"one", "word-0001").json()
    moved = "Social/Licenciement Dupont.pdf"
    Document.objects.filter(id=first["document"]).update(path=moved, key=moved.casefold(), kind="payroll")
    again = deposit(program, "a.pdf", b"one", "word-0001")
    assert again.status_code == 200 and "Licenciement" not in again.text and again.json()["folder"] == ""


@pytest.mark.parametrize("since", [{"quota": 1}, {"closed": True}])
def test_a_repeat_of_what_was_deposited_is_answered_whatever_changed_since(
    office: Any, inline: None, since: dict[str, Any]
) -> None:
    from syncd.portal.models import Client, Document

    program = Caller(make(office.cabinet, "deposit"))
    deposit(program, "a.pdf", b"one", "word-0001")
    Client.objects.filter(id=office.one.id).update(**since)
    Document.objects.update(path="Achats/renamed.pdf", key="achats/renamed.pdf")
    again = deposit(program, "a.pdf", b"one", "word-0001")
    assert again.status_code == 200 and again.json()["repeated"]


def test_entries_that_a_program_says_reach_the_cursors_of_others(office: Any, put: Any, inline: None) -> None:
    program = Caller(make(office.cabinet, "read", "reference"))
    document = put(office.one, "Achats/a.pdf", b"one")
    reference = "AC/2026-08-31/1"
    since = program.all_documents(reference=reference)[1]
    entry = {"journal": "AC", "date": "2026-08-31", "piece": "1"}
    assert program.ask("PUT", f"/documents/{document.id}/entries", json={"entries": [entry]}).status_code == 200
    assert program.get("/documents", since=since, reference=reference).json()["documents"]


def test_a_siren_of_another_company_than_the_siret_that_stays_is_a_fault(office: Any, inline: None) -> None:
    from syncd.portal.models import Client

    Client.objects.filter(id=office.one.id).update(siren="732829320", siret="73282932000074")
    program = Caller(make(office.cabinet, "cards", kinds=()))
    said = program.ask("PATCH", "/clients/000001/card", json={"siren": "552100554"}, headers={"If-Match": "*"}).json()
    assert [fault["field"] for fault in said["faults"]] == ["siren"] and said["card"]["siren"] == "732829320"


def test_the_first_deposit_of_a_day_is_written_down_whoever_comes_meanwhile(
    office: Any, inline: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.documents import deposit as deposits
    from syncd.portal.models import Audit

    program, first = Caller(make(office.cabinet, "deposit")), list[int]()
    real = deposits.take

    def take(*given: Any) -> Any:
        line = real(*given)
        if not first:
            first.append(1)
            deposit(program, "b.pdf", b"two", "word-0002")
        return line

    monkeypatch.setattr(deposits, "take", take)
    deposit(program, "a.pdf", b"one", "word-0001")
    assert Audit.objects.filter(what="program_deposit").exists()


@pytest.mark.parametrize("query", ["/documents?reference=%00", "/clients?after=%00"])
def test_a_nul_in_a_question_is_a_fault_of_the_question(office: Any, inline: None, query: str) -> None:
    assert Caller(make(office.cabinet, "read")).ask("GET", query).status_code == 422


def test_a_portal_of_whatever_address_has_its_link(office: Any) -> None:
    there = {
        "https://[2001:db8::1]:8443": b"URL=https://[2001:db8::1]:8443/c/",
        "https://portail.fr/é": b"URL=https://portail.fr/%C3%A9/c/",
    }
    for portal, begins in there.items():
        link = shortcut(portal, "0" * 32)
        assert begins in link and is_ours(link)
