"""Documents that are sent piece by piece from what is asked for: they answer it once they are there, over cuts, within rights."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.portal.talk import person
from tests.portal.upload_client import Depositor


@pytest.fixture
def asked(office_there: Any) -> Any:
    """Of Marie's company: two statements, and pay slips that she may not see; of the other company, statements."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem

    house = office_there
    items = [ListItem("Relevés", "bank", expected=2), ListItem("Bulletins", "payroll")]
    wish = Wish("Fin de mois", items, timezone.localdate() + timedelta(days=9))
    mine, other = asking.ask(person(house.boss), [house.one, house.two], wish).requests
    house.statements, house.slips = mine.items.order_by("position")
    house.foreign_item = other.items.get(kind="bank")
    return house


def standing(item: Any) -> tuple[str, list[str]]:
    item.refresh_from_db()
    return item.how, sorted(a.document.path for a in item.answers.select_related("document"))


def test_what_was_cut_goes_on_and_answers_what_it_was_sent_for(asked: Any) -> None:
    from syncd.portal.models import ThreadEntry

    marie, meta = Depositor(asked.marie, "000001"), {"item": asked.statements.id}

    async def half() -> str:
        where = (await marie.create("Banque", "juin.pdf", 10, meta)).headers["location"]
        await marie.patch(where, 0, b"01234")
        return str(where)

    async def rest(where: str) -> tuple[int, dict[str, str]]:
        offset = int((await marie.ask("HEAD", where)).headers["upload-offset"])
        return offset, marie.line_of(await marie.patch(where, offset, b"56789"))

    where = asyncio.run(half())
    assert standing(asked.statements) == ("", [])
    offset, line = asyncio.run(rest(where))
    assert (offset, line["outcome"], line["message"]) == (5, "stored", "")
    assert standing(asked.statements) == ("", ["Banque/juin.pdf"])
    asyncio.run(marie.deposit("Banque", "juillet.pdf", b"2", meta))
    assert standing(asked.statements) == ("documents", ["Banque/juillet.pdf", "Banque/juin.pdf"])
    said = [e.text.replace("\xa0", " ") for e in ThreadEntry.objects.filter(kind="answer")]
    assert said == [f"« Relevés » : documents déposés, accusé n° {line['number']}"]  # all of a deposit are told once


@pytest.mark.parametrize("whose", ["slips", "foreign_item", "nobody's"])
def test_a_document_answers_nothing_that_its_sender_may_not_see(asked: Any, whose: str) -> None:
    from syncd.portal.models import ItemAnswer

    item = getattr(asked, whose).id if hasattr(asked, whose) else "\u202e<b>" * 100
    line = asyncio.run(Depositor(asked.marie, "000001").deposit("Banque", "a.pdf", b"1", {"item": item}))
    assert line["outcome"] == "stored" and line["message"]
    assert not ItemAnswer.objects.exists()


def test_in_a_request_that_was_closed_meanwhile_the_document_stays(asked: Any) -> None:
    from syncd.portal.messages.requests import answers

    marie = Depositor(asked.marie, "000001")
    where = asyncio.run(marie.create("Banque", "a.pdf", 1, {"item": asked.statements.id})).headers["location"]
    answers.close(person(asked.boss), [asked.statements])
    assert marie.line_of(asyncio.run(marie.patch(where, 0, b"1")))["outcome"] == "stored"
    assert standing(asked.statements) == ("cabinet", ["Banque/a.pdf"])


def test_a_database_that_is_held_leaves_no_item_open_and_no_byte_to_send_again(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document is stored and said to be; what it answers is written by the next round, in the words of the first."""
    from django.db import OperationalError

    from syncd.portal.messages.requests import deposited
    from syncd.portal.models import Document, ThreadEntry

    marie, answer = Depositor(asked.marie, "000001"), deposited.answer
    meta, soon = {"item": asked.statements.id}, datetime.now(UTC) + timedelta(minutes=1)

    def held(*given: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(deposited, "answer", held)
    line = asyncio.run(marie.deposit("Banque", "juin.pdf", b"0123456789", meta))
    assert (line["outcome"], line["path"], line["message"]) == ("stored", "Banque/juin.pdf", "")
    assert standing(asked.statements) == ("", [])
    with pytest.raises(OperationalError):
        deposited.answer_waiting(soon)
    monkeypatch.setattr(deposited, "answer", answer)
    assert deposited.answer_waiting(datetime.now(UTC)) == 0, "whoever stored it answers first"
    assert (deposited.answer_waiting(soon), deposited.answer_waiting(soon)) == (1, 0)
    assert standing(asked.statements) == ("", ["Banque/juin.pdf"]) and Document.objects.count() == 1
    assert ThreadEntry.objects.filter(kind="answer").count() == 1


@pytest.mark.parametrize("how", ["revoked", "right"])
def test_what_waits_is_answered_by_nobody_who_may_no_longer(
    asked: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    from syncd.portal.messages.requests import deposited
    from syncd.portal.models import DepositLine, Grant, ItemAnswer, User

    with monkeypatch.context() as patch:
        patch.setattr(deposited, "answer", lambda *_: None)
        asyncio.run(Depositor(asked.marie, "000001").deposit("Banque", "a.pdf", b"1", {"item": asked.statements.id}))
    if how == "revoked":
        User.objects.filter(id=asked.marie.id).update(is_active=False)
    else:
        Grant.objects.filter(user=asked.marie).update(verbs="view")
    assert deposited.answer_waiting(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert not ItemAnswer.objects.exists() and not DepositLine.objects.exclude(item="").exists()
