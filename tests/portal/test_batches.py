"""A batch over many clients: each document goes to its own, and the portal asks its database no more for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

PATH = "Achats/facture.pdf"


@pytest.fixture
def clients(portal: Any, make_client: Callable[..., Any]) -> list[Any]:
    from syncd.portal.models import Cabinet

    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    return [make_client(cabinet, f"{n:06}") for n in range(12)]


def store(clients: Sequence[Any], word: bytes, path: str = PATH) -> Any:
    """The same name in each of them, another content in each."""
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents import store as service
    from syncd.portal.rights import Operator

    bodies = []
    for client in clients:
        content = content_of(word + client.code.encode())
        bodies.append(service.Body(PutItem(client.id, path, content), content, service.new_version_id()))
    return service.store(Operator(clients[0].cabinet_id, "le client", "company"), bodies)


def test_the_same_name_in_many_clients_is_many_documents(clients: list[Any]) -> None:
    from syncd.portal.models import Document

    first = store(clients[:6], b"one of ")
    assert all(r.ok for r in first.results) and len({r.doc.id for r in first.results}) == 6
    again = store(clients, b"one of ")
    assert [r.doc.id for r in again.results[:6]] == [r.doc.id for r in first.results]
    assert all(r.ok for r in again.results) and Document.objects.filter(path=PATH).count() == 12
    other = store(clients, b"another of ")
    assert {r.reason for r in other.results} == {"taken"}


def test_a_batch_asks_no_more_for_more_clients(clients: list[Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    store(clients, b"", "Achats/2026/première.pdf")  # makes the folder
    with CaptureQueriesContext(connection) as few:
        store(clients[:2], b"one of ", "Achats/2026/a.pdf")
    with CaptureQueriesContext(connection) as many:
        store(clients, b"one of ", "Achats/2026/b.pdf")
    assert len(many) == len(few)


def test_a_move_that_does_not_go_says_why_and_only_a_taken_name_is_planned_anew(clients: list[Any]) -> None:
    from syncd.core.protocol import MoveItem
    from syncd.portal.documents import lifecycle
    from syncd.portal.models import Document, Folder
    from syncd.portal.rights import Engine

    client = clients[0]
    for path in ("Achats/a.pdf", "Achats/b.pdf", "Achats/sub/c.pdf"):
        store([client], path.encode(), path)
    doc = Document.objects.get(path="Achats/a.pdf").id
    folder = Folder.objects.get(client=client, path="Achats/sub").id
    top = Folder.objects.get(client=client, path="Achats").id
    moves = {
        MoveItem(client.id, "Achats/a.pdf", "Achats/b.pdf", doc=doc): ("conflict", "taken"),
        MoveItem(client.id, "Achats/a.pdf", "Achats/a:b.pdf", doc=doc): ("refused", "bad_name"),
        MoveItem(client.id, "Achats/a.pdf", "Achats/~$a.pdf", doc=doc): ("refused", "bad_name"),
        MoveItem(client.id, "Achats/a.pdf", "Achats/" + "d/" * 120 + "a.pdf", doc=doc): ("refused", "too_long"),
        MoveItem(client.id, "Achats/a.pdf", "Nowhere/a.pdf", doc=doc): ("refused", "no_right"),
        MoveItem(client.id, "Achats/a.pdf", "Achats/b.pdf/a.pdf", doc=doc): ("refused", "name_collision"),
        MoveItem(client.id, "Achats/sub", "Achats/sub/sub", folder=folder): ("refused", "name_collision"),
        MoveItem(client.id, "Achats", "Ventes/Achats", folder=top): ("refused", "no_right"),
        MoveItem(client.id, "Achats/a.pdf", "Achats/moved.pdf", doc=doc): ("ok", ""),
    }
    results = lifecycle.move_many(Engine(client.cabinet_id), list(moves)).results
    assert [(r.status, r.reason) for r in results] == list(moves.values())


def test_whoever_only_listens_costs_the_same_however_much_changed(clients: list[Any]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.core.protocol import Caller
    from syncd.portal.rights import Engine
    from syncd.portal.sync import changes

    listener = Caller("engine", "machine", "instance", lease=False)
    cabinet = Engine(clients[0].cabinet_id)
    cursor = changes.hello(cabinet, listener, None).cursor
    asked = []
    for n in range(2):
        store(clients, b"one of ", f"Achats/2026/{n}.pdf")
        with CaptureQueriesContext(connection) as queries:
            found = changes.hello(cabinet, listener, cursor, True)
        asked.append([q["sql"] for q in queries])
        assert set(found.moved) == {c.id for c in clients} and not found.docs
    assert len(asked[0]) == len(asked[1])
    assert not any("portal_document" in sql or "portal_version" in sql for sql in asked[1])


def test_what_the_engine_brings_back_is_received_from_its_first_moment(clients: list[Any]) -> None:
    """The company's own, lost with a backup: two inserts, and nothing is written a second time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents import store as service
    from syncd.portal.models import Document, Version
    from syncd.portal.rights import Engine

    bodies = []
    for n in range(5):
        content, own = content_of(b"deposit %d" % n), n < 3
        item = PutItem(clients[0].id, f"Achats/{n}.pdf", content, by_company=own)
        bodies.append(service.Body(item, content, service.new_version_id()))
    with CaptureQueriesContext(connection) as asked:
        service.store(Engine(clients[0].cabinet_id), bodies)
    said = [q["sql"] for q in asked if q["sql"].startswith("UPDATE")]
    assert [sql for sql in said if "portal_document" in sql or "portal_version" in sql] == []
    for model, path in ((Document, "path"), (Version, "document__path")):
        found = dict(model.objects.filter(**{f"{path}__startswith": "Achats/"}).values_list(path, "received_at"))
        assert [found[f"Achats/{n}.pdf"] is not None for n in range(5)] == [True] * 3 + [False] * 2
    assert set(Version.objects.filter(received_at__isnull=False).values_list("by", "origin")) == {("", "company")}


def test_only_an_engine_says_by_which_way_a_document_came(clients: list[Any]) -> None:
    """Nobody else's word is taken, nor a way that this version does not know."""
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents import store as service
    from syncd.portal.models import Version
    from syncd.portal.rights import Engine, Operator

    for actor, prefix in ((Engine(clients[0].cabinet_id), "e"), (Operator(clients[0].cabinet_id, "x", "cabinet"), "o")):
        bodies = []
        for origin in ("scanner", "migration", "carrier_pigeon", ""):
            content = content_of(f"{prefix} {origin}".encode())
            item = PutItem(clients[0].id, f"Achats/{prefix}-{origin}.pdf", content, origin=origin)
            bodies.append(service.Body(item, content, service.new_version_id()))
        assert all(r.ok for r in service.store(actor, bodies).results)
    ways = dict(Version.objects.order_by("document__path").values_list("document__path", "way"))
    assert {path.removeprefix("Achats/"): way for path, way in ways.items() if way} == {
        "e-scanner.pdf": "scanner", "e-migration.pdf": "migration",
    }  # fmt: skip
    assert len(ways) == 8
