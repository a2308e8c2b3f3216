"""Whether a client's file is the original, and who keeps its books: on the card, from a sheet, and to the engine."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from syncd.core.client_classification import Card, FileKind, WorkKind


def test_the_card_keeps_what_was_chosen_and_shows_it(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    form = {"name": office.one.name, "kind_of_file": "copie", "kind_of_work": "autonome"}
    assert boss.post("/clients/000001", form).status_code == 302
    office.one.refresh_from_db()
    assert (office.one.kind_of_file, office.one.kind_of_work) == ("copie", "autonome")
    page = boss.get("/clients/000001").content.decode()
    assert '<option value="copie" selected>Copie' in page and '<option value="autonome" selected>Autonome' in page
    boss.post("/clients/000001", form | {"kind_of_file": "", "kind_of_work": "collaborative"})
    office.one.refresh_from_db()
    assert (office.one.kind_of_file, office.one.kind_of_work) == ("", "collaborative")


def test_who_may_not_change_the_card_reads_it(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Client, Grant, Portfolio, User

    Client.objects.filter(id=office.one.id).update(kind_of_file="original", kind_of_work="auxiliaire")
    lucie = User.objects.create(cabinet=office.cabinet, sign_in="lucie", role="associate")
    Grant.objects.create(user=lucie, kind="*", verbs="view deposit")
    Portfolio.objects.create(user=lucie, field="client", value=office.one.id)
    page = browse(lucie).get("/clients/000001").content.decode()
    assert (
        "<dt>Dossier comptable</dt><dd>Original</dd>" in page and "<dt>Tenue du dossier</dt><dd>Auxiliaire</dd>" in page
    )


@pytest.mark.parametrize(("field", "said"), [("kind_of_file", "original ou copie"), ("kind_of_work", "autonome")])
def test_another_word_is_refused_with_those_there_are(
    office: Any, browse: Callable[..., Any], field: str, said: str
) -> None:
    answer = browse(office.boss).post("/clients/000001", {"name": office.one.name, field: "double"})
    assert answer.status_code == 403 and said in answer.content.decode() and "double" in answer.content.decode()
    office.one.refresh_from_db()
    assert getattr(office.one, field) == ""


def test_a_sheet_says_it_in_the_words_of_people(office: Any) -> None:
    from syncd.portal.clients import import_xlsx
    from syncd.portal.models import Client
    from syncd.portal.people.visibility import person_of

    model = load_workbook(io.BytesIO(import_xlsx.model()))["Clients"]
    offered = {check.formula1 for check in model.data_validations.dataValidation}
    assert {'"Original,Copie"', '"Collaborative,Autonome,Auxiliaire"'} <= offered
    book, out = Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    for row in (
        ("Code dossier", "Raison sociale", "Dossier comptable", "Tenue"),
        ("A1", "Un", "COPIE", "autonome"),
        ("A2", "Deux", "", "Collaborative"),
        ("A3", "Trois", "photocopie", ""),
    ):
        page.append(row)
    book.save(out)
    out.seek(0)
    found = import_xlsx.read(office.cabinet, out)
    assert [(f.row, f.column) for f in found.faults] == [(4, "Dossier comptable")]
    import_xlsx.create(person_of(office.boss), found.newcomers, person_of(office.boss))
    kept = Client.objects.filter(code__in=("A1", "A2")).order_by("code").values_list("kind_of_file", "kind_of_work")
    assert list(kept) == [("copie", "autonome"), ("", "collaborative")]


def test_the_engine_is_told_at_once(office: Any) -> None:
    from syncd.core.protocol import Caller
    from syncd.portal.clients import profile
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Engine
    from syncd.portal.sync import changes

    engine, caller = Engine(office.cabinet.id), Caller("e", "machine", "instance", lease=False)
    before = changes.hello(engine, caller, None)
    assert {(c.card.kind_of_file, c.card.kind_of_work) for c in before.clients} == {("", "")}
    values, faults = profile.cleaned({"kind_of_file": "Copie", "kind_of_work": "Auxiliaire"})
    assert not faults
    profile.change(person_of(office.boss), office.one, office.one.name, values, None)
    (told,) = changes.hello(engine, caller, before.cursor).clients
    assert (told.code, told.card.kind_of_file, told.card.kind_of_work) == ("000001", "copie", "auxiliaire")


@pytest.mark.parametrize(
    ("word", "file", "work", "at_the_company"),
    [
        ("", FileKind.ORIGINAL, WorkKind.COLLABORATIVE, False), ("copie", FileKind.COPIE, WorkKind.COLLABORATIVE, False),
        ("autonome", FileKind.ORIGINAL, WorkKind.AUTONOME, True), ("auxiliaire", FileKind.ORIGINAL, WorkKind.AUXILIAIRE, True),
        ("of_a_later_version", FileKind.ORIGINAL, WorkKind.COLLABORATIVE, False),
    ],
)  # fmt: skip
def test_what_nobody_said_is_the_usual(word: str, file: FileKind, work: WorkKind, at_the_company: bool) -> None:
    card = Card(kind_of_file=word, kind_of_work=word)
    assert (card.file, card.work) == (file, work)
    assert card.work.at_the_company is at_the_company
