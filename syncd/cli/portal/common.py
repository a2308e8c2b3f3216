"""What the portal's commands share: DIR, and the models started on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.operations.drop_privileges import become_owner_of

if TYPE_CHECKING:
    from syncd.portal.models import Client

directory = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


_DATABASE = click.option(
    "--database",
    metavar="URL",
    help="A PostgreSQL database, postgresql://USER@HOST/NAME, in place of a file in the directory. No password here, where "
    "others see it: it comes from SYNCD_PORTAL_DATABASE (the whole address) or SYNCD_PORTAL_DATABASE_PASSWORD_FILE, and is kept "
    "in portal.toml, for its owner alone.",
)
_BLOBS = click.option(
    "--blobs",
    metavar="URL",
    help="With --database: documents in an object storage, s3://BUCKET/PREFIX?endpoint=…&region=… or "
    "az://ACCOUNT/CONTAINER/PREFIX. Its key comes from SYNCD_PORTAL_BLOBS_KEY and the file SYNCD_PORTAL_BLOBS_SECRET_FILE; "
    "without them, the machine's own is used.",
)


def server_addresses(command: Callable[..., Any]) -> Callable[..., Any]:
    """--database and --blobs."""
    return _DATABASE(_BLOBS(command))


def opens(command: Callable[..., Any]) -> Callable[..., Any]:
    """Start the portal's models on DIR before the command runs; what they refuse is said in English, as by all commands.

    A portal of another version is refused: migrating it is a step of its own, with a copy before it.
    """

    @wraps(command)
    def opened(directory: Path, **values: Any) -> Any:
        from syncd.portal import bootstrap

        become_owner_of(directory)
        bootstrap.use(directory)
        from django.db import OperationalError

        from syncd.core.errors import SyncdError, UsageError
        from syncd.portal.language import ENGLISH, speaking
        from syncd.portal.refusals import Refusal, sentence
        from syncd.portal.storage.port import Away
        from syncd.portal.storage.write_errors import busy, full

        try:
            bootstrap.check_schema()
            with speaking(ENGLISH):
                try:
                    return command(**values)
                except Refusal as e:
                    raise UsageError(sentence(e), reason=e.reason) from None
        except OverflowError:
            raise UsageError("a number is beyond what can be kept.") from None
        except (OSError, OperationalError) as e:
            if isinstance(e, Away):
                raise SyncdError(f"{e.strerror}.", mend="See the object storage, then try again.") from None
            if busy(e):
                raise SyncdError("the portal's database is held by another program.", mend="Try again soon.") from None
            if full(e):
                raise SyncdError("the portal's disk is full.", mend="Make room, then try again.") from None
            raise

    return opened


def client_of(code: str) -> Client:
    from syncd.core.errors import UsageError
    from syncd.portal.models import Client
    from syncd.portal.operations import installation

    found = Client.objects.filter(cabinet=installation.only_cabinet(), code=code).first()
    if found is None:
        raise UsageError(f"no client with code '{code}'.", mend="See: syncd portal client list DIR.")
    return found


def password_in(file: Path) -> str:
    """Raises UsageError where there is none."""
    from syncd.core.errors import UsageError
    from syncd.core.plain_text import decoded

    try:
        password = decoded(file.read_bytes()).strip("\n")
    except (OSError, ValueError) as e:
        raise UsageError(f"the password file '{file}' cannot be read ({getattr(e, 'strerror', None) or e}).") from None
    if not password:
        raise UsageError(f"the password file '{file}' is empty.")
    return password
