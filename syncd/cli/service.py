"""`syncd service`: what a system needs to run it for years."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import click

from syncd.cli.output import say

KINDS = ("systemd", "timer", "windows-task", "portal", "caddy", "nginx")


@click.group()
def service() -> None:
    """Running as a service."""


@service.command("print")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--host", help="The portal's public name (portal, caddy, nginx); the configuration's otherwise.")
@click.option("--to", type=click.Path(file_okay=False), help="Write each unit into this directory instead.")
@click.option("--group", default="cabinet", show_default=True, help="The group that owns the client folders.")
@click.pass_context
def print_(ctx: click.Context, kind: str, host: str | None, to: str | None, group: str) -> int:
    """Print a unit, hardened, filled in from the configuration: read it, then put it where its first line says.

    \b
    Examples:
      syncd --config /etc/syncd/syncd.toml service print systemd --to /etc/systemd/system
      syncd service print nginx --host documents.cabinet-martin.fr
    """
    from syncd.cli.common import config_of
    from syncd.config.place import default_path
    from syncd.core.errors import UsageError

    values = {"syncd": _program(), "group": group, "host": host or ""}
    if kind in ("systemd", "timer", "windows-task") or not host:
        config = config_of(ctx)
        given = ctx.find_root().obj.config
        state = Path(config.mirror.state)
        if kind in ("systemd", "timer") and state.parent != Path("/var/lib"):
            raise UsageError(
                f"the unit keeps the state below /var/lib, and [mirror] state is '{state}'.",
                mend='Set state = "/var/lib/syncd", or print the unit and write ReadWritePaths and StateDirectory yourself.',
            )
        values |= {
            "config": str(Path(given).resolve() if given else default_path()), "root": config.mirror.root,
            "logs": config.mirror.logs, "token": config.portal.token_file, "portal": config.portal.url,
            "statedir": state.name, "host": host or urlsplit(config.portal.url).hostname or "",
        }  # fmt: skip
    text = files("syncd.cli").joinpath("units", f"{kind}.txt").read_text(encoding="utf-8")
    filled = Template(text).substitute(values)
    if to is None:
        click.echo(filled, nl=False)
        return 0
    for name, unit in _units(kind, filled):
        target = Path(to) / name
        if target.exists() and target.read_text(encoding="utf-8") != unit:
            raise UsageError(f"'{target}' exists and differs.", mend="Compare, then move it away.")
        target.write_text(unit, encoding="utf-8")
        say(str(target))
    return 0


def _units(kind: str, text: str) -> list[tuple[str, str]]:
    """(file name, content): a text may hold several, each headed by the path it is for."""
    parts = re.split(r"(?m)^(?=# /etc/)", text)
    named = [(re.match(r"# (/etc/[^\s:]+)", part), part) for part in parts if part.strip()]
    return [(Path(m[1]).name if m else f"syncd-{kind}.xml", part.rstrip() + "\n") for m, part in named]


def _program() -> str:
    """This very program, by its whole path."""
    found = shutil.which(sys.argv[0]) or shutil.which("syncd") or "/usr/local/bin/syncd"
    return str(Path(found).resolve()) if Path(found).name.startswith("syncd") else found
