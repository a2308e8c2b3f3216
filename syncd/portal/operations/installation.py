"""A new portal: its directory, its cabinet, its administrator; in whose name commands on its machine work."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction

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


def only_cabinet() -> Cabinet:
    """The cabinet that management commands work on."""
    cabinet = Cabinet.objects.order_by("name").first()
    if cabinet is None:
        raise UsageError("this portal has no cabinet.", mend="Make a new one: syncd portal init.")
    return cabinet


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
