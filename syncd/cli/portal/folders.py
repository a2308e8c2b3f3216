"""`syncd portal folder …`"""

from __future__ import annotations

import click

from syncd.cli import shell_completion
from syncd.cli.output import say
from syncd.cli.portal.common import client_of, directory, opens


@click.group()
def folder() -> None:
    """Folders of a client."""


@folder.command("add")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@opens
def folder_add(code: str, path: str) -> int:
    """Add a folder; a new top-level one joins the client's tree.

    \b
    Example:
      syncd portal folder add /srv/portail 007868 Achats/2026
    """
    from syncd.portal.clients import tree
    from syncd.portal.operations import installation

    say(tree.folder_add(installation.operator(), client_of(code), path))
    return 0


@folder.command("remove")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@opens
def folder_remove(code: str, path: str) -> int:
    """Remove a folder: its documents go to the bin, and are set aside at the cabinet.

    \b
    Example:
      syncd portal folder remove /srv/portail 007868 Achats/2019
    """
    from syncd.portal.clients import tree
    from syncd.portal.operations import installation

    tree.folder_remove(installation.operator(), client_of(code), path)
    return 0


@folder.command("move")
@directory
@click.argument("code", shell_complete=shell_completion.portal_client)
@click.argument("path")
@click.argument("newpath")
@opens
def folder_move(code: str, path: str, newpath: str) -> int:
    """Rename or move a folder with all inside.

    \b
    Example:
      syncd portal folder move /srv/portail 007868 Achats/2025 Achats/Exercice 2025
    """
    from syncd.portal.clients import tree
    from syncd.portal.operations import installation

    say(tree.folder_move(installation.operator(), client_of(code), path, newpath))
    return 0
