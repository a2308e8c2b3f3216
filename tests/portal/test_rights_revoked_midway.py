"""A right that is taken back between two steps is gone at the second: while somebody waits, while a body comes in."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.portal.upload_client import Depositor


async def done(what: Callable[[], Any]) -> Any:
    """What another process of the portal does to the database meanwhile."""

    def call() -> Any:
        from django.db import connection

        try:
            return what()
        finally:
            connection.close()

    return await asyncio.to_thread(call)


class Engine:
    """A key of the cabinet, at the data plane in the test's own process; it has the lease."""

    def __init__(self, office: Any) -> None:
        from syncd.portal.asgi import application
        from syncd.portal.models import EngineToken
        from syncd.portal.people.visibility import person_of
        from syncd.portal.sync import engine_keys

        self.office, self.app = office, application()
        self.token = engine_keys.make(person_of(office.boss))
        self.key = EngineToken.objects.get()
        self.lease, self.cursor = 0, None

    async def ask(self, path: str, body: Any, method: str = "POST", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        given = {
            "Authorization": f"Bearer {self.token}", "Syncd-Lease": str(self.lease), "Syncd-Request": "1", **headers,
        }  # fmt: skip
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=given) as line:
            return await line.request(method, f"/api/v1{path}", content=body)

    async def hello(self, machine: str = "server", **more: Any) -> httpx.Response:
        caller = {"engine": "e", "machine": machine, "instance": "i", "lease": True}
        answer = await self.ask("/hello", msgspec.json.encode({"protocol": 1, "caller": caller, **more}))
        if answer.status_code == 200:
            self.lease, self.cursor = answer.json()["lease"], answer.json()["cursor"]
        return answer

    async def revoke(self) -> None:
        from syncd.portal.people.visibility import person_of
        from syncd.portal.sync import engine_keys

        await done(lambda: engine_keys.revoke(person_of(self.office.boss), self.key.id))


@pytest.fixture
def engine(shared: Path, office_there: Any, monkeypatch: pytest.MonkeyPatch) -> Engine:
    from syncd.portal.api import auth

    monkeypatch.setattr(auth, "FRESH", 0.0)
    return Engine(office_there)


def stored() -> int:
    from syncd.portal.models import Document

    return Document.objects.count()


def item_of(engine: Engine, data: bytes) -> Any:
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of

    return PutItem(engine.office.one.id, "Achats/a.pdf", content_of(data))


@pytest.mark.parametrize("listening", ["poll", "hello"])
def test_whoever_waits_with_a_key_that_is_revoked_is_told_nothing(engine: Engine, listening: str) -> None:
    async def work() -> None:
        await engine.hello()

        async def moved(*_: Any) -> bool:
            await engine.revoke()
            return True

        engine.app.state.heads.moved = moved
        if listening == "hello":
            answer = await engine.hello(cursor=engine.cursor, wait=30)
        else:
            asked = {"protocol": 1, "instance": "i", "cursor": engine.cursor, "wait": 30}
            answer = await engine.ask("/poll", msgspec.json.encode(asked))
        assert (answer.status_code, answer.json()["code"]) == (401, "token")

    asyncio.run(work())


def _batch(engine: Engine, meanwhile: Callable[[], Any]) -> AsyncIterator[bytes]:
    from syncd.wire import framing

    async def body() -> AsyncIterator[bytes]:
        writer = framing.Writer()
        for part in writer.frame(item_of(engine, b"whole"), b"whole"):
            yield part
        await meanwhile()
        yield writer.trailer()

    return body()


def test_a_batch_that_was_under_way_when_its_key_was_revoked_is_not_stored(engine: Engine) -> None:
    async def work() -> None:
        await engine.hello()
        answer = await engine.ask("/put", _batch(engine, engine.revoke))
        assert (answer.status_code, answer.json()["code"]) == (401, "token")

    asyncio.run(work())
    assert not stored()


def test_a_batch_of_an_engine_whose_lease_another_has_by_now_is_not_stored(engine: Engine) -> None:
    from syncd.portal.people.visibility import person_of

    async def work() -> None:
        await engine.hello()

        async def taken() -> None:
            from syncd.portal.sync import engine_keys

            await done(lambda: engine_keys.change_computer(person_of(engine.office.boss)))
            old, engine.lease = engine.lease, 0
            assert (await engine.hello(machine="another")).status_code == 200
            assert engine.lease > old

        answer = await engine.ask("/put", _batch(engine, taken))
        assert answer.status_code == 409
        assert (await engine.ask("/put", _batch(engine, lambda: asyncio.sleep(0)))).status_code == 200

    asyncio.run(work())
    assert stored() == 1


def test_a_large_document_under_way_when_its_key_was_revoked_is_not_stored(engine: Engine) -> None:
    async def work() -> None:
        await engine.hello()
        meta = "item " + base64.b64encode(msgspec.json.encode(item_of(engine, b"whole"))).decode()
        made = await engine.ask("/tus", b"", **{"Upload-Length": "5", "Upload-Metadata": meta})
        assert made.status_code == 201, made.text

        async def body() -> AsyncIterator[bytes]:
            yield b"who"
            await engine.revoke()
            yield b"le"

        where = made.headers["location"].removeprefix("/api/v1")
        assert (await engine.ask(where, body(), "PATCH", **{"Upload-Offset": "0"})).status_code == 401

    asyncio.run(work())
    assert not stored()


def test_answers_in_parts_end_when_the_key_is_revoked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Operator
    from syncd.portal.sync import listings

    listing, clients = listings.listing, [engine.office.one, engine.office.two]
    with open(__file__, "rb") as f:
        document = deposit_file(Operator(engine.office.cabinet.id, "x"), engine.office.one, "Achats/a.pdf", f).doc
    assert document is not None

    def then_revoked(actor: Any, client: str) -> Any:
        found = listing(actor, client)
        if client == clients[-1].id:
            from syncd.portal.sync import engine_keys

            engine_keys.revoke(person_of(engine.office.boss), engine.key.id)
        return found

    async def work() -> None:
        wanted = msgspec.json.encode({"clients": [c.id for c in clients]})
        whole = await engine.ask("/listings", wanted)
        assert whole.text.count("\n") == 3 and whole.text.endswith("\n\n")
        monkeypatch.setattr(listings, "listing", then_revoked)
        cut = await engine.ask("/listings", wanted)
        assert cut.text.count("\n") == 1 and clients[-1].id not in cut.text

    asyncio.run(work())


def test_a_document_being_fetched_ends_when_the_key_is_revoked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from syncd.portal.api.ranged_download import RangedDownload
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.rights import Operator

    monkeypatch.setattr(RangedDownload, "under_way", 1000)  # in small pieces
    given = deposit_file(
        Operator(engine.office.cabinet.id, "x"), engine.office.one, "Achats/a.pdf", io.BytesIO(b"s" * 100_000)
    )
    assert given.doc is not None
    path, came = f"/api/v1/content/{given.doc.version_id}", list[bytes]()

    async def work() -> None:
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http",
            "headers": [(b"authorization", f"Bearer {engine.token}".encode()), (b"host", b"localhost")], "http_version": "1.1",
            "client": ("127.0.0.1", 1), "server": ("localhost", 80), "root_path": "",
        }  # fmt: skip

        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Any:
            return next(asked, None) or await asyncio.Event().wait()  # a client that stays

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                came.append(message["body"])
                await engine.revoke()

        await engine.app(scope, receive, send)

    asyncio.run(work())
    assert [len(part) for part in came] == [64_000]


def _marie(office: Any) -> Any:
    from syncd.portal.models import User

    return User.objects.get(id=office.marie.id)


@pytest.mark.parametrize("how", ["revoked", "signed out", "the folder", "the client"])
def test_a_right_taken_back_between_the_beginning_and_the_end_of_a_deposit(office_there: Any, how: str) -> None:
    from syncd.portal.models import Grant
    from syncd.portal.people import accounts
    from syncd.portal.people.visibility import person_of

    def taken_back() -> None:
        if how == "revoked":
            accounts.set_active(person_of(office_there.boss), _marie(office_there), False)
        elif how == "signed out":
            accounts.end_sessions(_marie(office_there))
        elif how == "the folder":
            Grant.objects.create(user=office_there.marie, client=office_there.one, kind="purchases", verbs="view")
        else:
            Grant.objects.filter(user=office_there.marie).delete()

    marie = Depositor(office_there.marie, office_there.one.code)
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from syncd.portal.models import SignedIn

    SignedIn.objects.create(session=Session.objects.get().session_key, user=office_there.marie, seen_at=timezone.now())

    async def work() -> httpx.Response:
        created = await marie.create("Achats", "a.pdf", 5)
        assert created.status_code == 201

        async def body() -> AsyncIterator[bytes]:
            yield b"who"
            await done(taken_back)
            yield b"le"

        return await marie.patch(created.headers["location"], 0, body())

    answer = asyncio.run(work())
    refused = {"revoked": 401, "signed out": 401, "the client": 404}
    assert answer.status_code == refused.get(how, 204)
    assert how != "the folder" or "refused" in answer.headers["syncd-deposit"]
    assert not stored()


def test_a_right_taken_back_between_the_page_and_the_form(
    office: Any, put: Callable[..., Any], browse: Callable[..., Any]
) -> None:
    from syncd.portal.models import Grant

    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    document = put(office.one, "Achats/a.pdf", b"a")
    marie = browse(office.marie)
    assert 'value="delete"' in marie.get(f"/documents/{document.id}").content.decode()
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view")
    for form in ({"do": "delete"}, {"do": "rename", "to": "b.pdf"}, {"do": "move", "to": "Ventes"}):
        marie.post(f"/documents/{document.id}/action", form)
        document.refresh_from_db()
        assert (document.tombstone, document.path) == ("", "Achats/a.pdf")


def test_services_ask_within_their_transaction(office: Any, put: Callable[..., Any]) -> None:
    """The person as read when the request began is no longer believed."""
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Document, Grant, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    document, gone = put(office.one, "Achats/a.pdf", b"a"), put(office.one, "Achats/b.pdf", b"b")
    then = person_of(User.objects.get(id=office.marie.id))
    lifecycle.remove(then, gone)
    assert lifecycle.move(then, document, "Ventes/a.pdf") == "Ventes/a.pdf"
    User.objects.filter(id=office.marie.id).update(is_active=False)
    for act in (
        lambda: lifecycle.remove(then, document),
        lambda: lifecycle.restore(then, gone),
        lambda: lifecycle.move(then, document, "Achats/a.pdf"),
    ):
        with pytest.raises(Refusal):
            act()
    assert Document.objects.get(tombstone="").path == "Ventes/a.pdf"


@pytest.mark.parametrize("what", ["one document", "an archive", "a preview"])
@pytest.mark.parametrize("how", ["revoked", "signed out", "the folder", "nothing"])
def test_a_download_under_way_ends_when_the_right_is_taken_back(
    office_there: Any, monkeypatch: pytest.MonkeyPatch, what: str, how: str
) -> None:
    import io

    from syncd.portal.api import wsgi_bridge
    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.models import Document, Grant, SignedIn
    from syncd.portal.people import accounts
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Operator

    size = 20 * wsgi_bridge.PIECE
    Grant.objects.filter(user=office_there.marie, kind="*").update(verbs="view download")
    by = Operator(office_there.cabinet.id, "le client", "company")
    for n in range(2):
        assert deposit_file(by, office_there.one, f"Achats/{n}.pdf", io.BytesIO(b"%PDF-" + os.urandom(size))).ok
    marie = Depositor(office_there.marie, office_there.one.code)
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    SignedIn.objects.create(session=Session.objects.get().session_key, user=office_there.marie, seen_at=timezone.now())
    of_one = f"/documents/{Document.objects.earliest('path').id}"
    path = {"one document": f"{of_one}/telecharger", "a preview": f"{of_one}/apercu"}.get(what, "")
    path = path or f"/dossiers/{office_there.one.code}/archive.zip"
    query = b"folder=Achats" if what == "an archive" else b""

    def taken_back() -> None:
        if how == "revoked":
            accounts.set_active(person_of(office_there.boss), _marie(office_there), False)
        elif how == "signed out":
            accounts.end_sessions(_marie(office_there))
        elif how == "the folder":
            Grant.objects.create(user=office_there.marie, client=office_there.one, kind="purchases", verbs="")

    came, told = list[int](), list[Any]()

    async def work() -> None:
        headers = [(k.lower().encode(), v.encode()) for k, v in marie.headers.items()] + [(b"host", b"localhost")]
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query, "scheme": "http",
            "headers": headers, "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("localhost", 80), "root_path": "",
        }  # fmt: skip
        asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Any:
            return next(asked, None) or await asyncio.Event().wait()

        async def send(message: Any) -> None:
            told.append(message)
            if message["type"] == "http.response.body" and message["body"]:
                came.append(len(message["body"]))
                if len(came) == 3:
                    await done(taken_back)
                    monkeypatch.setattr(wsgi_bridge, "EVERY", 0.0)  # the few seconds are over

        await marie.app(scope, receive, send)

    asyncio.run(work())
    assert told[0]["status"] == 200, dict(told[0]["headers"]).get(b"location")
    if how == "nothing":
        assert sum(came) >= size and not told[-1].get("more_body", False)
    else:
        assert len(came) == 3 and told[-1]["more_body"], "cut short, and never said to be whole"
