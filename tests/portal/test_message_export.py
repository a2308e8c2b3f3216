"""What was said goes with a client's documents, as far as its reader sees it; receipts of deposits stand among it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.portal.talk import page, person, say, threads_of, unread


def bag_of(browser: Any) -> dict[str, bytes]:
    """By name inside the bag."""
    answer = browser.post("/recuperation", {"client": "000001"})
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as z:
        return {name.partition("/")[2]: z.read(name) for name in z.namelist()}


def test_a_bag_holds_what_was_said_and_proves_it(talking: Any, browse: Any, put: Any) -> None:
    """The cabinet's notes stay there, whoever takes it."""
    document = put(talking.one, "Achats/facture.pdf", b"1")
    say(talking.marie, talking.one, "TVA <b>", "Bonjour <script>", document=document)
    say(talking.boss, talking.one, "TVA <b>", "une note", internal=True)
    say(talking.rh, talking.one, "Prime", "combien ?", "payroll")
    for user, sees in ((talking.boss, True), (talking.marie, False)):
        files = bag_of(browse(user))
        said = files["echanges.html"].decode()
        assert "TVA &lt;b&gt;" in said and "Bonjour &lt;script&gt;" in said and "Marie Dupont (société)" in said
        assert "Achats/facture.pdf" in said and "une note" not in said and "<script" not in said
        assert ("combien ?" in said) is sees
        digest = hashlib.sha256(files["echanges.html"]).hexdigest()
        assert f"{digest}  echanges.html" in files["SHA256SUMS"].decode()
        assert "echanges.html" in files["LISEZ-MOI.txt"].decode("utf-8-sig")


def test_a_bag_names_nothing_that_the_cabinet_withdrew(talking: Any, browse: Any, put: Any) -> None:
    """The cabinet hands the bag to the company, which has no right to it any more."""
    from syncd.portal.documents import selection
    from syncd.portal.messages import questions
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.records.feed import publishing
    from syncd.portal.rights import Engine

    put(talking.one, "Achats/facture.pdf", b"1")
    document = put(talking.one, "Achats/salaires-du-voisin.pdf", b"2", "cabinet")
    questions.say(person(talking.boss), document, Said(Kind.MESSAGE, "regardez la page 2"))
    say(talking.boss, talking.one, "TVA", "celui-ci", document=document)
    with publishing(talking.cabinet.id) as feed:
        selection.put_in_bin(Engine(talking.cabinet.id), [document], feed, datetime.now(UTC), withdrawn=True)
    for user in (talking.boss, talking.marie):
        said = bag_of(browse(user))["echanges.html"].decode()
        assert "celui-ci" in said and "salaires-du-voisin" not in said and "page 2" not in said


def test_a_bag_of_who_reads_no_messages_holds_none(talking: Any, browse: Any, put: Any) -> None:
    put(talking.one, "Achats/facture.pdf", b"1")
    say(talking.marie, talking.one, "TVA", "Bonjour")
    assert "echanges.html" not in bag_of(browse(talking.silent))


def deposited(user: Any, client: Any, *places: str) -> Any:
    """A deposit of these, of which people were told just now."""
    from syncd.portal.documents import deposit as deposits
    from syncd.portal.models import Deposit
    from syncd.portal.storage import blob_store

    begun = deposits.begin(
        person(user), client, f"batch-{len(places)}-{places[0]}"[:60].replace("/", "-").replace(" ", "-")
    )
    for place in places:
        folder, _, name = place.rpartition("/")
        staged, content = blob_store().stage_from(io.BytesIO(place.encode()))
        deposits.take(person(user), begun, deposits.Incoming(folder, name, content.size), staged, content)
    Deposit.objects.filter(id=begun.id).update(told_at=datetime.now(UTC))
    return begun


def test_a_deposit_is_one_entry_however_many_documents(talking: Any, browse: Callable[..., Any]) -> None:
    """Nobody is told of it once more."""
    from syncd.portal.messages import receipts
    from syncd.portal.models import ThreadEntry

    begun = deposited(talking.marie, talking.one, *(f"Achats/{n}.pdf" for n in range(20)))
    for _ in range(2):
        receipts.gather()
    entry = ThreadEntry.objects.get()
    assert (entry.kind, entry.deposit_id, entry.text) == ("deposit", begun.id, "")
    assert threads_of(talking.marie) == threads_of(talking.boss) == ["Accusés de dépôt"]
    assert unread(talking.boss) == unread(talking.marie) == 0
    shown = page(browse(talking.marie), f"/echanges/{entry.thread_id}")
    assert (
        f"Accusé n° {begun.number}" in shown and "20 documents" in shown and f'href="/depots/{begun.number}"' in shown
    )
    assert "accusé de dépôt" in page(browse(talking.boss), "/echanges")


def test_receipts_are_read_by_who_sees_the_folders(talking: Any) -> None:
    from syncd.portal.messages import receipts
    from syncd.portal.models import Grant, ThreadEntry

    Grant.objects.filter(user=talking.rh).update(verbs="view deposit message")
    deposited(talking.rh, talking.one, "Social/paie.pdf")
    receipts.gather()
    assert threads_of(talking.rh) == ["Accusés de dépôt"] and threads_of(talking.marie) == []
    deposited(talking.boss, talking.one, "Achats/a.pdf", "Social/b.pdf")
    receipts.gather()
    assert ThreadEntry.objects.count() == 1  # what the cabinet puts there is no deposit of the company's


def test_what_was_deposited_before_there_were_messages_is_left_alone(talking: Any) -> None:
    from syncd.portal.messages import receipts
    from syncd.portal.models import Deposit, ThreadEntry

    deposited(talking.marie, talking.one, "Achats/a.pdf")
    Deposit.objects.update(told_at=datetime.now(UTC) - timedelta(days=30))
    receipts.gather()
    assert not ThreadEntry.objects.exists()
