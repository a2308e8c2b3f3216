"""What a portal asks of its database holds on both: one who changes a cabinet at a time, snapshots, one clock, a new epoch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import UsageError
from tests.support import databases


def elsewhere(work: Callable[[], Any]) -> Any:
    """In a thread with a connection of its own, waited for."""
    from django.db import connection

    found: list[Any] = []

    def one() -> None:
        try:
            found.append(work())
        except Exception as e:
            found.append(e)
        finally:
            connection.close()

    thread = threading.Thread(target=one)
    thread.start()
    thread.join(30)
    return found[0]


def test_a_snapshot_sees_nothing_that_comes_meanwhile(shared: Path, office_there: Any) -> None:
    if not databases.SERVER:
        pytest.skip("the embedded database lets nobody write meanwhile")
    from syncd.portal.models import Cabinet
    from syncd.portal.server_database import snapshot

    rows = Cabinet.objects.filter(id=office_there.cabinet.id).values_list("name", flat=True)
    with snapshot():
        assert rows.get() == "Cabinet Martin"
        elsewhere(lambda: Cabinet.objects.update(name="Another"))
        assert rows.get() == "Cabinet Martin"
    assert rows.get() == "Another"


def test_who_changes_a_cabinet_changes_it_alone_and_others_go_on(shared: Path, office_there: Any) -> None:
    if not databases.SERVER:
        pytest.skip("on the embedded database every transaction is alone")
    from django.db import OperationalError, connection, transaction

    from syncd.portal.records.feed import publishing, writing
    from syncd.portal.storage.write_errors import busy

    connection.settings_dict["OPTIONS"]["options"] = "-c lock_timeout=200"
    other = office_there.foreign.cabinet_id

    def takes(cabinet: str) -> str:
        with writing(cabinet):
            return "free"

    with publishing(office_there.cabinet.id) as feed:
        feed.client(office_there.one.id)
        held = elsewhere(lambda: takes(office_there.cabinet.id))
        assert isinstance(held, OperationalError) and busy(held)
        assert elsewhere(lambda: takes(other)) == "free"
    assert elsewhere(lambda: takes(office_there.cabinet.id)) == "free"
    assert transaction.get_autocommit()


def test_one_migrates_at_a_time(shared: Path) -> None:
    if not databases.SERVER:
        pytest.skip("the embedded database is migrated by whoever holds its file")
    from syncd.portal.server_database import MIGRATING, exclusively

    def again() -> str:
        with exclusively(MIGRATING, "migrates"):
            return "did"

    with exclusively(MIGRATING, "migrates"):
        refused = elsewhere(again)
        assert isinstance(refused, UsageError) and "another process migrates" in str(refused)
    assert elsewhere(again) == "did"


def test_the_clock_is_the_databases(portal: Path) -> None:
    from syncd.portal.server_database import now

    assert abs(now() - time.time()) < 60


@pytest.mark.parametrize("revoke", [False, True])
def test_after_a_server_was_put_back_engines_see_it_and_what_was_open_is_closed(office: Any, revoke: bool) -> None:
    from syncd.portal.models import Cabinet, EngineToken, Invitation, Letter
    from syncd.portal.operations.restored import begin_anew
    from syncd.portal.people import invitations
    from syncd.portal.rights import Operator
    from syncd.portal.sync import engine_keys

    engine_keys.make(Operator(office.cabinet.id, "x"), "server")
    invitations.issue(office.paul)
    before = {c.id: c for c in Cabinet.objects.all()}
    assert begin_anew(revoke_keys=revoke) == len(before) >= 2
    for after in Cabinet.objects.all():
        assert after.epoch != before[after.id].epoch and after.seq == before[after.id].seq
        assert after.lease_number >= before[after.id].lease_number + 1_000_000 and after.lease_until == 0
    assert not Invitation.objects.exists() and not Letter.objects.filter(sent_at__isnull=True).exists()
    assert EngineToken.objects.filter(revoked_at__isnull=True).exists() is not revoke


def test_a_portal_on_a_server_is_copied_there_and_says_so(tmp_path: Path) -> None:
    from syncd.portal import portal_file
    from syncd.portal.operations.backup import of_file

    of_file(tmp_path)
    portal_file.write(tmp_path, portal_file.PortalFile("postgresql://u@h/d"))
    with pytest.raises(UsageError, match="pg_basebackup"):
        of_file(tmp_path)
