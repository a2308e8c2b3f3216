"""`syncd portal …`: the online platform's own commands. They work while it is served."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.output import language, say, tell, warn
from syncd.cli.portal.cabinets import cabinet
from syncd.cli.portal.clients import client
from syncd.cli.portal.common import client_of, directory, opens, password_in, server_addresses
from syncd.cli.portal.documents import document
from syncd.cli.portal.folders import folder
from syncd.cli.portal.maintenance import backup, check, migrate, read_invoices, restore, restored
from syncd.cli.portal.moving import move_to
from syncd.cli.portal.persons import person
from syncd.core.words import administration as said
from syncd.operations.drop_privileges import apart, become_owner_of

if TYPE_CHECKING:
    from syncd.portal.portal_file import PortalFile


@click.group()
@click.option("--cabinet", "which", metavar="NAME", help="Which cabinet is meant, where a portal has several.")
@click.pass_context
def portal(ctx: click.Context, which: str | None) -> None:
    """The online platform. DIR is its data directory."""
    if which is not None:
        os.environ["SYNCD_PORTAL_CABINET"] = which
    usual = os.umask(0o077)  # nothing of it is another account's
    ctx.call_on_close(lambda: os.umask(usual))


@portal.command()
@directory
@click.option("--cabinet", required=True, help="The cabinet's name.")
@click.option("--admin-email", required=True, help="The first administrator's address: also the sign-in name.")
@click.option(
    "--admin-name", default="", help="The first administrator's name, as people see it; asked for at a terminal."
)
@click.option(
    "--admin-password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the password; absent: one is made and printed once.",
)
@server_addresses
def init(
    directory: Path, cabinet: str, admin_email: str, admin_name: str, admin_password_file: Path | None, database: str | None,
    blobs: str | None,
) -> int:  # fmt: skip
    """Make a new portal for one cabinet.

    \b
    Examples:
      syncd portal init /srv/portail --cabinet "Cabinet Martin" --admin-email direction@cabinet-martin.fr --admin-name "Anne Martin"
      syncd portal init /srv/portail --cabinet "Cabinet Martin" --admin-email direction@cabinet-martin.fr --database postgresql://syncd@base/portail
    """
    from syncd.core.errors import UsageError
    from syncd.portal import bootstrap

    password = password_in(admin_password_file) if admin_password_file is not None else None
    if not cabinet.strip():
        raise UsageError("the cabinet needs a name.")
    if not admin_name.strip() and sys.stdin.isatty():
        admin_name = click.prompt(said.ASK_ADMIN_NAME(language()), default="", show_default=False)
    become_owner_of(directory)
    file = _file_of(database, blobs)
    bootstrap.use(directory, new=True)
    from syncd.portal.operations import installation

    installation.check_account(admin_email, password)
    if file is not None:
        installation.check_database_empty()
    installation.prepare_directory(directory, file)
    bootstrap.migrate()
    _, made = installation.found_cabinet(cabinet.strip(), admin_email, password, admin_name)
    tell(said.PORTAL_MADE, cabinet=cabinet.strip(), directory=directory)
    if password is None:
        tell(said.PASSWORD, who=admin_email, password=made)
        tell(said.ONCE)
    tell(said.KEY, command=f"syncd portal engine-token {directory}")
    return 0


def _file_of(given: str | None, blobs: str | None) -> PortalFile | None:
    """None: the embedded database. From now on the environment says which. Raises UsageError."""
    from syncd.portal import portal_file

    file = portal_file.given(given, blobs)
    if file is not None:
        os.environ[portal_file.DATABASE], os.environ[portal_file.BLOBS] = file.database, file.blobs
    return file


@portal.command()
@directory
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--tls-cert", type=click.Path(path_type=Path, dir_okay=False), help="Serve https with this certificate …")
@click.option("--tls-key", type=click.Path(path_type=Path, dir_okay=False), help="… and this key.")
@opens
def serve(host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> int:
    """Serve the portal; the first line on standard output is its address, once it is ready.

    \b
    Example:
      syncd portal serve /srv/portail --port 8080
    """
    from syncd.core.errors import UsageError
    from syncd.portal import environment
    from syncd.portal.language import FRENCH, speaking
    from syncd.portal.operations import log_redaction
    from syncd.portal.serve import serve as run

    if faults := list(environment.faults()):
        raise UsageError("\n".join(faults))
    if (public := environment.public()).address.secure and not public.given:
        warn(
            f"syncd: SYNCD_PORTAL_URL is not set: links and cookies are made for {public.address}, "
            "the first of SYNCD_PORTAL_HOSTS. Set it to the address people know."
        )
    elif environment.mail() is not None and not public.given:
        warn(
            f"syncd: SYNCD_PORTAL_URL is not set: links in mails lead to {public.address}, which people do not reach. "
            "Set it to the address people know."
        )

    if (tls_cert is None) != (tls_key is None):
        raise UsageError("--tls-cert and --tls-key go together.")
    for path in (tls_cert, tls_key):
        if path is not None and not path.exists():
            raise UsageError(f"'{path}' does not exist.")
    tls = {"ssl_certfile": str(tls_cert), "ssl_keyfile": str(tls_key)} if tls_cert else {}
    log_redaction.begin()
    with speaking(FRENCH):
        run(host, port, say, **tls)
    return 0


@portal.command("engine-token")
@directory
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it into this new file, for this account alone, instead.",
)
def engine_token(directory: Path, to: Path | None) -> int:
    """Make a key for the cabinet's engine: alone on standard output, shown once.

    \b
    Example:
      syncd portal engine-token /srv/portail --to /etc/syncd/token
    """
    from syncd.core.errors import UsageError
    from syncd.disk import private

    if to is None:
        say(_new_key(directory=directory))
        return 0
    try:
        with open(to, "x", encoding="utf-8", opener=private.owned) as file:  # whoever asks may write there
            try:
                file.write(apart(lambda: str(_new_key(directory=directory))) + "\n")
            except BaseException:
                to.unlink()
                raise
    except FileExistsError:
        raise UsageError(f"'{to}' exists already.", mend="Move it away: what uses it may still need it.") from None
    except OSError as e:
        raise UsageError(f"'{to}' cannot be written ({e.strerror}).") from None
    return 0


@opens
def _new_key() -> str:
    from syncd.portal.operations import installation
    from syncd.portal.sync import engine_keys

    return engine_keys.make(installation.operator())


@portal.command("engine-right")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("folder")
@click.argument("right", type=click.Choice(["on", "off"]))
@opens
def engine_right(code: str, folder: str, right: str) -> int:
    """Give or withdraw the engine's sight of a folder, with all below. Nothing is deleted by it.

    With the word `cards` instead of a folder: whether the engine may change the client's card (off until it is given); with
    '*' for the code, every client's, and create clients.

    \b
    Examples:
      syncd portal engine-right /srv/portail 007868 Social off
      syncd portal engine-right /srv/portail '*' cards on
    """
    from syncd.portal.clients import clients, engine_cards
    from syncd.portal.operations import installation

    actor, on = installation.operator(), right == "on"
    if folder != "cards":
        clients.set_engine_right(actor, client_of(code), folder, on)
    else:
        engine_cards.allow(actor, None if code == engine_cards.ALL else client_of(code), on)
    return 0


portal.add_command(backup)
portal.add_command(restore)
portal.add_command(restored)
portal.add_command(migrate)
portal.add_command(move_to)
portal.add_command(check)
portal.add_command(read_invoices)
portal.add_command(cabinet)
portal.add_command(client)
portal.add_command(folder)
portal.add_command(document)
portal.add_command(person)
