"""`syncd` and its commands, each loaded when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click
import msgspec

from syncd import __version__

if TYPE_CHECKING:
    from syncd.wiring.prescan import Looks

_COMMANDS = {
    "init": "init", "run": "run", "watch": "watch", "status": "status", "approve": "approve", "verify": "verify", "restore": "restore", "migrate": "migrate", "retrieve": "retrieve", "intake": "intake", "package": "package", "doctor": "doctor",
    "report": "report", "mail": "mail", "schedule": "schedule", "service": "service",
    "journal": "report", "setup": "setup", "client": "client", "config": "config", "template": "template", "portal": "portal",
}  # fmt: skip


class Given(msgspec.Struct, frozen=True):
    """What an invocation brings, as `ctx.obj` of the root."""

    config: str | None
    looks: Looks | None  # what began before this was loaded


class Lazy(click.Group):
    """Imports a command's module only when it is used: `--version` and `status` stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"syncd.cli.{_COMMANDS[cmd_name]}"), cmd_name)
        return found


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="syncd")
@click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, readable=False),  # whoever needs it says so
    help="The configuration file (else SYNCD_CONFIG, else the system's usual place).",
)
@click.pass_context
def cli(ctx: click.Context, config_path: str | None) -> None:
    """Keeps a cabinet's client folders and its online portal the same, and never loses a document.

    \b
    Example:
      syncd --config /etc/syncd/syncd.toml run --dry-run
    """
    ctx.obj = Given(config_path, ctx.obj)
