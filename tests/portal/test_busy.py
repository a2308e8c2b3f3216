"""Another program holds the portal's database: people read one sentence, and the same thing goes through a moment later."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.portal.upload_client import Depositor
from tests.support import databases

Held = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def held(shared: Path) -> Held:
    """While it lasts, nobody else may write; whoever waits does so for a moment only."""
    from django.db import connection

    options = connection.settings_dict["OPTIONS"]
    options |= {"options": "-c lock_timeout=100"} if databases.SERVER else {"timeout": 0.1}
    connection.close()

    @contextmanager
    def on_server() -> Iterator[None]:
        import psycopg

        with psycopg.connect(databases.named(str(connection.settings_dict["NAME"]))) as other:
            other.execute("SELECT 1 FROM portal_cabinet FOR UPDATE")
            yield

    @contextmanager
    def holding() -> Iterator[None]:
        other = sqlite3.connect(shared / "portal.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.rollback()
            other.close()

    return on_server if databases.SERVER else holding


def test_a_drop_waits_and_goes_on_by_itself(office_there: Any, held: Held) -> None:
    marie = Depositor(office_there.marie, office_there.one.code)

    async def work() -> None:
        created = await marie.create("Achats", "a.pdf", 5)
        with held():
            done = await marie.patch(created.headers["location"], 0, b"whole")
            assert done.status_code == 503 and "occupée" in done.json()["message"]
        offset = (await marie.ask("HEAD", created.headers["location"])).headers["upload-offset"]
        done = await marie.patch(created.headers["location"], int(offset), b"whole"[int(offset) :])
        assert done.status_code == 204 and "stored" in done.headers["syncd-deposit"]

    asyncio.run(work())


def test_a_form_is_answered_by_a_sentence(office_there: Any, held: Held, browse: Callable[..., Any]) -> None:
    boss = browse(office_there.boss)
    boss.raise_request_exception = False
    with held():
        done = boss.post("/reglages/dossiers", {"key-1": "achats", "place-1": "2", "label-1": ""})
        assert done.status_code == 503 and "réessayez" in done.content.decode() and done.headers["Retry-After"]
    assert boss.post("/reglages/dossiers", {"key-1": "achats", "place-1": "2", "label-1": ""}).status_code == 302


def test_a_command_says_so(held: Held, shared: Path, tmp_path: Path, monkeypatch: Any) -> None:
    from syncd.cli.portal.documents import document_put
    from syncd.core.errors import SyncdError
    from syncd.portal.clients import clients, templates
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Operator

    monkeypatch.setenv("SYNCD_PORTAL_DIR", "")  # put back when the test ends
    (tmp_path / "a.pdf").write_bytes(b"one")
    (shared / "secret_key").write_text("of the test")
    put = [str(shared), "000001", "Achats/a.pdf", str(tmp_path / "a.pdf")]
    clients.add(
        Operator(Cabinet.objects.create(name="Cabinet Martin").id, "x"),
        "000001",
        "SARL Dupont",
        templates.load("commerce"),
    )
    with held(), pytest.raises(SyncdError, match="held by another program"):
        document_put.main(put, standalone_mode=False)
    document_put.main(put, standalone_mode=False)
