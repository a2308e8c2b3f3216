"""Many documents that disappeared at once are offered to be taken again, never to be removed online too (RULES 2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any


def gone(office: Any, put: Any, count: int, every: timedelta, ago: timedelta = timedelta(hours=1)) -> list[Any]:
    from syncd.portal.models import Document

    documents = [put(office.one, f"Achats/{n:02}.pdf", b"%d" % n) for n in range(count + 10)]
    start = datetime.now(UTC) - ago - every * count
    for n, document in enumerate(documents[:count]):
        Document.objects.filter(id=document.id).update(left_at=start + every * n)
    return documents[:count]


def still_left(documents: list[Any]) -> int:
    from syncd.portal.models import Document

    return Document.objects.filter(id__in=[d.id for d in documents], left_at__isnull=False, tombstone="").count()


def test_a_storm_is_offered_to_be_taken_again_and_not_to_be_removed(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import WaitingSet

    documents = gone(office, put, 25, timedelta(minutes=1))
    WaitingSet.objects.create(client=office.two, digest="d" * 64, reason="guard_changes", actions=[])
    boss = browse(office.boss)
    page = boss.get("/a-faire").content.decode()
    assert "25 documents ont disparu au cabinet" in page.replace("\u00a0", " ") and "Reprendre" in page
    assert "Retirer aussi" not in page and "Choisir Achats/" not in page
    assert page.index("Disparus") < page.index("Accord</span>")  # the most urgent comes first
    boss.post("/synchronisation/retirer", {"id": [d.id for d in documents], "do": "also"})
    assert still_left(documents) == 25
    boss.post("/synchronisation/retirer", {"client": office.two.id, "do": "again"})
    assert still_left(documents) == 25
    boss.post("/synchronisation/retirer", {"client": office.one.id, "do": "again"})
    assert still_left(documents) == 0


def test_many_clients_that_lose_most_of_their_few_documents_are_a_storm_together(
    office: Any, browse: Any, put: Any
) -> None:
    from syncd.portal.models import Document

    documents = []
    for client in (office.one, office.two):
        documents += [put(client, f"Achats/{n:02}.pdf", b"%d" % n) for n in range(13)]
    start = datetime.now(UTC) - timedelta(hours=1)
    Document.objects.filter(id__in=[d.id for d in documents]).update(left_at=start)
    boss = browse(office.boss)
    page = boss.get("/a-faire").content.decode()
    assert page.replace("\u00a0", " ").count("13 documents ont disparu au cabinet") == 2 and "Retirer aussi" not in page
    boss.post("/synchronisation/retirer", {"id": [d.id for d in documents], "do": "also"})
    assert still_left(documents) == 26


def test_removals_over_days_or_of_long_ago_are_as_ever(office: Any, browse: Any, put: Any) -> None:
    documents = gone(office, put, 25, timedelta(hours=6))
    boss = browse(office.boss)
    page = boss.get("/a-faire").content.decode()
    assert "ont disparu au cabinet" not in page and "Retirer aussi" in page
    boss.post("/synchronisation/retirer", {"id": [documents[0].id], "do": "also"})
    assert still_left(documents) == 24


def test_after_a_week_both_are_offered_again(office: Any, browse: Any, put: Any) -> None:
    gone(office, put, 25, timedelta(minutes=1), timedelta(days=8))
    assert "Retirer aussi" in browse(office.boss).get("/a-faire").content.decode()


def test_what_the_cabinet_removed_is_never_said_to_be_kept_there(office: Any, browse: Any, put: Any) -> None:
    """Somebody who deletes because a copy is kept elsewhere would delete the last one."""
    from syncd.portal.models import Document

    now = datetime.now(UTC)
    kept, left = put(office.one, "Achats/kept.pdf", b"1"), put(office.one, "Achats/left.pdf", b"2")
    Document.objects.filter(id__in=[kept.id, left.id]).update(received_at=now)
    Document.objects.filter(id=left.id).update(left_at=now)
    boss = browse(office.boss)

    def page(document: Any) -> str:
        return str(boss.get(f"/documents/{document.id}").content.decode())

    assert "Le cabinet garde son exemplaire." in page(kept)
    assert "il ne restera que dans la corbeille" in page(left) and "garde son exemplaire" not in page(left)
    for document, said in ((kept, "Le cabinet garde son exemplaire."), (left, "Il peut être restauré depuis")):
        boss.post(f"/documents/{document.id}/action", {"do": "delete"})
        assert said in page(document)
    assert "conservé au cabinet" in page(kept)
    assert "conservé au cabinet" not in page(left) and "toujours en ligne" not in page(left)
    assert boss.get(f"/corbeille/{office.one.code}").content.decode().count("conservé au cabinet") == 1
