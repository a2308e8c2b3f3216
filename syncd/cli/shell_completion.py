"""What a shell completes: codes of clients and names of templates. Reads only, and says nothing where it may not read."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def client(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes of the mirror that the configuration names."""
    from syncd.config.place import default_path, mirror_in

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


def _codes(database: Path, table: str, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    with (
        suppress(sqlite3.Error, OSError),
        closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as conn,
    ):
        rows = conn.execute(f"select code, name from {table} where not closed order by code").fetchall()  # noqa: S608 (a constant)
        return [CompletionItem(code, help=name) for code, name in rows if code.startswith(incomplete)]
    return []
