"""The command line: one file per command group; `output` does all printing."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from syncd import __version__

_COMMANDS = {
    "init": "init", "run": "run", "watch": "watch", "status": "status", "approve": "approve", "verify": "verify", "restore": "restore", "doctor": "doctor",
    "report": "report", "mail": "mail", "schedule": "schedule", "service": "service",
    "journal": "report", "client": "client", "config": "config", "template": "template", "portal": "portal",
}  # fmt: skip


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
    type=click.Path(dir_okay=False),
    help="The configuration file (else SYNCD_CONFIG, else the system's usual place).",
)
@click.pass_context
def cli(ctx: click.Context, config_path: str | None) -> None:
    """Keeps a cabinet's client folders and its online portal the same, and never loses a document.

    \b
    Example:
      syncd --config /etc/syncd/syncd.toml run --dry-run
    """
    ctx.obj = config_path


def main() -> None:
    from syncd.cli.output import failed
    from syncd.core.errors import SyncdError

    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except SyncdError as e:
        sys.exit(failed(e))
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except BrokenPipeError:
        sys.exit(141)
    finally:
        gc.freeze()  # the process ends: to search all that it imported for cycles would only take time
