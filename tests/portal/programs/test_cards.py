"""Cards by field, with what is wrong; financial years; many entries of one document and many documents of one entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.portal.programs.program import Caller, make


def change(caller: Caller, tag: str, **fields: Any) -> Any:
    headers = {"If-Match": tag} if tag else {}
    return caller.ask("PATCH", "/clients/000001/card", json=fields, headers=headers)


@pytest.fixture
def program(office: Any, inline: None) -> Caller:
    return Caller(make(office.cabinet, "cards", kinds=()))


def test_what_is_wrong_is_said_by_field_and_the_rest_is_kept(office: Any, program: Caller) -> None:
    from syncd.portal.models import Audit, Client

    read = program.get("/clients/000001/card")
    assert read.json()["name"] == "Société 000001" and read.json()["siret"] == ""
    said = change(
        program, read.headers["ETag"], siret="123", ape="4711D", name="Société Dupont", contact_email="pas une adresse"
    )
    assert said.status_code == 200
    assert {f["field"] for f in said.json()["faults"]} == {"siret", "contact_email"} and "14 chiffres" in said.text
    client = Client.objects.get(id=office.one.id)
    assert (client.ape, client.name, client.siret, client.contact_email) == ("4711D", "Société Dupont", "", "")
    assert said.json()["card"] == program.get("/clients/000001/card").json()
    right = change(program, said.headers["ETag"], siret="732 829 320 00074").json()
    assert (
        right["faults"] == [] and right["card"]["siret"] == "73282932000074" and right["card"]["siren"] == "732829320"
    )
    assert Audit.objects.filter(what="client_changed", by="ISACOMPTA", about="000001").count() == 2


def test_two_writers_do_not_undo_each_other(office: Any, program: Caller) -> None:
    other = Caller(make(office.cabinet, "cards", kinds=()), program.app)
    tag = program.get("/clients/000001/card").headers["ETag"]
    assert change(program, tag, site="Lyon").status_code == 200
    late = change(other, tag, site="Nantes")
    assert (late.status_code, late.json()["code"]) == (412, "card_changed")
    assert program.get("/clients/000001/card").json()["site"] == "Lyon"
    assert change(other, "", site="Nantes").status_code == 428
    assert change(other, "*", site="Nantes").status_code == 200


def test_a_field_that_no_card_has_is_refused_with_all_that_stands_beside_it(office: Any, program: Caller) -> None:
    tag = program.get("/clients/000001/card").headers["ETag"]
    said = change(program, tag, site="Lyon", colour="red")
    assert said.status_code == 422 and said.json()["faults"][0]["field"] == "colour"
    assert change(program, tag, site=None).status_code == 422
    assert program.get("/clients/000001/card").headers["ETag"] == tag
    assert change(program, tag, name=" ").json()["faults"][0]["field"] == "name"


def test_cards_are_for_keys_of_cards_where_they_reach_and_a_client_is_open(office: Any, program: Caller) -> None:
    from syncd.portal.models import Client

    assert Caller(make(office.cabinet, "read")).get("/clients/000001/card").json()["code"] == "scope"
    assert program.get("/clients/000009/card").status_code == 404
    narrow = Caller(make(office.cabinet, "cards", kinds=(), reach=[("client", office.two.id)]))
    assert narrow.get("/clients/000001/card").status_code == narrow.get("/clients/000001/exercises").status_code == 404
    Client.objects.filter(id=office.one.id).update(closed=True)
    assert program.get("/clients/000001/card").status_code == 200
    assert (change(program, "*", site="Lyon").status_code, change(program, "*", site="Lyon").json()["code"]) == (
        403,
        "space_closed",
    )


def test_financial_years_are_read(office: Any, program: Caller) -> None:
    from syncd.portal.models import Exercise

    Exercise.objects.create(client=office.one, label="2026", start=date(2026, 1, 1), end=date(2026, 12, 31))
    assert program.get("/clients/000001/exercises").json() == {
        "exercises": [{"label": "2026", "start": "2026-01-01", "end": "2026-12-31", "closed": False}]
    }


def entry(n: int, piece: str = "") -> dict[str, str]:
    return {"journal": "AC", "date": "2026-08-31", "piece": piece or f"0x9f16{n}"}


def test_a_document_has_many_entries_and_an_entry_many_documents(
    office: Any, put: Callable[..., Any], inline: None, browse: Any
) -> None:
    caller = Caller(make(office.cabinet, "read", "reference"))
    one, two = put(office.one, "Achats/a.pdf", b"a"), put(office.one, "Achats/b.pdf", b"b")
    ten = [entry(n) for n in range(10)]
    for document, wanted in ((one, ten), (two, [entry(3)])):
        answer = caller.ask("PUT", f"/documents/{document.id}/entries", json={"entries": wanted})
        assert answer.status_code == 200 and [e["emitter"] for e in answer.json()["entries"]] == ["ISACOMPTA"] * len(
            wanted
        )
    assert len(caller.get(f"/documents/{one.id}").json()["entries"]) == 10
    found = caller.all_documents(reference="AC/2026-08-31/0x9f163")[0]
    assert {d["id"] for d in found} == {one.id, two.id}
    assert [d["id"] for d in caller.all_documents(reference="AC/2026-08-31/0x9f164")[0]] == [one.id]
    fewer = caller.ask("PUT", f"/documents/{one.id}/entries", json={"entries": ten[:2] + ten[:1]})
    assert len(fewer.json()["entries"]) == 2
    other = caller.ask("PUT", f"/documents/{one.id}/entries", json={"entries": [entry(7)], "emitter": "CAISSE"})
    assert other.json()["entries"] == [{**entry(7), "emitter": "CAISSE"}]  # the other emitter's stay
    assert len(caller.get(f"/documents/{one.id}").json()["entries"]) == 3
    page = browse(office.boss).get(f"/documents/{one.id}").content.decode()
    assert "AC · 31/08/2026 · 0x9f167" in page and "CAISSE" in page


def test_an_entry_is_a_line_of_text_and_no_formula_of_anybodys_spreadsheet(
    office: Any, put: Callable[..., Any], inline: None
) -> None:
    from syncd.portal.people.visibility import person_of
    from syncd.portal.programs import entries

    caller, document = Caller(make(office.cabinet, "reference")), put(office.one, "Achats/=a.pdf", b"a")
    path = f"/documents/{document.id}/entries"
    for odd in ("a\nb", "a\n", "\t", "a\u2028b", "x" * 61, ""):
        assert (
            caller.ask("PUT", path, json={"entries": [entry(0, "fine"), {**entry(0), "piece": odd}]}).status_code == 422
        ), odd
    assert entries.of_documents([document]) == {}  # all or nothing
    assert caller.ask("PUT", path, json={"entries": [entry(0, "=1+1"), entry(0, "FA/2026/é;12")]}).status_code == 200
    rows = list(
        csv.reader(
            io.StringIO(entries.as_csv(person_of(office.boss), office.one, "https://x/d/").decode("utf-8-sig")),
            delimiter=";",
        )
    )
    assert rows[0][:3] == ["Code dossier", "Dossier", "Document"]
    assert [(r[2], r[7]) for r in rows[1:]] == [("'=a.pdf", "'=1+1"), ("'=a.pdf", "FA/2026/é;12")] and rows[1][
        8
    ].endswith(f"/d/{document.id}")
    assert entries.as_csv(person_of(office.paul), office.two, "").count(b"\n") == 1  # what one may not see


def test_entries_are_for_keys_of_references_and_never_of_what_they_do_not_reach(
    office: Any, put: Callable[..., Any], inline: None
) -> None:
    social, own = put(office.one, "Social/a.pdf", b"a"), put(office.one, "Achats/a.pdf", b"b")
    body = {"entries": [entry(1)]}
    reference, reading = Caller(make(office.cabinet, "reference")), Caller(make(office.cabinet, "read"))
    assert reading.ask("PUT", f"/documents/{own.id}/entries", json=body).json()["code"] == "scope"
    assert reference.ask("PUT", f"/documents/{social.id}/entries", json=body).status_code == 404
    assert reference.ask("PUT", f"/documents/{'0' * 32}/entries", json=body).status_code == 404
    assert reference.ask("PUT", f"/documents/{own.id}/entries", json=body).status_code == 200
    assert reference.get(f"/documents/{own.id}").json()["code"] == "scope"
