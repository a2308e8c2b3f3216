"""`syncd service`: what a system needs to run it for years."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from string import Template
from xml.sax.saxutils import escape

import click

from syncd.cli.output import say
from syncd.core import address

KINDS = ("systemd", "timer", "windows-task", "portal", "caddy", "nginx")


@click.group()
def service() -> None:
    """Running as a service."""


@service.command("print")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--host", help="The portal's public name (portal, caddy, nginx); the configuration's otherwise.")
@click.option("--to", type=click.Path(file_okay=False), help="Write each unit into this directory instead.")
@click.option("--group", default="cabinet", show_default=True, help="The group that owns the client folders.")
@click.option("--cert", help="The proxy's certificate (nginx); Let's Encrypt's place otherwise.")
@click.option("--key", help="And its key.")
@click.option("--smtp-password-file", help="The mail server's password (portal): given to the service alone.")
@click.pass_context
def print_(
    ctx: click.Context, kind: str, host: str | None, to: str | None, group: str, cert: str | None, key: str | None,
    smtp_password_file: str | None,
) -> int:  # fmt: skip
    """Print a unit, hardened, filled in from the configuration: read it, then put it where its first line says.

    \b
    Examples:
      syncd --config /etc/syncd/syncd.toml service print systemd --to /etc/systemd/system
      syncd service print nginx --host documents.cabinet-martin.fr
    """
    from syncd.cli.common import config_of
    from syncd.config.place import default_path
    from syncd.core.errors import UsageError

    if host is not None:
        try:
            host = address.safe(f"https://{host}").host
        except ValueError:
            raise UsageError(f"--host {host!r}: give a name as documents.cabinet-martin.fr.") from None
    values = {"syncd": _program(), "group": group, "host": host or ""}
    if kind in ("systemd", "timer", "windows-task") or not host:
        config = config_of(ctx, stay=True)
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
            "statedir": state.name, "host": host or address.parse(config.portal.url).host,
        }  # fmt: skip
    let = f"/etc/letsencrypt/live/{values['host']}"
    values |= {"cert": cert or f"{let}/fullchain.pem", "key": key or f"{let}/privkey.pem"}
    values["credential"] = (
        f"LoadCredential=smtp:{smtp_password_file}\nEnvironment=SYNCD_PORTAL_SMTP_PASSWORD_FILE=%d/smtp\n"
        if smtp_password_file else ""
    )  # fmt: skip
    if kind == "windows-task":
        values = {k: escape(str(PureWindowsPath(v)) if k in _PATHS else v) for k, v in values.items()}
    text = files("syncd.cli").joinpath("units", f"{kind}.txt").read_text(encoding="utf-8")
    filled = Template(text).substitute(values)
    if to is None:
        click.echo(filled, nl=False)
        return 0
    encoding = "utf-8"
    if kind == "windows-task":  # what Windows makes of its own tasks
        encoding, filled = "utf-16", filled.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>')
    for name, unit in _units(kind, filled):
        target = Path(to) / name
        try:
            if target.exists() and target.read_text(encoding=encoding) != unit:
                raise UsageError(f"'{target}' exists and differs.", mend="Compare, then move it away.")
            target.write_text(unit, encoding=encoding)
        except UnicodeError:
            raise UsageError(f"'{target}' exists and differs.", mend="Compare, then move it away.") from None
        except OSError as e:
            raise UsageError(
                f"'{target}' cannot be written ({e.strerror}).", mend="As root, or into another --to."
            ) from None
        say(str(target))
    return 0


_PATHS = ("syncd", "config", "root", "logs", "token")


def _units(kind: str, text: str) -> list[tuple[str, str]]:
    """(file name, content): a text may hold several, each headed by the path it is for."""
    parts = re.split(r"(?m)^(?=# /etc/)", text)
    named = [(re.match(r"# (/etc/[^\s:]+)", part), part) for part in parts if part.strip()]
    return [(Path(m[1]).name if m else f"syncd-{kind}.xml", part.rstrip() + "\n") for m, part in named]


def _program() -> str:
    """This very program, by its whole path."""
    found = shutil.which(sys.argv[0]) or shutil.which("syncd") or "/usr/local/bin/syncd"
    return str(Path(found).resolve()) if Path(found).name.startswith("syncd") else found
