"""A new portal: its directory, its cabinet, its administrator; in whose name commands on its machine work."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q

from syncd.core.errors import UsageError
from syncd.core.plain_text import one_line
from syncd.disk import private
from syncd.portal import portal_file, storage
from syncd.portal.models import Cabinet, User
from syncd.portal.portal_file import PortalFile
from syncd.portal.rights import Operator


def check_database_empty() -> None:
    """Raises UsageError where the database of a server holds a portal: a second one would take it for its own."""
    if Cabinet._meta.db_table in connection.introspection.table_names():
        raise UsageError(
            "the database holds a portal already.",
            mend="To serve it from here, too, copy portal.toml and secret_key of that portal into a directory; to make a new one, give a new database.",
        )


def prepare_directory(directory: Path, file: PortalFile | None = None) -> None:
    """Make the data directory of a new portal; refuses one that holds anything. `file`: which database it works on."""
    if (directory / "portal.db").exists() or (directory / portal_file.NAME).exists():
        raise UsageError(f"'{directory}' already holds a portal.", mend="Serve it, or choose another directory.")
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"'{directory}' is not empty.", mend="Choose an empty or a new directory.")
    if file is not None and file.blobs:
        storage.begin_objects()
    private.directory(directory)
    storage.make(directory)
    fd = os.open(directory / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as f:
        f.write(secrets.token_hex(32))
    if file is not None:
        portal_file.write(directory, file)


def check_account(email: str, password: str | None) -> None:
    """Raises UsageError before anything is made."""
    try:
        validate_email(email)
    except ValidationError:
        raise UsageError(f"'{email}' is no e-mail address.") from None
    if password is not None:
        try:
            validate_password(password)
        except ValidationError as e:
            raise UsageError(f"the administrator's password is refused: {' '.join(e.messages)}") from None


def found_cabinet(name: str, email: str, password: str | None, admin: str = "") -> tuple[Cabinet, str]:
    """The cabinet, and its administrator's password (made when None). `admin`: the administrator's name."""
    secret = password or secrets.token_urlsafe(12)
    with transaction.atomic():
        cabinet = Cabinet.objects.create(name=name)
        User.objects.create(
            cabinet=cabinet, sign_in=email.lower(), email=email, name=one_line(admin), password=make_password(secret)
        )
    return cabinet, secret


def only_cabinet(environ: Mapping[str, str] = os.environ) -> Cabinet:
    """The cabinet that management commands work on: the one that SYNCD_PORTAL_CABINET names, by its name or its id, else the
    only one. Raises UsageError."""
    wanted = environ.get("SYNCD_PORTAL_CABINET", "")
    if wanted:
        return named_cabinet(wanted)
    found = list(Cabinet.objects.order_by("name")[:2])
    if not found:
        raise UsageError("this portal has no cabinet.", mend="Make a new one: syncd portal init.")
    if len(found) > 1:
        raise UsageError(
            "this portal has several cabinets: which one is meant?",
            mend='Say it before the command: syncd portal --cabinet "NAME" …; their names: syncd portal cabinet list DIR.',
        )
    return found[0]


def named_cabinet(name: str) -> Cabinet:
    """By its name or its id. Raises UsageError."""
    found = Cabinet.objects.filter(Q(name__iexact=name) | Q(id=name)).order_by("id").first()
    if found is None:
        raise UsageError(f"this portal has no cabinet '{name}'.", mend="See: syncd portal cabinet list DIR.")
    return found


def operator() -> Operator:
    """Whoever runs commands on the portal's own machine, in the name of the cabinet."""
    cabinet = only_cabinet()
    return Operator(cabinet.id, cabinet.name)


def first_correspondent(cabinet: Cabinet) -> User:
    """In whose name commands on the portal's machine create people."""
    found = (
        User.objects.filter(cabinet=cabinet, role="correspondent", is_active=True).order_by("created_at", "id").first()
    )
    if found is None:
        raise UsageError("the cabinet has no correspondent.")
    return found
