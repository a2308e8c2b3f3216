"""`syncd portal cabinet …`: the cabinets of one portal."""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli.common import json_option
from syncd.cli.output import language, line, say, tell
from syncd.cli.portal.common import directory, opens, password_in
from syncd.core.words import administration as said


@click.group()
def cabinet() -> None:
    """Cabinets: many may share one portal."""


@cabinet.command()
@directory
@click.argument("name")
@click.option("--admin-email", required=True, help="Its first administrator's address: also the sign-in name.")
@click.option("--admin-name", default="", help="The administrator's name, as people see it.")
@click.option(
    "--admin-password-file", type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the password; absent: one is made and printed once.",
)  # fmt: skip
@click.option(
    "--host",
    default="",
    help="The name its people know the portal by: its look meets them there. The service's SYNCD_PORTAL_HOSTS has it, too.",
)
@opens
def add(name: str, admin_email: str, admin_name: str, admin_password_file: Path | None, host: str) -> int:
    """Add a cabinet, with its first administrator.

    \b
    Example:
      syncd portal cabinet add /srv/portail "Cabinet Durand" --admin-email direction@durand.fr --host documents.durand.fr
    """
    import secrets

    from syncd.portal.operations import cabinets, installation

    given = password_in(admin_password_file) if admin_password_file is not None else None
    installation.check_account(admin_email, given)
    made = given or secrets.token_urlsafe(12)
    cabinets.add(name, admin_email, made, admin_name, host)
    tell(said.CABINET_ADDED, cabinet=name)
    if given is None:
        tell(said.PASSWORD, who=admin_email, password=made)
        tell(said.ONCE)
    tell(said.KEY, command=f'syncd portal --cabinet "{name}" engine-token DIR')
    return 0


@cabinet.command("list")
@directory
@json_option
@opens
def list_(as_json: bool) -> int:
    """List the cabinets: name, open clients, people who sign in, keys of engines, the host they are met at.

    \b
    Example:
      syncd portal cabinet list /srv/portail --json
    """
    from syncd.portal.operations import cabinets

    for one in cabinets.listed():
        if as_json:
            line({
                "id": one.id, "name": one.name, "host": one.host, "clients": one.open_clients, "people": one.people,
                "keys": one.keys,
            })  # fmt: skip
        else:
            say("\t".join([one.name, str(one.open_clients), str(one.people), str(one.keys), one.host]).rstrip())
    return 0


@cabinet.command()
@directory
@click.argument("name")
@opens
def close(name: str) -> int:
    """Close a cabinet: nobody of it signs in, no engine's key holds. Nothing is deleted; 'open' opens it again.

    \b
    Example:
      syncd portal cabinet close /srv/portail "Cabinet Durand"
    """
    from syncd.portal.operations import cabinets, installation

    people = cabinets.close(installation.named_cabinet(name))
    tell(said.CABINET_CLOSED, cabinet=name, people=said.ACCOUNTS(language(), people))
    return 0


@cabinet.command("open")
@directory
@click.argument("name")
@click.argument("sign_in")
@opens
def open_(name: str, sign_in: str) -> int:
    """Open a closed cabinet again for one of its correspondents, who gives the others their access back.

    \b
    Example:
      syncd portal cabinet open /srv/portail "Cabinet Durand" direction@durand.fr
    """
    from syncd.portal.operations import cabinets, installation

    cabinets.reopen(installation.named_cabinet(name), sign_in)
    tell(said.CABINET_OPENED, cabinet=name, who=sign_in)
    return 0
