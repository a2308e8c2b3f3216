"""`portal.toml` in the portal's directory: which database and which object storage it works on. Without the file: SQLite
and this disk.

It may hold passwords: it is read only where its owner alone may read it. The environment has the last word
(SYNCD_PORTAL_DATABASE, SYNCD_PORTAL_DATABASE_PASSWORD_FILE), so that no secret need lie beside the data.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from syncd.core.errors import UsageError
from syncd.core.plain_text import decoded

NAME = "portal.toml"
DATABASE, PASSWORD_FILE = "SYNCD_PORTAL_DATABASE", "SYNCD_PORTAL_DATABASE_PASSWORD_FILE"
BLOBS, BLOBS_KEY, BLOBS_SECRET_FILE = "SYNCD_PORTAL_BLOBS", "SYNCD_PORTAL_BLOBS_KEY", "SYNCD_PORTAL_BLOBS_SECRET_FILE"
_NEVER = '"\\ '  # in a value: TOML would read it otherwise
LOCK_TIMEOUT = 30  # seconds that a writer waits for another one, as on SQLite
_KEYS = ("database", "blobs", "blobs_key", "blobs_secret")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SSL = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "target_session_attrs", "channel_binding")


@dataclass(frozen=True, slots=True)
class PortalFile:
    """`database` '': the embedded one. `blobs` '': this disk; `blobs_key`, `blobs_secret`: of the object storage, '' for what
    the machine itself was given."""

    database: str = ""
    blobs: str = ""
    blobs_key: str = ""
    blobs_secret: str = ""


@dataclass(frozen=True, slots=True)
class BlobAddress:
    """`scheme`: s3 or az; `bucket`: Azure's container; `account`: of Azure alone."""

    scheme: str
    bucket: str
    prefix: str = ""
    account: str = ""
    endpoint: str = ""
    region: str = ""


def read(directory: Path, environ: Mapping[str, str] = os.environ) -> PortalFile:
    """Raises UsageError for a file that others may read, that is no TOML, or that says what is not known."""
    found = _written(directory / NAME)
    return of(
        environ.get(DATABASE) or found.get("database", ""),
        environ.get(BLOBS) or found.get("blobs", ""),
        environ.get(BLOBS_KEY) or found.get("blobs_key", ""),
        found.get("blobs_secret", ""),
        environ,
    )


def of(at: str, blobs: str, key: str = "", secret: str = "", environ: Mapping[str, str] = os.environ) -> PortalFile:
    """What was given, with the secrets of the files that the environment names. Raises UsageError."""
    at = database(at, environ)
    if not blobs:
        return PortalFile(at)
    blob_address(blobs)
    if not at:
        raise UsageError(
            "documents in an object storage go with a database on a server: give both.",
            mend="Add --database postgresql://… (or database in portal.toml), or leave the object storage out.",
        )
    if path := environ.get(BLOBS_SECRET_FILE, ""):
        secret = _secret(BLOBS_SECRET_FILE, path)
    if not all(value.isprintable() and not set(value) & set(_NEVER) for value in (key, secret)):
        raise UsageError("the key of the object storage, or its secret, holds a space, a quote or a backslash.")
    return PortalFile(at, blobs, key, secret)


def given(at: str | None, blobs: str | None, environ: Mapping[str, str] = os.environ) -> PortalFile | None:
    """What a command line says, or else the environment; None: nothing of servers. Raises UsageError."""
    if at is not None and has_password(at):
        raise UsageError(
            "a password on the command line is seen by everybody on this machine.",
            mend="Give the address without it, and the password in a file that SYNCD_PORTAL_DATABASE_PASSWORD_FILE names.",
        )
    file = of(at or environ.get(DATABASE, ""), blobs or environ.get(BLOBS, ""), environ.get(BLOBS_KEY, ""), "", environ)
    return file if file.database else None


def there(directory: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the directory is of a portal whose database is a server's."""
    return bool(read(directory, environ).database)


def _written(path: Path) -> dict[str, str]:
    try:
        data = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise UsageError(f"'{path}' cannot be read ({e.strerror}).") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"'{path}' may be read by others, and holds passwords.", mend=f"chmod 600 '{path}'")
    import tomllib

    try:
        found = tomllib.loads(decoded(data))
    except ValueError as e:
        raise UsageError(f"'{path}' is no TOML ({e}).") from None
    for key, value in found.items():
        if key not in _KEYS:
            raise UsageError(f"'{path}': '{key}' is not known.", mend=f"Known: {', '.join(_KEYS)}.")
        if not isinstance(value, str):
            raise UsageError(f"'{path}': {key} is a text between quotes.")
    return found


def write(directory: Path, file: PortalFile) -> None:
    """For its owner alone. The values hold no character that TOML would read otherwise (`database` refuses them)."""
    fd = os.open(directory / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write("# Where this portal keeps what it holds. Passwords are in it: for its owner alone (chmod 600).\n")
        out.writelines(f'{key} = "{value}"\n' for key in _KEYS if (value := getattr(file, key)))
        out.flush()
        os.fsync(fd)


def database(address: str, environ: Mapping[str, str] = os.environ) -> str:
    """The address, with the password of SYNCD_PORTAL_DATABASE_PASSWORD_FILE where it has none; '' for ''.

    Raises UsageError, which never shows the address: it may hold a password.
    """
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _wrong("its host or its port cannot be read") from None
    if parts.scheme not in ("postgresql", "postgres"):
        raise _wrong("it does not begin with postgresql://")
    if not address.isprintable() or set(address) & set(_NEVER):
        raise _wrong("a space, a quote or a backslash is written as %20, %22, %5C")
    if not parts.path.strip("/") or "/" in parts.path.strip("/"):
        raise _wrong("it names no database")
    for key, _ in parse_qsl(parts.query, keep_blank_values=True):
        if key not in _SSL and key != "host":
            raise _wrong(f"'{key}' is not known; known are host, {', '.join(_SSL)}")
    if parts.password is None and (path := environ.get(PASSWORD_FILE, "")):
        from urllib.parse import quote

        secret = quote(_secret(PASSWORD_FILE, path), safe="")
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        where = f"{parts.username or ''}:{secret}@{host}" + (f":{port}" if port else "")
        return parts._replace(netloc=where).geturl()
    return address


def _secret(variable: str, path: str) -> str:
    try:
        return decoded(Path(path).read_bytes()).strip()
    except (OSError, ValueError) as e:
        why = getattr(e, "strerror", None) or e
        raise UsageError(f"{variable}: '{path}' cannot be read ({why}).") from None


def blob_address(address: str) -> BlobAddress:
    """Raises UsageError for what is none, and for one that documents would go to in clear."""
    try:
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        endpoint = urlsplit(asked.get("endpoint", ""))
        plain = endpoint.scheme == "http" and endpoint.hostname not in _LOOPBACK
    except ValueError:
        raise _no_blobs("it cannot be read") from None
    names = [unquote(name) for name in parts.path.split("/") if name]
    if parts.scheme not in ("s3", "az") or not parts.hostname or parts.username or parts.password:
        raise _no_blobs("it names no bucket, or holds a key, which has a place of its own")
    if not address.isprintable() or set(address) & set(_NEVER) or asked.keys() - {"endpoint", "region"}:
        raise _no_blobs("beside the bucket it says endpoint and region alone")
    if plain or (asked.get("endpoint") and endpoint.scheme not in ("http", "https")):
        raise _no_blobs("documents go to another machine over https:// alone")
    given = asked.get("endpoint", ""), asked.get("region", "")
    if parts.scheme == "s3":
        return BlobAddress("s3", parts.netloc, "/".join(names), "", *given)
    if not names:
        raise _no_blobs("it names no container")
    return BlobAddress("az", names[0], "/".join(names[1:]), parts.netloc, *given)


def _no_blobs(why: str) -> UsageError:
    return UsageError(
        f"the address of the object storage cannot be used: {why}.",
        mend="Give it as s3://BUCKET/PREFIX?endpoint=https://…&region=… or az://ACCOUNT/CONTAINER/PREFIX.",
    )


def _wrong(why: str) -> UsageError:
    return UsageError(
        f"the address of the database cannot be used: {why}.",
        mend="Give it as postgresql://USER@HOST:5432/NAME (a socket: postgresql:///NAME?host=/run/postgresql).",
    )


def shown(address: str) -> str:
    """Without its password."""
    parts = urlsplit(address)
    return address if parts.password is None else address.replace(f":{parts.password}@", "@", 1)


def has_password(address: str) -> bool:
    try:
        return urlsplit(address).password is not None
    except ValueError:
        return False


def embedded(directory: Path) -> dict[str, Any]:
    """Django's settings of the database in that directory."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(directory / "portal.db"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def postgresql(address: str) -> dict[str, Any]:
    """Django's settings of it. What a transaction committed is on the server's disk, whatever the server's habit is."""
    parts = urlsplit(address)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 10,
            "application_name": "syncd portal",
            "options": f"-c lock_timeout={LOCK_TIMEOUT * 1000} -c synchronous_commit=on -c idle_in_transaction_session_timeout=300000",
            **options,
        },
    }
