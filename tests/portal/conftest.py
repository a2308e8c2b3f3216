"""Django is started once per worker, on a portal directory of its own; each test makes the cabinets it needs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock

from tests.portal import private_rows
from tests.support import databases


@pytest.fixture(autouse=True)
def _of_the_embedded_database(request: pytest.FixtureRequest) -> None:
    if databases.SERVER and request.node.get_closest_marker("embedded"):
        pytest.skip("it is about the embedded database's own files")


@pytest.fixture(autouse=True)
def _answers_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Django's test client leaves an answer that streams open, which a server closes: it is closed when the test ends."""
    from django.core.signals import request_finished
    from django.db import close_old_connections
    from django.test import Client as Browser

    request = Browser.request
    with contextlib.ExitStack() as answers:
        answers.callback(request_finished.connect, close_old_connections)

        def kept(browser: Browser, **asked: Any) -> Any:
            answer = request(browser, **asked)
            if answer.streaming:
                answers.callback(answer.close)
            return answer

        monkeypatch.setattr(Browser, "request", kept)
        yield
        request_finished.disconnect(
            close_old_connections
        )  # as that client does: it would end the tests' one connection


@pytest.fixture(autouse=True, scope="session")
def _readers_end() -> Iterator[None]:
    """What reads strangers' files ends with the tests."""
    yield
    from syncd.portal.readers import worker_client

    worker_client.stop()


@pytest.fixture(scope="session")
def portal_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Path]:
    from syncd.portal import bootstrap, portal_file

    directory = tmp_path_factory.mktemp("portal") / "data"
    for part in ("blobs", "uploads"):
        (directory / part).mkdir(parents=True)
    on_server = databases.a_database() if databases.SERVER else contextlib.nullcontext("")
    name = on_server.__enter__()
    if name:
        file = databases.portal_on(name)
        databases.begin_objects(file, directory / "blobs")
        portal_file.write(directory, file)
    bootstrap.use(directory, new=True)
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")  # how Django's test client calls it
    settings.LOCALE_PATHS = settings.LOCALE_PATHS[1:]  # French as one types it: how it is printed, other tests tell
    from django.test.signals import setting_changed

    setting_changed.send(sender=type(settings), setting="LOCALE_PATHS", value=settings.LOCALE_PATHS, enter=True)
    from django.db import connection

    connection.settings_dict["CONN_MAX_AGE"] = 0  # no thread of the portal's goes on with an earlier test's database
    _migrate(directory, tmp_path_factory, worker_id)
    os.environ.pop("SYNCD_PORTAL_DIR")  # other processes of this worker's tests have their own
    yield directory
    connection.close()
    on_server.__exit__(None, None, None)


def _migrate(directory: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """Migrated by the first worker; the others begin with a copy of its database."""
    from django.db import connection

    from syncd.portal import bootstrap

    base = tmp_path_factory.getbasetemp()
    if databases.SERVER or worker_id == "master":
        bootstrap.migrate()
        return
    made = base.parent / "migrated.db"
    with FileLock(base.parent / "migrated.lock"):
        if not made.exists():
            bootstrap.migrate()
            connection.close()
            _copy(directory / "portal.db", made)
        else:
            connection.close()
            _copy(made, directory / "portal.db")


def _copy(source: Path, target: Path) -> None:
    """A database; not the file alone: what another thread's connection keeps open lies beside it."""
    with contextlib.closing(sqlite3.connect(source)) as original, contextlib.closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")


@pytest.fixture
def portal(portal_directory: Path) -> Iterator[Path]:
    """The portal's directory; whatever the test writes into the database is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield portal_directory
        transaction.set_rollback(True)


@pytest.fixture
def shared(portal_directory: Path, tmp_path: Path) -> Iterator[Path]:
    """A portal directory of its own, whose database every thread opens for itself: what is written there is committed."""
    from django.db import connection

    directory = tmp_path / "portal"
    for part in ("blobs", "uploads"):
        (directory / part).mkdir(parents=True)
    connection.close()
    with contextlib.ExitStack() as until:
        name = _copied(portal_directory, directory, until)
        yield from _on(directory, name)


def _copied(source: Path, directory: Path, until: contextlib.ExitStack) -> str:
    """A copy of the database: its name for Django."""
    from syncd.portal import portal_file

    if databases.SERVER:
        from django.db import connection

        name = until.enter_context(databases.a_database(str(connection.settings_dict["NAME"])))
        file = databases.portal_on(name)
        databases.begin_objects(file, directory / "blobs")
        portal_file.write(directory, file)
        return name
    _copy(source / "portal.db", directory / "portal.db")
    return str(directory / "portal.db")


def _on(directory: Path, name: str) -> Iterator[Path]:
    from django.conf import settings
    from django.db import connection

    from syncd.portal import portal_file
    from syncd.portal.api import orm_threads

    of, before = connection.settings_dict, (settings.DATA, settings.BLOBS, settings.UPLOADS, settings.FILE)
    kept = {"NAME": of["NAME"], "CONN_MAX_AGE": of["CONN_MAX_AGE"], "OPTIONS": of["OPTIONS"]}
    of |= {
        "NAME": name,
        "CONN_MAX_AGE": 0,
        "OPTIONS": dict(of["OPTIONS"]),
    }  # no thread keeps one
    settings.DATA, settings.BLOBS, settings.UPLOADS = directory, directory / "blobs", directory / "uploads"
    settings.FILE = portal_file.read(directory, {})
    pools = {name: pool for name, pool in vars(orm_threads).items() if isinstance(pool, ThreadPoolExecutor)}
    for name in pools:  # a thread of before may still hold the other database open
        setattr(orm_threads, name, ThreadPoolExecutor(4))
    yield directory
    for name, pool in pools.items():
        getattr(orm_threads, name).shutdown()
        setattr(orm_threads, name, pool)
    connection.close()
    of |= kept
    settings.DATA, settings.BLOBS, settings.UPLOADS, settings.FILE = before


def client_of(cabinet: Any, code: str, template: str = "commerce") -> Any:
    """A client of a cabinet, with the tree of a shipped template."""
    from syncd.portal.clients import clients, templates
    from syncd.portal.rights import Operator

    return clients.add(Operator(cabinet.id, cabinet.name), code, f"Société {code}", templates.load(template))


def deposited(client: Any, path: str, data: bytes, origin: str = "company") -> Any:
    """A document deposited by the company, at the portal's own machine."""
    import io

    from syncd.portal.documents.deposit import deposit_file
    from syncd.portal.models import Document
    from syncd.portal.rights import Operator

    result = deposit_file(Operator(client.cabinet_id, "le client", origin), client, path, io.BytesIO(data))
    assert result.ok and result.doc is not None, result
    return Document.objects.get(id=result.doc.id)


@pytest.fixture
def make_client(portal: Path) -> Callable[..., Any]:
    return client_of


@pytest.fixture
def put(portal: Path) -> Callable[..., Any]:
    return deposited


@pytest.fixture
def office(portal: Any) -> Any:
    """Two clients of a cabinet, another cabinet's, a correspondent, and the people of the first client."""
    return _office()


@pytest.fixture
def office_there(shared: Any) -> Any:
    """The same, seen by every thread."""
    return _office()


def _office() -> Any:
    from syncd.portal.models import Cabinet, Grant, User

    cabinet, other = Cabinet.objects.create(name="Cabinet Martin"), Cabinet.objects.create(name="Autre cabinet")
    one, two, foreign = (
        client_of(cabinet, "000001"),
        client_of(cabinet, "000002"),
        client_of(other, "000009"),
    )
    boss = User.objects.create(cabinet=cabinet, sign_in="boss", role="correspondent")
    marie = User.objects.create(cabinet=cabinet, sign_in="marie", name="Marie Dupont", role="contact")
    Grant.objects.create(user=marie, client=one, kind="*", verbs="view deposit")
    Grant.objects.create(user=marie, client=one, kind="payroll", verbs="")
    paul = User.objects.create(cabinet=cabinet, sign_in="paul", name="Paul", role="member", parent=marie)
    Grant.objects.create(user=paul, client=one, kind="*", verbs="view")
    Grant.objects.create(user=paul, client=one, kind="payroll", verbs="view")  # more than Marie holds: cut
    return SimpleNamespace(cabinet=cabinet, one=one, two=two, foreign=foreign, boss=boss, marie=marie, paul=paul)


@pytest.fixture(scope="module")
def built(portal_directory: Path) -> Iterator[Any]:
    """The house of test_rights, once for all tests of a file."""
    from django.db import transaction

    from tests.portal.test_rights import House

    with transaction.atomic():
        yield House(client_of, deposited)
        transaction.set_rollback(True)


@pytest.fixture
def house(built: Any, portal: Path) -> Iterator[Any]:
    """A house with people of every kind; what the test writes there is undone. Nobody's question touches what lies in a
    company's private space."""
    with private_rows.untouched():
        yield built


@pytest.fixture
def browse() -> Callable[..., Any]:
    from django.test import Client as Browser

    def as_(user: Any) -> Any:
        browser = Browser()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return as_


@pytest.fixture
def space(office: Any, person: Callable[[Any], Any]) -> Any:
    """The first client's, opened by Marie, with one document; `office.recovery` gives a voided key back."""
    import io

    from syncd.portal.models import Grant
    from syncd.portal.private_space import deposits, keys

    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    office.recovery = keys.open_space(person(office.marie), office.one)
    taken = deposits.take_stream(
        person(office.marie), office.one, "", private_rows.SECRET_PDF, io.BytesIO(b"%PDF- secret")
    )
    assert taken.outcome == "stored"
    return office


@pytest.fixture
def person() -> Callable[[Any], Any]:
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of

    return lambda user: person_of(User.objects.get(id=user.id))


@pytest.fixture
def talking(office: Any) -> Any:
    """The office, whose people may read and write messages: Marie all of the first client's but of payroll."""
    from syncd.portal.models import Grant, User

    for user, verbs in ((office.marie, "view deposit download message"), (office.paul, "view message")):
        Grant.objects.filter(user=user, kind="*").update(verbs=verbs)
    Grant.objects.filter(user=office.paul, kind="payroll").update(verbs="view message")
    office.rh = User.objects.create(cabinet=office.cabinet, sign_in="rh", name="Rita", role="contact")
    Grant.objects.create(user=office.rh, client=office.one, kind="payroll", verbs="view deposit download message")
    office.silent = User.objects.create(cabinet=office.cabinet, sign_in="silent", name="Simon", role="contact")
    Grant.objects.create(user=office.silent, client=office.one, kind="*", verbs="view deposit download")
    return office
