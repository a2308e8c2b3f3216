"""What a shell completes: codes of clients and names of templates. Reads only, and says nothing where it may not read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def client(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes of the mirror that the configuration names."""
    from syncd.config.location import default_path, mirror_in

    given = ctx.find_root().params.get("config_path")
    found = mirror_in(Path(given) if given else default_path(), os.environ)
    return _codes(Path(found[1]) / "state.db", "clients", incomplete) if found else []


def portal_client(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes of the portal in DIR."""
    directory = ctx.params.get("directory")
    return _codes(Path(directory) / "portal.db", "portal_client", incomplete) if directory else []


def template(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Shipped templates; a file's name is the shell's own matter."""
    from click.shell_completion import CompletionItem

    from syncd.disk import template_files

    found = [CompletionItem(name) for name in template_files.shipped() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def _codes(database: Path, table: Literal["clients", "portal_client"], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from syncd.state.client_codes import open_clients

    found = open_clients(database, table)
    return [CompletionItem(code, help=name) for code, name in found if code.startswith(incomplete)]
