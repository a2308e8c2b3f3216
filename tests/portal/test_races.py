"""Several at once at one thing: as if one had come after the other. Each writer is a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

ROUNDS = 3


@pytest.fixture
def client(shared: Path) -> Any:
    from syncd.portal.clients import clients, templates
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Operator

    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    return clients.add(Operator(cabinet.id, "x"), "000001", "SARL Dupont", templates.load("commerce"))


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each gave, or the exception that came out of it, begun together."""
    from django.db import connection

    start, found = threading.Barrier(len(works)), list[Any]([None] * len(works))

    def one(n: int) -> None:
        start.wait()
        try:
            found[n] = works[n]()
        except Exception as e:
            found[n] = e
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def said(found: Sequence[Any]) -> Counter[str]:
    from syncd.portal.refusals import Refusal

    words: Counter[str] = Counter()
    for result in found:
        if isinstance(result, Refusal):
            words["sentence"] += 1
        elif isinstance(result, Exception):
            words[repr(result)] += 1
        elif result is None or isinstance(result, str):
            words["ok"] += 1
        else:
            words[result.status if result.ok else result.reason] += 1
    return words


def storing(client: Any, path: str, data: bytes, doc: str | None = None, version: int = 0) -> Callable[[], Any]:
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents.store import Body, new_version_id, store
    from syncd.portal.rights import Operator

    content = content_of(data)
    body = Body(PutItem(client.id, path, content, doc=doc, version=version), content, new_version_id())
    actor = Operator(client.cabinet_id, "le client", "company")
    return lambda: store(actor, [body]).results[0]


def moving(client: Any, document: Any, to: str) -> Callable[[], Any]:
    from syncd.core.protocol import MoveItem
    from syncd.portal.documents.lifecycle import move_many
    from syncd.portal.rights import Operator

    item, actor = MoveItem(client.id, document.path, to, doc=document.id), Operator(client.cabinet_id, "x", "cabinet")
    return lambda: move_many(actor, [item]).results[0]


def feed_is_whole(client: Any) -> bool:
    """Every number once, none left out, and the last one is the cabinet's."""
    from syncd.portal.models import Cabinet, FeedRow

    rows = list(FeedRow.objects.filter(cabinet=client.cabinet_id).order_by("seq").values_list("seq", flat=True))
    return rows == list(range(1, Cabinet.objects.get(id=client.cabinet_id).seq + 1))


def orphans(client: Any) -> list[str]:
    """Live documents below a folder that is not there."""
    from syncd.core import paths
    from syncd.portal.models import Document, Folder

    there = set(Folder.objects.filter(client=client, deleted_at__isnull=True).values_list("key", flat=True))
    live = Document.objects.filter(client=client, tombstone="").values_list("key", flat=True)
    return [key for key in live if paths.parent(key) not in there]


def one_new_name(client: Any, n: int) -> tuple[list[Callable[[], Any]], dict[str, int]]:
    return [storing(client, f"Achats/{n}.pdf", b"%d" % k) for k in range(4)], {"ok": 1, "taken": 3}


def one_new_subfolder(client: Any, n: int) -> tuple[list[Callable[[], Any]], dict[str, int]]:
    return [storing(client, f"Achats/new {n}/{k}.pdf", b"%d" % k) for k in range(4)], {"ok": 4}


def the_next_version(client: Any, n: int) -> tuple[list[Callable[[], Any]], dict[str, int]]:
    doc = storing(client, f"Achats/v{n}.pdf", b"first")().doc
    return [storing(client, doc.path, b"%d" % k, doc.id, 1) for k in range(4)], {"ok": 1, "changed": 3}


def the_last_room(client: Any, n: int) -> tuple[list[Callable[[], Any]], dict[str, int]]:
    from django.db.models import Sum

    from syncd.portal.clients import clients
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    used = Document.objects.filter(client=client, tombstone="").aggregate(n=Sum("size"))["n"] or 0
    clients.set_quota(Operator(client.cabinet_id, "x"), client, used + 100)
    return [storing(client, f"Achats/q{n}{k}.pdf", b"%030d" % k) for k in range(6)], {"ok": 3, "quota": 3}


def three_places(client: Any, n: int) -> tuple[list[Callable[[], Any]], dict[str, int]]:
    from syncd.portal.models import Document

    document = Document.objects.get(id=storing(client, f"Achats/m{n}.pdf", b"%d" % n)().doc.id)
    tos = [f"{to}/m{n}.pdf" for to in ("Ventes", "Banque", "Achats/old")]
    return [moving(client, document, to) for to in tos], {"ok": 1, "changed": 2}


@pytest.mark.parametrize("race", [one_new_name, one_new_subfolder, the_next_version, the_last_room, three_places])
def test_several_at_once_are_as_one_after_the_other(client: Any, race: Any) -> None:
    from syncd.portal.models import Client

    for n in range(ROUNDS):
        works, expected = race(client, n)
        client = Client.objects.get(id=client.id)
        assert said(at_once(*works)) == expected
    assert feed_is_whole(client) and not orphans(client)


def test_a_folder_removed_while_a_document_comes_into_it_leaves_no_orphan(client: Any) -> None:
    from syncd.portal.clients import tree
    from syncd.portal.rights import Operator

    for n in range(ROUNDS):
        folder = tree.folder_add(Operator(client.cabinet_id, "x"), client, f"Achats/old {n}")
        storing(client, f"{folder}/before.pdf", b"x")()
        coming = [storing(client, f"{folder}/{k}.pdf", b"%d" % k) for k in range(3)]
        found = at_once(partial(tree.folder_remove, Operator(client.cabinet_id, "x"), client, folder), *coming)
        assert said(found) == {"ok": 4}, found
        assert not orphans(client)
    assert feed_is_whole(client)


def test_a_folder_removed_twice_at_once_is_removed_once(client: Any) -> None:
    from syncd.portal.clients import tree
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    for n in range(ROUNDS):
        folder = tree.folder_add(Operator(client.cabinet_id, "x"), client, f"Achats/old {n}")
        id_ = storing(client, f"{folder}/a.pdf", b"x")().doc.id
        found = at_once(*[lambda f=folder: tree.folder_remove(Operator(client.cabinet_id, "x"), client, f)] * 3)
        assert said(found) == {"ok": 1, "sentence": 2}, found
        assert Document.objects.get(id=id_).pasts.count() == 1


@pytest.mark.parametrize("codes", [("K1", "K1", "K1"), ("K1", "k1", "K1")])
def test_one_code_given_to_several_at_once_is_one_client_and_sentences(client: Any, codes: Sequence[str]) -> None:
    from syncd.portal.clients import clients, templates
    from syncd.portal.models import Client
    from syncd.portal.rights import Operator

    template = templates.load("commerce")
    found = at_once(
        *[lambda c=code: clients.add(Operator(client.cabinet_id, "x"), c, "SARL", template) and None for code in codes]
    )
    assert said(found) == {"ok": 1, "sentence": 2}, found
    assert Client.objects.filter(code__iexact="K1").count() == 1


def test_a_code_whose_client_is_closed_says_so(client: Any) -> None:
    from syncd.portal.clients import clients, templates
    from syncd.portal.refusals import Refusal
    from syncd.portal.rights import Operator

    clients.close(Operator(client.cabinet_id, "x"), client)
    with pytest.raises(Refusal, match="désactivé : réactivez-le"):
        clients.add(Operator(client.cabinet_id, "x"), client.code, "SARL", templates.load("commerce"))


def test_two_clients_of_one_code_from_before_the_rule_go_on_and_no_third_is_made(client: Any) -> None:
    from django.core.management import call_command
    from django.db import IntegrityError, transaction

    from syncd.portal.models import Client

    call_command("migrate", "portal", "0010", verbosity=0)
    from django.db import connection

    with connection.cursor() as cursor:
        for code in ("K1", "k1"):
            cursor.execute("CREATE TEMP TABLE one AS SELECT * FROM portal_client WHERE id = %s", [client.id])
            cursor.execute("UPDATE one SET id = %s, code = %s", [code * 16, code])
            cursor.execute("INSERT INTO portal_client SELECT * FROM one")
            cursor.execute("DROP TABLE one")
    call_command("migrate", "portal", verbosity=0)
    assert sorted(Client.objects.filter(code__iexact="k1").values_list("code", "twin")) == [("K1", 0), ("k1", 1)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.create(cabinet=client.cabinet, code="k1", name="third")


def test_a_publication_locks_the_cabinets_row_before_anything_else(client: Any) -> None:
    """SQLite has one writer in any case; another database is as safe only when the lock comes first."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        storing(client, "Achats/a.pdf", b"x")()
    assert next(q["sql"] for q in asked if not q["sql"].startswith("BEGIN")).count("portal_cabinet") > 1


def test_rounds_of_several_processes_tell_everything_once(office_there: Any, monkeypatch: Any) -> None:
    from types import SimpleNamespace

    from django.conf import settings
    from django.db import connection

    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents import deposit
    from syncd.portal.documents.store import Body, new_version_id, store
    from syncd.portal.models import Client, Letter
    from syncd.portal.notifications import notices, outbox
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Engine
    from syncd.portal.storage.port import Staged

    sent: list[Any] = []

    class Mail(SimpleNamespace):
        def send_messages(self, messages: list[Any]) -> int:
            sent.extend(messages)
            return len(messages)

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    monkeypatch.setattr(settings, "QUIET", -1.0)
    monkeypatch.setattr(outbox, "get_connection", lambda *_: Mail(open=bool, close=bool))
    client, marie = office_there.one, office_there.marie
    for user in (office_there.boss, marie):
        type(user).objects.filter(id=user.id).update(email=f"{user.sign_in}@example.com")
    client.responsible = office_there.boss
    client.save()

    def publish(name: str) -> None:
        content = content_of(name.encode())
        body = Body(PutItem(client.id, f"Achats/{name}", content), content, new_version_id())
        assert store(Engine(client.cabinet_id), [body]).results[0].ok

    publish("first.pdf")
    Client.objects.filter(id=client.id).update(news_since=None)
    publish("second.pdf")
    staged = settings.BLOBS / "deposited"
    staged.write_bytes(b"deposited")
    incoming = deposit.Incoming("Achats", "a.pdf", 9)
    deposit.take(
        person_of(marie),
        deposit.begin(person_of(marie), client, "batch-0001"),
        incoming,
        Staged(str(staged)),
        content_of(b"deposited"),
    )
    connection.close()
    at_once(*[notices.gather] * 4)
    told = list(Letter.objects.values_list("to", "subject"))
    assert len(told) == len(set(told)) >= 2, told
    connection.close()
    at_once(*[outbox.deliver] * 4)
    assert sorted((m.to[0], m.subject) for m in sent) == sorted(told)
