"""Databases of a PostgreSQL server for tests, where `scripts/services` gave one: SYNCD_TEST_POSTGRES is an address on it."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from syncd.portal.portal_file import PortalFile
    from syncd.portal.storage.objects import ObjectBlobs

SERVER = os.environ.get("SYNCD_TEST_POSTGRES", "")


S3 = {name: os.environ.get(f"SYNCD_TEST_S3{name}", "") for name in ("", "_KEY", "_SECRET")}


AZURE = {name: os.environ.get(f"SYNCD_TEST_AZURE{name}", "") for name in ("", "_SECRET")}
OBJECTS = [kind for kind, at in (("s3", S3[""]), ("azure", AZURE[""])) if at]


def objects_in(kind: str, scratch: Path, *, guarded: bool = False) -> ObjectBlobs:
    """A new object storage of that kind, empty but for its marker."""
    from syncd.portal.storage.objects import ObjectBlobs, opened

    at, key, secret = (S3[""], S3["_KEY"], S3["_SECRET"]) if kind == "s3" else (AZURE[""], "", AZURE["_SECRET"])
    made = ObjectBlobs(opened(at.replace("?", f"/{secrets.token_hex(8)}?", 1), key, secret), scratch, guarded=guarded)
    made.begin()
    return made


def portal_on(database: str) -> PortalFile:
    """What a portal's own directory says: that database, and a place of its own in the object storage, where there is one."""
    from syncd.portal.portal_file import PortalFile

    if not S3[""]:
        return PortalFile(named(database))
    blobs = S3[""].replace("?", f"/{database}?", 1)
    return PortalFile(named(database), blobs, S3["_KEY"], S3["_SECRET"])


def environment(database: str) -> dict[str, str]:
    """The same for `portal init`."""
    file = portal_on(database)
    secret = Path(tempfile.mkstemp(prefix="secret-")[1])
    secret.write_text(file.blobs_secret)
    return {
        "SYNCD_PORTAL_DATABASE": file.database, "SYNCD_PORTAL_BLOBS": file.blobs, "SYNCD_PORTAL_BLOBS_KEY": file.blobs_key,
        "SYNCD_PORTAL_BLOBS_SECRET_FILE": str(secret),
    }  # fmt: skip


def begin_objects(file: PortalFile, scratch: Path) -> None:
    """Its object storage is a portal's from now on."""
    from syncd.portal.storage.objects import objects_at

    if file.blobs:
        objects_at(file.blobs, file.blobs_key, file.blobs_secret, str(scratch)).begin()


def hurt(directory: Path, version: str, data: bytes | None) -> None:
    """Behind the back of the portal in that directory: a version has these bytes from now on; None: it has none."""
    from syncd.portal import portal_file
    from syncd.portal.storage.objects import objects_at

    file, place = portal_file.read(directory, {}), f"{version[:2]}/{version}"
    if file.blobs:
        import obstore

        store = objects_at(file.blobs, file.blobs_key, file.blobs_secret, str(directory / "blobs")).store
        if data is None:
            obstore.delete(store, f"versions/{place}")
        else:
            obstore.put(store, f"versions/{place}", data)
    elif data is None:
        (directory / "blobs" / place).unlink()
    else:
        (directory / "blobs" / place).write_bytes(data)


def named(database: str) -> str:
    """The address of that database on the server."""
    return urlsplit(SERVER)._replace(path=f"/{database}").geturl()


def create(like: str = "") -> str:
    """The name of a new one, a copy of `like` where that is given (nobody may have it open)."""
    import psycopg
    from psycopg import sql

    name = f"t_{secrets.token_hex(6)}"
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like or "template0"))
    with psycopg.connect(SERVER, autocommit=True) as conn:
        conn.execute(made)
    return name


def drop(name: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(SERVER, autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def a_database(like: str = "") -> Iterator[str]:
    """As `create`; gone afterwards."""
    name = create(like)
    try:
        yield name
    finally:
        drop(name)


def copied_for(directory: Path, until: contextlib.ExitStack) -> None:
    """A directory that was copied from another portal's, with its portal.toml: from now on it has a database of its own."""
    from syncd.portal import portal_file

    file = directory / portal_file.NAME
    of = urlsplit(portal_file.read(directory, {}).database).path.strip("/")
    file.unlink()
    name = create(of)
    until.callback(drop, name)
    made = portal_on(name)
    begin_objects(made, directory / "blobs")
    portal_file.write(directory, made)


def ask(database: str, question: str, *given: Any) -> list[tuple[Any, ...]]:
    """Asked of a database beside the portal."""
    import psycopg

    with psycopg.connect(named(database), autocommit=True) as conn:
        return list(conn.execute(question, given or None))
