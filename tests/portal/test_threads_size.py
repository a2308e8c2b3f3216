"""A client with 50,000 messages: its pages read what they show, by an index, and take no longer than a list of documents."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import pytest

from tests.portal.test_size import fill, talk

MESSAGES = int(os.environ.get("SYNCD_MESSAGES", "600"))  # 50000 for the figures of docs/testing.md


@pytest.fixture
def full(portal: Any) -> dict[str, Any]:
    """A client with 150 documents in « Ventes » and MESSAGES entries, half of them in one thread, half in one each."""
    from syncd.portal.models import Cabinet, Grant, Portfolio, User

    cabinet = Cabinet.objects.create(name="Grand cabinet")
    client, document = fill(cabinet, 1, 450)
    talk(cabinet, document, MESSAGES // 2)
    made = {
        name: User.objects.create(cabinet=cabinet, sign_in=f"{name}.full", role=role)
        for name, role in (("boss", "correspondent"), ("associate", "associate"), ("contact", "contact"))
    }
    Portfolio.objects.create(user=made["associate"], field="all")
    for who, of in (("associate", None), ("contact", client)):
        Grant.objects.create(user=made[who], client=of, kind="*", verbs="view download message")
        Grant.objects.create(user=made[who], client=of, kind="payroll", verbs="")
    return {**made, "document": document}


def test_pages_of_messages_read_what_they_show(full: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.models import Thread, ThreadEntry

    client, about, read = full["document"].client, full["document"].thread, 0

    def counted(of: type[Any]) -> None:
        from_db = of.from_db.__func__

        def one(cls: type[Any], *args: Any) -> Any:
            nonlocal read
            read += 1
            return from_db(cls, *args)

        monkeypatch.setattr(of, "from_db", classmethod(one))

    counted(Thread)
    counted(ThreadEntry)
    took, scans = dict[str, float](), dict[str, list[str]]()
    first = Thread.objects.filter(client=client).order_by("-last_at")[60].id
    entry = ThreadEntry.objects.get(thread=about, number=MESSAGES // 4).id
    for who in ("associate", "contact"):
        browser = Browser()
        browser.force_login(full[who], backend="django.contrib.auth.backends.ModelBackend")
        for page in (
            "/dossiers/000000/Ventes", "/echanges", "/echanges?client=000000", f"/echanges?after={first}",
            f"/echanges/{about.id}", f"/echanges/{about.id}?before={entry}",
        ):  # fmt: skip
            best = 9.0
            for _ in range(4 if os.environ.get("SYNCD_MESSAGES") else 1):
                read, began = 0, time.perf_counter()
                with CaptureQueriesContext(connection) as queries:
                    assert browser.get(page).status_code == 200
                best = min(best, time.perf_counter() - began)
            took[f"{who} {page}"] = best
            assert read <= 110, (who, page, read)
            slow = [q["sql"] for q in queries.captured_queries if "portal_thread" in q["sql"] and _scans(q["sql"])]
            if slow:
                scans[f"{who} {page}"] = slow
    assert not scans, scans
    if os.environ.get("SYNCD_MESSAGES"):
        for page, seconds in took.items():
            who = page.split()[0]
            print(
                f"{page[:48]:48} {seconds * 1000:5.0f} ms, {seconds / took[f'{who} /dossiers/000000/Ventes']:.2f} of a list of documents"
            )


def _scans(sql: str) -> bool:
    """Whether the database reads all threads, entries or readings for it."""
    from django.db import connection

    if connection.vendor != "sqlite" or not sql.startswith("SELECT"):
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [str(row[3]) for row in cursor.fetchall()]
    names = {
        alias or table for table, alias in re.findall(r'(?:FROM|JOIN) "(portal_thread\w*)"(?: ([A-Z]\w*)\b)?', sql)
    }
    return any(step.split()[:2] == ["SCAN", name] and "INDEX" not in step for step in steps for name in names)


@pytest.mark.parametrize("called", ["", "U0", "T4"])
def test_a_table_that_is_read_whole_is_found_by_whatever_name(portal: Any, called: str) -> None:
    table, name = '"portal_threadentry"', called or '"portal_threadentry"'
    assert _scans(f"SELECT 1 FROM {table} {called} WHERE {name}.\"text\" = 'x'") or not _embedded()
    assert not _scans(f"SELECT 1 FROM {table} {called} WHERE {name}.\"id\" = 'x'")
    joined = f'SELECT "portal_thread"."id" FROM "portal_thread" INNER JOIN {table} {called} ON {name}."text" = "portal_thread"."id"'
    assert _scans(joined) or not _embedded()


def _embedded() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"
