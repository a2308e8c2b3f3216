"""With 2,000 clients and 200,000 documents, the number of queries of a page does not grow, and each answers at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

BIG = int(os.environ.get("SYNCD_CLIENTS", "60"))  # 2000 for the figures of docs/testing.md


def fill(cabinet: Any, count: int, each: int) -> Any:
    """`count` clients with `each` documents, written by the batch; the first client and a document of it."""
    from syncd.core import paths
    from syncd.portal.models import Client, Document, Folder, Version
    from syncd.portal.models.ids import new_id
    from syncd.portal.services import templates
    from syncd.portal.services.trees import rules_json

    template = templates.load("commerce")
    kinds = {"À classer": "inbox", "Achats": "purchases", "Ventes": "sales", "Banque": "bank"}
    now = datetime.now(UTC)
    clients = Client.objects.bulk_create(
        Client(
            cabinet=cabinet,
            code=f"{n:06}",
            name=f"Société {n}",
            rules=rules_json(template.folders),
            site=f"Site {n % 7}",
        )
        for n in range(count)
    )
    Folder.objects.bulk_create(
        (
            Folder(client=c, path=r.path, key=paths.key(r.path))
            for c in clients
            for r in template.folders
            if r.path != "Interne"
        ),
        batch_size=2000,
    )
    documents, versions = [], []
    for client in clients:
        for n in range(each):
            folder = list(kinds)[n % 4] if n % 20 == 0 else list(kinds)[1 + n % 3]
            path = f"{folder}/document {n}.pdf"
            document = Document(
                id=new_id(),
                client=client,
                path=path,
                key=paths.key(path),
                kind=kinds[folder],
                size=10,
                sha256=b"x" * 32,
                version_id=new_id(),
                by_company=True,
                created_at=now - timedelta(minutes=n),
            )
            documents.append(document)
            versions.append(
                Version(
                    id=document.version_id,
                    document=document,
                    number=1,
                    size=10,
                    sha256=b"x" * 32,
                    by="Marie",
                    origin="company",
                    created_at=now,
                )
            )
    Document.objects.bulk_create(documents, batch_size=2000)
    Version.objects.bulk_create(versions, batch_size=2000)
    return clients[0], documents[0]


@pytest.fixture
def people(portal: Any) -> Callable[..., Any]:
    from syncd.portal.models import Cabinet, Grant, Portfolio, User

    def make(count: int, each: int) -> dict[str, Any]:
        cabinet = Cabinet.objects.create(name="Grand cabinet")
        client, document = fill(cabinet, count, each)
        boss = User.objects.create(cabinet=cabinet, sign_in=f"boss{count}", role="correspondent")
        associate = User.objects.create(cabinet=cabinet, sign_in=f"associate{count}", role="associate")
        Grant.objects.create(user=associate, kind="*", verbs="view download deposit delete manage")
        Grant.objects.create(user=associate, kind="payroll", verbs="")
        Portfolio.objects.create(user=associate, field="all")
        contact = User.objects.create(cabinet=cabinet, sign_in=f"contact{count}", role="contact")
        Grant.objects.create(user=contact, client=client, kind="*", verbs="view download deposit delete")
        return {"boss": boss, "associate": associate, "contact": contact, "document": document}

    return make


def pages(document: Any) -> dict[str, list[str]]:
    cabinet = [
        "/",
        "/?q=Société",
        "/a-classer",
        "/synchronisation",
        "/synchronisation/comptes-rendus",
        "/recherche?q=document",
        "/dossiers/000000",
        "/dossiers/000000/Achats",
        f"/documents/{document.id}",
        "/personnes",
        "/personnes/nouvelle",
        "/clients/000000",
    ]
    return {
        "boss": [*cabinet, "/reglages", "/reglages/historique", "/reglages/dossiers", "/reglages/clients?template=*"], "associate": cabinet,
        "contact": ["/", "/dossiers/000000/Achats", "/recherche?q=document", f"/documents/{document.id}", "/compte"],
    }  # fmt: skip


def visit(people: dict[str, Any]) -> dict[tuple[str, str], tuple[int, float]]:
    """(who, page) → (queries, seconds at best of three)."""
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    found = {}
    for who, asked in pages(people["document"]).items():
        browser = Browser()
        browser.force_login(people[who], backend="django.contrib.auth.backends.ModelBackend")
        for page in asked:
            best = 9.0
            for _ in range(3):
                started = time.perf_counter()
                with CaptureQueriesContext(connection) as queries:
                    assert browser.get(page).status_code == 200, page
                best = min(best, time.perf_counter() - started)
            found[who, page.replace(people["document"].id, "…")] = (len(queries), best)
    return found


def test_queries_do_not_grow_with_clients_and_documents_and_pages_answer_at_once(people: Callable[..., Any]) -> None:
    few, many = visit(people(3, 8)), visit(people(BIG, 100))
    if os.environ.get("SYNCD_CLIENTS"):
        for (who, page), (queries, seconds) in many.items():
            print(f"{who:10} {page:28} {queries:3} queries {seconds * 1000:6.0f} ms")
    assert {k: q for k, (q, _) in few.items()} == {k: q for k, (q, _) in many.items()}
    limit = 0.3 if os.environ.get("SYNCD_CLIENTS") else 2.0  # beside other workers only what grows wildly is caught
    slow = {k: round(s, 2) for k, (_, s) in many.items() if s > limit}
    assert not slow, slow
