"""`syncd template`: the folder trees given to clients."""

from __future__ import annotations

import click

from syncd.cli import shell_completion
from syncd.cli.output import language, say, tell
from syncd.core.words import commands as said


@click.group()
def template() -> None:
    """Folder trees given to clients (tree_templates/README.md describes the format)."""


@template.command("list")
def list_() -> int:
    """List the shipped templates.

    \b
    Example:
      syncd template list
    """
    from syncd.disk import template_files

    for name in template_files.shipped():
        say(f"{name}  {template_files.load(name).title}")
    return 0


@template.command()
@click.argument("name", shell_complete=shell_completion.template)
def show(name: str) -> int:
    """Show a template's tree and rules.

    \b
    Example:
      syncd template show commerce
    """
    from syncd.core import words
    from syncd.disk import template_files

    loaded = template_files.load(name)
    say(f"{loaded.name} – {loaded.title}")
    for rule in loaded.folders:
        limit = words.size(rule.max_size, language()) if rule.max_size else said.NO_LIMIT(language())
        depth = rule.path.count("/")
        say(
            f"  {'  ' * depth}{rule.path.rpartition('/')[2]}  [{rule.kind}, {rule.direction}, {limit}, {rule.on_local_removal}]"
        )
    return 0


@template.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.toml...")
def check(files: tuple[str, ...]) -> int:
    """Check template files: each mistake with file, line and mend. Exit 2 when there is any.

    \b
    Example:
      syncd template check mon-cabinet.toml
    """
    from syncd.cli.output import warn
    from syncd.core.errors import UsageError
    from syncd.disk import template_files

    wrong = 0
    for name in files:
        try:
            template_files.load(name)
            tell(said.TEMPLATE, name=name)
        except UsageError as e:
            warn(str(e))
            wrong = 2
    return wrong
