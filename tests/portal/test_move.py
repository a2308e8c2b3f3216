"""A portal is carried into another database: nothing of it is lost whenever that is cut, and the old one writes nothing more."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import UsageError
from tests.portal import private_rows
from tests.portal.test_server_database import elsewhere
from tests.portal.upload_client import Engine
from tests.support import databases

DOCUMENTS = {f"Achats/{n}.pdf": f"document {n}".encode() * n * 1000 for n in range(1, 5)}


Carry = Callable[..., Any]


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def empty(portal_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of this version without rows: migrations take seconds."""
    from syncd.portal import bootstrap
    from tests.portal.conftest import _copy

    made = tmp_path_factory.mktemp("empty")
    if databases.SERVER:
        bootstrap.make_schema_in(made)
    else:
        _copy(portal_directory / "portal.db", made / "portal.db")
    return made / "portal.db"


@pytest.fixture
def carried(shared: Path, empty: Path) -> Carry:
    from syncd.portal.operations.move import move
    from syncd.portal.portal_file import PortalFile

    def made(to: Path) -> None:
        if not (to / "portal.db").exists():
            shutil.copy(empty, to / "portal.db")

    def carry(to: Path, make_schema: Callable[[Path], None] = made) -> Any:
        return move(shared, to, PortalFile(), make_schema, lambda n, of: None)

    return carry


@pytest.fixture
def old(office_there: Any, shared: Path) -> Iterator[Any]:
    """A portal with documents, one of which somebody sealed a name beside."""
    from django.db import connections

    from syncd.portal.models import User

    (shared / "secret_key").write_text("0" * 64)
    results = asyncio.run(Engine(office_there.cabinet).put(office_there.one, DOCUMENTS))
    assert all(r.ok for r in results)
    User.objects.filter(id=office_there.marie.id).update(email="marie@example.fr")
    private_rows.opened(office_there.marie, office_there.one)
    yield office_there
    if "target" in connections.settings:
        connections["target"].close()
        del connections["target"], connections.settings["target"]


def counts(to: Path, table: str) -> int:
    with contextlib.closing(sqlite3.connect(to / "portal.db")) as conn:
        return int(conn.execute(f"select count(*) from {table}").fetchone()[0])


def whole(to: Path) -> None:
    """All is there, and nothing is written here any more."""
    from django.db import DatabaseError

    from syncd.portal import storage
    from syncd.portal.documents import integrity
    from syncd.portal.models import Cabinet, Client, Document, User, Version
    from syncd.portal.operations import moved
    from syncd.portal.storage.write_errors import busy

    for model in (Cabinet, Client, Document, User, Version):
        assert counts(to, model._meta.db_table) == model.objects.count() > 0
    blobs = storage.blobs_of(to)
    assert {blobs.read(v) for v in Version.objects.values_list("id", flat=True)} == set(DOCUMENTS.values())
    held = dict(integrity.kept())
    assert len(held) > len(DOCUMENTS) and all(blobs.prove(name)[0] == content for name, content in held.items())
    assert (to / "secret_key").read_text() == "0" * 64 and not (to / moved.ARRIVING).exists()
    assert moved.place() == str(to)
    for write in (lambda: Cabinet.objects.update(name="Another"), lambda: Version.objects.all().delete()):
        fault = elsewhere(write)
        assert isinstance(fault, DatabaseError) and busy(fault)


def test_a_portal_is_carried_and_the_old_one_writes_nothing_more(
    old: Any, carried: Carry, shared: Path, tmp_path: Path
) -> None:
    from syncd.portal.documents import integrity
    from syncd.portal.operations import moved

    to = tmp_path / "new"
    done = carried(to)
    assert (done.documents, done.bad) == (len(list(integrity.kept())), []) and done.rows > 20
    whole(to)
    with pytest.raises(UsageError, match="has moved to"):
        moved.check(shared)
    assert carried(to).documents == 0  # said once more
    with pytest.raises(UsageError, match="already"):
        carried(tmp_path / "third")


@pytest.mark.parametrize("step", ["documents", "rows", "close", "finish"])
def test_cut_before_any_step_the_same_call_goes_on(
    step: str, old: Any, carried: Carry, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.models import Cabinet
    from syncd.portal.operations import move, moved, table_copy

    steps = {
        "documents": (move._Documents, "carry"),
        "rows": (table_copy, "carry"),
        "close": (moved, "close"),
        "finish": (move, "finish"),
    }
    of, name = steps[step]

    def cut(*given: Any) -> Any:
        raise Killed

    to = tmp_path / "new"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(of, name, cut)
        carried(to)
    assert (to / moved.ARRIVING).exists()
    if step != "finish":  # until the end, this one is the portal
        with pytest.raises(UsageError, match="not whole yet"):
            moved.check(to)
        moved.check(shared)
        assert elsewhere(lambda: Cabinet.objects.update(phone="1")) > 0
    assert carried(to).bad == []
    whole(to)


def test_while_nobody_writes_others_read_on(old: Any, shared: Path) -> None:
    from django.db import connection

    from syncd.portal.models import Cabinet
    from syncd.portal.operations import moved
    from syncd.portal.storage.write_errors import busy

    options = connection.settings_dict["OPTIONS"]
    if "timeout" in options:
        options["timeout"] = 0.2
    else:
        options["options"] = "-c lock_timeout=200"
    with moved.no_writers():
        assert elsewhere(lambda: Cabinet.objects.order_by("id").count()) == 2
        assert busy(elsewhere(lambda: Cabinet.objects.update(name="Another")))
    assert elsewhere(lambda: Cabinet.objects.update(name="Another")) == 2


def test_bytes_that_are_none_here_are_named_and_hold_nothing_up(
    old: Any, carried: Carry, shared: Path, tmp_path: Path
) -> None:
    from syncd.portal.documents import integrity
    from syncd.portal.models import Version
    from syncd.portal.storage import blob_store

    version = Version.objects.order_by("size").first()
    assert version is not None
    blob_store().move_away(version.id, "damaged")
    done = carried(tmp_path / "new")
    assert done.bad == [version.id] and done.documents == len(list(integrity.kept())) - 1


def test_rows_that_came_otherwise_move_nothing(
    old: Any, carried: Carry, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.core.errors import SyncdError
    from syncd.portal.operations import moved, table_copy

    read = table_copy._rows

    def one_less(model: Any, using: str) -> Any:
        found = list(read(model, using))
        return found[1:] if using == "target" and model._meta.model_name == "version" else found

    monkeypatch.setattr(table_copy, "_rows", one_less)
    with pytest.raises(SyncdError, match="not the same in both"):
        carried(tmp_path / "new")
    assert moved.place() == "" and counts(tmp_path / "new", "portal_version") == 0


def test_another_portals_place_is_refused(old: Any, carried: Carry, shared: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()
    for to in (tmp_path / "full", shared / "inside", shared):
        with pytest.raises(UsageError):
            carried(to)
