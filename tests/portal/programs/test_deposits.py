"""A program deposits: in one body or as an upload; the same twice makes one; nothing of it without the right, to its very end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.portal.programs.program import Caller, make


def deposit(caller: Caller, name: str, data: bytes, word: str, **more: Any) -> httpx.Response:
    params = {"folder": more.pop("folder", "Achats"), "name": name, **more}
    return caller.ask(
        "POST", "/clients/000001/documents", params=params, content=data, headers={"Idempotency-Key": word}
    )  # fmt: skip


def begin(caller: Caller, name: str, size: int, word: str, **more: Any) -> httpx.Response:
    params = {"folder": "Achats", "name": name, **more}
    headers = {"Idempotency-Key": word, "Upload-Length": str(size)}
    return caller.ask("POST", "/clients/000001/uploads", params=params, headers=headers)


def test_a_document_arrives_signed_with_a_receipt_in_the_programs_name(office: Any, inline: None, browse: Any) -> None:
    from syncd.portal.models import Audit, Client, Deposit, Document, Version

    caller = Caller(make(office.cabinet, "deposit", name="ISACOMPTA", emitter="AMI COMPTA"))
    answer = deposit(caller, "facture.pdf", b"%PDF- one", "word-0001")
    assert answer.status_code == 201, answer.text
    said = answer.json()
    document = Document.objects.get(id=said["document"])
    assert (document.path, said["folder"], said["name"]) == ("Achats/facture.pdf", "Achats", "facture.pdf")
    assert said["sha256"] == hashlib.sha256(b"%PDF- one").hexdigest() and not document.by_company
    version = Version.objects.get(id=document.version_id)
    assert (version.by, version.origin) == ("ISACOMPTA", "cabinet")
    batch = Deposit.objects.get(number=said["receipt"])
    assert (batch.by, batch.user_id, batch.program_id) == ("ISACOMPTA", None, caller.key.split("_")[1])
    assert Client.objects.get(id=office.one.id).news_since is not None  # the company is told, as of any publication
    assert set(Audit.objects.filter(by="ISACOMPTA").values_list("what", flat=True)) == {"program_deposit"}
    page = browse(office.boss).get(f"/documents/{document.id}").content.decode()
    assert "programme AMI COMPTA" in page
    second = deposit(caller, "facture.pdf", b"%PDF- two", "word-0002", emitter="CAISSE").json()
    assert second["name"] != "facture.pdf" and second["receipt"] == said["receipt"]  # within the half hour
    assert Document.objects.get(id=document.id).version == 1  # nothing is ever replaced
    assert list(batch.lines.order_by("id").values_list("emitter", flat=True)) == ["AMI COMPTA", "CAISSE"]


def test_the_same_word_makes_one_document_and_another_body_is_a_conflict(office: Any, inline: None) -> None:
    from syncd.portal.models import Document

    caller, other = Caller(make(office.cabinet, "deposit")), Caller(make(office.cabinet, "deposit"))
    first = deposit(caller, "a.pdf", b"one", "word-0001")
    again = deposit(caller, "a.pdf", b"one", "word-0001")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "repeated": True} and Document.objects.count() == 1
    for name, data in (("a.pdf", b"two"), ("b.pdf", b"one")):
        answer = deposit(caller, name, data, "word-0001")
        assert (answer.status_code, answer.json()["code"]) == (409, "word_used")
    assert Document.objects.count() == 1
    same = deposit(other, "b.pdf", b"one", "word-0001")  # another program's words are its own
    assert (same.status_code, same.json()["outcome"]) == (200, "already")
    assert same.json()["folder"] == same.json()["name"] == ""  # whose place a key that reads nothing is not told


def test_what_the_rules_refuse_is_refused_before_a_byte_is_taken(office: Any, inline: None) -> None:
    caller = Caller(make(office.cabinet, "deposit"))
    for more, code in (
        ({"name": "virus.exe"}, "extension_not_allowed"), ({"folder": "Social"}, "no_right"), ({"folder": "Nulle part"}, "no_right"),
        ({"folder": "Achats/../Social"}, "bad_name"),
    ):  # fmt: skip
        answer = deposit(caller, more.pop("name", "a.pdf"), b"one", "word-0001", **more)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert deposit(caller, "a.pdf", b"", "word-0001").status_code == 422  # empty
    assert caller.ask("POST", "/clients/000009/documents", params={"name": "a.pdf"}, content=b"x", headers={"Idempotency-Key": "word-0001"}).status_code == 404  # fmt: skip
    assert caller.ask("POST", "/clients/000001/documents", params={"name": "a.pdf"}, content=b"x").status_code == 422
    assert deposit(Caller(make(office.cabinet, "read")), "a.pdf", b"x", "word-0001").json()["code"] == "scope"
    inbox = deposit(caller, "sans dossier.pdf", b"unfiled", "word-0002", folder="").json()
    assert inbox["folder"] == "À classer"


def test_a_folder_that_the_cabinet_takes_nothing_from_takes_nothing_from_programs(office: Any, inline: None) -> None:
    from syncd.core.folder_rules import Direction
    from syncd.portal.clients.tree import set_rules
    from syncd.portal.rights import Operator

    caller = Caller(make(office.cabinet, "deposit"))
    set_rules(Operator(office.cabinet.id, "x"), office.one, {"Achats": (Direction.TO_PORTAL, 0, False)})
    answer = deposit(caller, "a.pdf", b"one", "word-0001")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_right")


def test_a_key_that_deposits_reads_nothing(office: Any, inline: None) -> None:
    caller = Caller(make(office.cabinet, "deposit"))
    document = deposit(caller, "a.pdf", b"one", "word-0001").json()["document"]
    for path in (
        "/clients",
        "/documents",
        f"/documents/{document}",
        f"/documents/{document}/content",
        "/clients/000001/card",
    ):
        assert caller.get(path).json()["code"] == "scope", path


def test_a_large_document_comes_in_pieces_and_goes_on_where_it_was_cut(office: Any, inline: None) -> None:
    from syncd.portal.models import Document

    caller, data = Caller(make(office.cabinet, "deposit")), bytes(range(256)) * 100
    begun = begin(caller, "grand.pdf", len(data), "word-0001")
    assert begun.status_code == 201 and begun.headers["Tus-Resumable"] == "1.0.0"
    where = begun.headers["Location"].removeprefix("/api/v1/programs")

    def more(offset: int, part: bytes) -> httpx.Response:
        return caller.ask("PATCH", where, content=part, headers={"Upload-Offset": str(offset)})

    assert more(0, data[:10_000]).headers["Upload-Offset"] == "10000"
    assert more(0, data).json()["code"] == "offset"
    there = caller.ask("HEAD", where)
    assert (there.headers["Upload-Offset"], there.headers["Upload-Length"]) == ("10000", str(len(data)))
    other = Caller(make(office.cabinet, "deposit"), caller.app)
    assert other.ask("HEAD", where).status_code == other.ask("DELETE", where).status_code == 404
    assert more(10_000, data).status_code == 413  # more than was announced
    done = (
        more(20_000, data[20_000:])
        if caller.ask("HEAD", where).headers["Upload-Offset"] == "20000"
        else more(10_000, data[10_000:])
    )
    assert done.status_code == 204
    document = Document.objects.get(id=done.headers["Syncd-Document"])
    assert bytes(document.sha256) == hashlib.sha256(data).digest() and done.headers["Syncd-Outcome"] == "stored"
    assert caller.ask("HEAD", where).status_code == 404
    given_up = begin(caller, "b.pdf", 10, "word-0002").headers["Location"].removeprefix("/api/v1/programs")
    assert caller.ask("DELETE", given_up).status_code == 204 and caller.ask("HEAD", given_up).status_code == 404


def test_a_key_revoked_while_the_bytes_arrive_deposits_nothing(
    caller: Callable[..., Caller], office_there: Any, monkeypatch: Any
) -> None:
    """In the middle of the very request that brings the last of them."""
    from django.utils import timezone

    from syncd.portal.api.programs import deposits
    from syncd.portal.models import Document, ProgramKey

    program, finish = caller("deposit"), deposits._finish

    def revoked(*args: Any) -> Any:
        ProgramKey.objects.update(revoked_at=timezone.now())
        return finish(*args)

    where = begin(program, "a.pdf", 3, "word-0001").headers["Location"].removeprefix("/api/v1/programs")
    monkeypatch.setattr(deposits, "_finish", revoked)
    answer = program.ask("PATCH", where, content=b"one", headers={"Upload-Offset": "0"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key")
    assert deposit(program, "b.pdf", b"two", "word-0002").status_code == 401
    assert Document.objects.count() == 0


def test_words_are_forgotten_after_a_month(office: Any, inline: None) -> None:
    from datetime import UTC, datetime, timedelta

    from syncd.portal.models import ProgramRequest
    from syncd.portal.programs import deposits

    caller = Caller(make(office.cabinet, "deposit"))
    for n in (1, 2):
        assert deposit(caller, f"{n}.pdf", str(n).encode(), f"word-000{n}").status_code == 201
    ProgramRequest.objects.filter(word="word-0001").update(at=datetime.now(UTC) - timedelta(days=31))
    deposits.prune()
    assert [r.word for r in ProgramRequest.objects.all()] == ["word-0002"]


@pytest.mark.parametrize("switched", ["closed", "quota"])
def test_a_client_that_takes_nothing_more_takes_nothing_from_programs(office: Any, inline: None, switched: str) -> None:
    from syncd.portal.models import Client

    Client.objects.filter(id=office.one.id).update(**({"closed": True} if switched == "closed" else {"quota": 1}))
    answer = deposit(Caller(make(office.cabinet, "deposit")), "a.pdf", b"one", "word-0001")
    assert (answer.status_code, answer.json()["code"]) == (422, {"closed": "no_right"}.get(switched, switched))
