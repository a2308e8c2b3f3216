"""`syncd portal client …`"""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli import shell_completion
from syncd.cli.common import json_option
from syncd.cli.output import language, line, say, tell
from syncd.cli.portal.common import client_of, directory, opens
from syncd.core.words import administration as said


@click.group()
def client() -> None:
    """Clients of the cabinet."""


@client.command()
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("name")
@click.option(
    "--template", default="commerce", show_default=True, help="A shipped template's name, or FILE.toml.",
    shell_complete=shell_completion.template,
)  # fmt: skip
@opens
def add(code: str, name: str, template: str) -> int:
    """Create a client with its folder tree.

    \b
    Example:
      syncd portal client add /srv/portail 007868 "SARL Dupont" --template commerce
    """
    from syncd.disk import template_files
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    clients.add(installation.operator(), code, name, template_files.load(template))
    return 0


@client.command("list")
@directory
@json_option
@opens
def list_(as_json: bool) -> int:
    """List the cabinet's clients.

    \b
    Example:
      syncd portal client list /srv/portail --json
    """
    from django.db.models import Count, Q

    from syncd.portal.models import Client

    for c in Client.objects.annotate(count=Count("documents", filter=Q(documents__tombstone=""))).order_by("code"):
        if as_json:
            line(
                {
                    "code": c.code,
                    "name": c.name,
                    "id": c.id,
                    "closed": c.closed,
                    "scope": c.scope,
                    "quota": c.quota,
                    "documents": c.count,
                }
            )
        else:
            say(f"{c.code}\t{c.name}\t{c.count}{chr(9) + said.CLOSED(language()) if c.closed else ''}")
    return 0


@client.command()
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@opens
def close(code: str) -> int:
    """Close a client's space: nothing moves any more, nothing is deleted.

    \b
    Example:
      syncd portal client close /srv/portail 007868
    """
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    clients.close(installation.operator(), client_of(code))
    return 0


@client.command("set")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.option(
    "--template", help="A shipped template's name, or FILE.toml.", shell_complete=shell_completion.template,
)  # fmt: skip
@click.option("--name", help="The client's new name.")
@click.option("--scope", type=click.Choice(["all", "open+1", "open"]), help="Which exercises are published.")
@opens
def set_(code: str, template: str | None, name: str | None, scope: str | None) -> int:
    """Change a client's tree, name or scope. Nothing is ever deleted by it.

    \b
    Example:
      syncd portal client set /srv/portail 007868 --scope open+1
    """
    from syncd.core.errors import UsageError
    from syncd.core.fiscal_years import Scope
    from syncd.disk import template_files
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    if template is None and name is None and scope is None:
        raise UsageError("say what to change: --template, --name or --scope.")
    loaded = template_files.load(template) if template else None
    clients.change(
        installation.operator(), client_of(code), name=name, template=loaded, scope=Scope(scope) if scope else None
    )
    return 0


@client.command()
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("label")
@click.argument("start")
@click.argument("end")
@click.option("--closed", is_flag=True, help="The exercise is closed.")
@opens
def exercise(code: str, label: str, start: str, end: str, closed: bool) -> int:
    """Create or change an exercise (dates as 2026-01-01).

    \b
    Example:
      syncd portal client exercise /srv/portail 007868 2025 2025-01-01 2025-12-31 --closed
    """
    from syncd.core import untrusted_numbers
    from syncd.core.errors import UsageError
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    first, last = untrusted_numbers.day(start), untrusted_numbers.day(end)
    if first is None or last is None:
        raise UsageError(f"'{start if first is None else end}' is no date.", mend="Write dates as 2026-01-31.")
    clients.set_exercise(installation.operator(), client_of(code), label, first, last, closed)
    return 0


@client.command()
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("count", metavar="BYTES", type=int)
@opens
def quota(code: str, count: int) -> int:
    """Limit the bytes a client's live documents may take together; 0: no limit.

    \b
    Example:
      syncd portal client quota /srv/portail 007868 5000000000
    """
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    clients.set_quota(installation.operator(), client_of(code), count)
    return 0


@client.command("import")
@directory
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Only say what would be created, and what is wrong where.")
@opens
def import_(file: Path, dry_run: bool) -> int:
    """Create clients, with trees and contacts, from an Excel sheet. Exit 3 when some rows cannot be imported.

    \b
    Example:
      syncd portal client import /srv/portail clients.xlsx --dry-run
    """
    from syncd.portal.clients import import_xlsx
    from syncd.portal.language import FRENCH, speaking
    from syncd.portal.operations import installation
    from syncd.portal.people.visibility import person_of

    cabinet = installation.only_cabinet()
    with speaking(FRENCH):  # of a French sheet
        with file.open("rb") as f:
            sheet = import_xlsx.read(cabinet, f)
        faults = sheet.faults
        if not dry_run:
            by = person_of(installation.first_correspondent(cabinet))
            faults = faults + import_xlsx.create(installation.operator(), sheet.newcomers, by).faults
    for fault in faults:
        tell(said.ROW, row=fault.row, column=fault.column, message=fault.message)
    made = len(sheet.newcomers) - (len(faults) - len(sheet.faults))
    say((said.CLIENTS_POSSIBLE if dry_run else said.CLIENTS_MADE)(language(), made))
    return 3 if faults else 0


@client.command("model")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def model(file: Path) -> int:
    """Write the empty Excel sheet for `client import`, with help in its cells.

    \b
    Example:
      syncd portal client model clients.xlsx
    """
    from syncd.core.errors import UsageError
    from syncd.portal import bootstrap

    if file.exists():
        raise UsageError(f"'{file}' exists already.", mend="Choose another name.")
    bootstrap.without_directory()
    from syncd.portal.clients import import_xlsx

    try:
        file.write_bytes(import_xlsx.model())
    except OSError as e:
        raise UsageError(f"'{file}' cannot be written ({e.strerror}).") from None
    return 0
