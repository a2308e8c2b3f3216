"""`syncd portal move-to`: a portal goes from its directory to servers, and back."""

from __future__ import annotations

import os
from pathlib import Path

import click

from syncd.cli.output import Bar, language, tell, warn
from syncd.cli.portal.common import directory, server_addresses
from syncd.core.words import administration as said
from syncd.operations.drop_privileges import become_owner_of, give, owner_of


@click.command("move-to")
@directory
@click.argument("to", metavar="NEW", type=click.Path(path_type=Path, file_okay=False))
@server_addresses
def move_to(directory: Path, to: Path, database: str | None, blobs: str | None) -> int:
    """Carry the portal of DIR into the new directory NEW: with --database to a PostgreSQL server (and, with --blobs, its documents
    to an object storage); a portal on servers, without either, into NEW alone.

    It goes on being served meanwhile: documents are copied first, then nobody writes for a moment. After that the portal
    of DIR only says where it went: serve NEW. Cut at any moment, the same command goes on.

    \b
    Examples:
      syncd portal move-to /srv/portail /srv/portail-2 --database postgresql://syncd@base/portail --blobs 's3://cabinet/portail?region=fr-par'
      syncd portal move-to /srv/portail-2 /srv/portail-3
    """
    from syncd.core.errors import UsageError
    from syncd.disk import private
    from syncd.portal import bootstrap, portal_file

    embedded = (directory / bootstrap.DATABASE).exists()
    if embedded:
        file = portal_file.given(database, blobs)
        if file is None:
            raise UsageError(
                "a portal in a directory goes to servers: say which.", mend="Add --database postgresql://…"
            )
        for name in (portal_file.DATABASE, portal_file.BLOBS):  # they say where it goes, not where it is
            os.environ.pop(name, None)
    elif database or blobs:
        raise UsageError("a portal on servers goes into a directory.", mend="Leave --database and --blobs out.")
    else:
        file = portal_file.PortalFile()
    if not to.exists() and directory.exists():
        private.directory(to)
        give(to, owner_of(directory))
    become_owner_of(directory)
    bootstrap.use(directory)
    from syncd.portal.operations.move import move

    if bootstrap.is_older():
        raise UsageError(
            "the portal is of an older version of syncd.", mend=f"syncd portal migrate {directory}, then again."
        )
    with Bar(said.MOVING(language())) as bar:
        done = move(directory, to, file, bootstrap.make_schema_in, bar)
    tell(
        said.PORTAL_MOVED, directory=to, versions=said.VERSIONS(language(), done.documents), rows=said.ROWS(language(), done.rows),
        seconds=f"{done.seconds:.1f}",
    )  # fmt: skip
    tell(said.SERVE_THERE, directory=directory, command=f"syncd portal serve {to}")
    if done.bad:
        what = said.UNSOUND(language(), len(done.bad))
        warn(f"syncd: {said.SEE(language(), what=what, command=f'syncd portal check {to}')}")
    return 3 if done.bad else 0
