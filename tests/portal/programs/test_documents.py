"""Documents by cursor: all, then what changed; their bytes whole or in part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.portal.programs.program import Caller, make


def test_all_documents_come_once_then_what_changed(office: Any, put: Callable[..., Any], inline: None) -> None:
    from syncd.portal.documents import selection
    from syncd.portal.records.feed import publishing
    from syncd.portal.rights import Operator

    caller = Caller(make(office.cabinet, "read"))
    first = [put(office.one, f"Achats/{n}.pdf", str(n).encode()) for n in range(7)]
    found, since = caller.all_documents(limit=3)
    assert sorted(d["id"] for d in found) == sorted(d.id for d in first)
    quiet = caller.get("/documents", since=since).json()
    assert quiet["documents"] == quiet["gone"] == quiet["relist"] == [] and not quiet["more"]
    new, changed = put(office.two, "Ventes/n.pdf", b"new"), put(office.one, "Achats/1.pdf", b"another")
    with publishing(office.cabinet.id) as feed:
        selection.put_in_bin(Operator(office.cabinet.id, "x"), [first[2]], feed, datetime.now(UTC))
    page = caller.get("/documents", since=quiet["next"], limit=2).json()
    assert [d["id"] for d in page["documents"]] == [new.id, changed.id] and page["more"]
    assert page["documents"][1]["version"] == 2 and page["documents"][1]["client"] == "000001"
    rest = caller.get("/documents", since=page["next"]).json()
    assert rest["gone"] == [first[2].id] and rest["documents"] == [] and not rest["more"]
    mine = caller.get("/documents", since=quiet["next"], client="000002").json()
    assert [d["id"] for d in mine["documents"]] == [new.id] and mine["gone"] == []


def test_what_comes_while_the_first_pages_are_read_is_not_missed(
    office: Any, put: Callable[..., Any], inline: None
) -> None:
    caller = Caller(make(office.cabinet, "read"))
    for n in range(5):
        put(office.one, f"Achats/{n}.pdf", str(n).encode())
    page = caller.get("/documents", limit=4).json()
    late = put(office.one, "Achats/late.pdf", b"late")
    seen, since, more = {d["id"] for d in page["documents"]}, page["next"], page["more"]
    while more or page["documents"]:
        page = caller.get("/documents", since=since).json()
        seen |= {d["id"] for d in page["documents"]}
        since, more = page["next"], page["more"]
    assert late.id in seen and len(seen) == 6


def test_a_client_whose_rules_changed_is_named_and_others_are_not(
    office: Any, put: Callable[..., Any], inline: None
) -> None:
    from syncd.portal.clients import clients
    from syncd.portal.rights import Operator

    caller = Caller(make(office.cabinet, "read", reach=[("client", office.one.id)]))
    since = caller.all_documents()[1]
    for client in (office.one, office.two):
        clients.set_engine_right(Operator(office.cabinet.id, "x"), client, "Achats", on=False)
    assert caller.get("/documents", since=since).json()["relist"] == ["000001"]


def test_a_cursor_of_another_time_or_nobodys_is_gone(office: Any, inline: None) -> None:
    from syncd.portal.models import Cabinet

    caller = Caller(make(office.cabinet, "read"))
    since = caller.all_documents()[1]
    for odd in ("x", "eA", since[:-4] + "AAAA", "x" * 150):
        assert caller.get("/documents", since=odd).status_code == 410, odd
    assert caller.get("/documents", since="x" * 201).status_code == 422
    Cabinet.objects.filter(id=office.cabinet.id).update(epoch="0" * 32)  # a restored backup
    assert caller.get("/documents", since=since).json()["code"] == "cursor_unknown"


def test_bytes_come_whole_or_in_part_and_not_twice(caller: Callable[..., Caller], office_there: Any) -> None:
    from syncd.portal.models import Document, Opened, Version
    from tests.portal.conftest import deposited

    data = bytes(range(256)) * 40
    document = deposited(office_there.one, "Achats/a.pdf", b"old")
    deposited(office_there.one, "Achats/a.pdf", data)
    reader = caller("read")
    path = f"/documents/{document.id}/content"
    whole = reader.get(path)
    tag = f'"{hashlib.sha256(data).hexdigest()}"'
    assert whole.content == data and whole.headers["ETag"] == tag and whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["content-type"] == "application/octet-stream"
    part = reader.ask("GET", path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert reader.ask("GET", path, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    assert reader.ask("GET", path, headers={"Range": "bytes=1-", "If-Range": '"other"'}).content == data
    assert reader.ask("GET", path, headers={"Range": "bytes=1-", "If-Range": tag}).content == data[1:]
    unchanged = reader.ask("GET", path, headers={"If-None-Match": f'"x", {tag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert reader.get(path, version=1).content == b"old"
    assert reader.get(path, version=9).status_code == 404
    assert reader.ask("HEAD", path).headers["Content-Length"] == str(len(data))
    looks = Opened.objects.filter(document=document)
    assert {(o.by, o.verb, o.user_id) for o in looks} == {("ISACOMPTA", "download", None)} and looks.count() == 2
    assert not Version.objects.filter(
        document=document, received_at__isnull=False
    ).exists()  # nobody of the cabinet saw it
    assert Document.objects.get(id=document.id).received_at is None


def test_clients_are_listed_page_by_page_as_far_as_the_key_reaches(office: Any, inline: None) -> None:
    caller = Caller(make(office.cabinet, "cards", kinds=()))
    page = caller.get("/clients", limit=1).json()
    assert [c["code"] for c in page["clients"]] == ["000001"] and page["next"] == "000001"
    last = caller.get("/clients", after="000001", limit=1).json()
    assert [c["code"] for c in last["clients"]] == ["000002"] and last["next"] is None
    assert Caller(make(office.cabinet, "deposit")).get("/clients").json()["code"] == "scope"
    narrow = Caller(make(office.cabinet, "read", reach=[("client", office.two.id)]))
    assert [c["code"] for c in narrow.get("/clients").json()["clients"]] == ["000002"]
    assert narrow.get("/documents", client="000001").status_code == 404


def test_whatever_is_wrong_is_said_by_field_as_a_problem(office: Any, inline: None) -> None:
    caller = Caller(make(office.cabinet, "read"))
    for path, params, field in (
        ("/documents", {"limit": "0"}, "limit"), ("/documents", {"limit": "many"}, "limit"), ("/documents", {"what": "x"}, "what"),
        ("/documents/xyz", {}, "document"),
    ):  # fmt: skip
        said = caller.get(path, **params)
        assert said.status_code == 422 and said.headers["content-type"] == "application/problem+json"
        assert said.json()["faults"][0]["field"] == field, said.text
    wrong = caller.ask("DELETE", "/documents")
    assert wrong.status_code == 405 and wrong.headers["Allow"] == "GET"
    assert caller.get("/nothing").json()["code"] == "endpoint"
