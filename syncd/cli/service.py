"""`syncd service`: what a system needs to run it for years."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path, PureWindowsPath
from string import Template
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import click

from syncd.cli.output import language, say, tell
from syncd.core import web_address
from syncd.core.words import administration as said

if TYPE_CHECKING:
    from syncd.cli.service_manager.windows_service import Right
    from syncd.config.model import Config

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
    public = _host(host) if host is not None else ""
    program = _program()
    values = {"syncd": _quoted(program), "group": group, "host": public}
    if kind in ("systemd", "timer", "windows-task") or not public:
        values |= _configured(ctx, kind, public)
    let = f"/etc/letsencrypt/live/{values['host']}"
    values |= {"cert": cert or f"{let}/fullchain.pem", "key": key or f"{let}/privkey.pem"}
    values["credential"] = (
        f"LoadCredential=smtp:{smtp_password_file}\nEnvironment=SYNCD_PORTAL_SMTP_PASSWORD_FILE=%d/smtp\n"
        if smtp_password_file else ""
    )  # fmt: skip
    if kind == "windows-task":
        values |= {"syncd": program[0], "before": "".join(f"{word} " for word in program[1:])}
        values = {k: escape(str(PureWindowsPath(v)) if k in _PATHS else v) for k, v in values.items()}
    text = files("syncd.cli").joinpath("units", f"{kind}.txt").read_text(encoding="utf-8")
    filled = Template(text).substitute(values)
    if to is None:
        click.echo(filled, nl=False)
    else:
        _write(kind, filled, Path(to))
    return 0


def _host(given: str) -> str:
    """The public name in it. Raises UsageError."""
    from syncd.core.errors import UsageError

    try:
        return web_address.safe(f"https://{given}").host
    except ValueError:
        raise UsageError(f"--host {given!r}: give a name as documents.cabinet-martin.fr.") from None


def _configured(ctx: click.Context, kind: str, host: str) -> dict[str, str]:
    """What the configuration says of the unit. Raises UsageError where the unit cannot hold its state."""
    from syncd.cli.common import config_of
    from syncd.config.location import default_path
    from syncd.core.errors import UsageError

    config = config_of(ctx, stay=True)
    given = ctx.find_root().obj.config
    state = Path(config.mirror.state)
    if kind in ("systemd", "timer") and state.parent != Path("/var/lib"):
        raise UsageError(
            f"the unit keeps the state below /var/lib, and [mirror] state is '{state}'.",
            mend='Set state = "/var/lib/syncd", or print the unit and write ReadWritePaths and StateDirectory yourself.',
        )
    return {
        "config": str(Path(given).resolve() if given else default_path()), "root": config.mirror.root,
        "logs": config.mirror.logs, "token": config.portal.token_file, "portal": config.portal.url,
        "statedir": state.name, "host": host or web_address.parse(config.portal.url).host,
    }  # fmt: skip


def _write(kind: str, filled: str, directory: Path) -> None:
    """Each unit into its file. Raises UsageError where another text is there, or none may be."""
    from syncd.core.errors import UsageError

    encoding = "utf-8"
    if kind == "windows-task":  # what Windows makes of its own tasks
        encoding, filled = "utf-16", filled.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>')
    for name, unit in _units(kind, filled):
        target = directory / name
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


@service.command()
@click.option("--account", help="Windows: its account, DOMAIN\\name or LocalSystem; else one of the service's own.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False), help="Windows: that account's password.")
@click.option("--group", default="cabinet", show_default=True, help="systemd: the group that owns the client folders.")
@click.option("--no-start", is_flag=True, help="Do not start it now.")
@click.pass_context
def install(ctx: click.Context, account: str | None, password_file: str | None, group: str, no_start: bool) -> int:
    """Make `syncd watch` a service: it starts with the system, and again after a fault.

    On Windows as administrator; its account is given what it needs on the mirror, the state, the logs and the key. On
    Linux the unit of `service print systemd` is written to /etc/systemd/system and, as root, enabled.

    \b
    Examples:
      syncd service install
      syncd service install --account CABINET\\syncd --password-file C:\\secret.txt
    """
    from syncd.cli.common import config_of
    from syncd.cli.service_manager import systemd_units, windows_service

    if sys.platform != "win32":
        if account or password_file:
            from syncd.core.errors import UsageError

            raise UsageError(
                "--account and --password-file are for Windows.", mend="The unit says which account: User=syncd."
            )
        ctx.invoke(print_, kind="systemd", host=None, to=str(systemd_units.UNITS), group=group)
        if not no_start and systemd_units.enable():
            tell(said.UNDER_WAY)
        else:
            tell(said.STILL_TO_SAY, command=systemd_units.ENABLE)
        return 0
    config = config_of(ctx, stay=True)
    given = Path(ctx.find_root().obj.config or _default()).absolute()
    Path(config.mirror.logs).mkdir(parents=True, exist_ok=True)
    password = _password(Path(password_file)) if password_file else None
    state = windows_service.install(
        [*_of_windows(), "--config", str(given), "service", "host"], account or windows_service.VIRTUAL, password, _rights(config, given),
        start=not no_start,
    )  # fmt: skip
    account = account or windows_service.VIRTUAL
    tell(said.INSTALLED, name=windows_service.NAME, account=account, state=_state(state))
    return 0 if no_start or state == windows_service.RUNNING else 3


def _state(number: int) -> str:
    phrase = said.STATES.get(number)
    return phrase(language()) if phrase else str(number)


def _password(file: Path) -> str:
    from syncd.core.errors import UsageError
    from syncd.core.plain_text import decoded

    try:
        return decoded(file.read_bytes()).strip()
    except ValueError as e:
        raise UsageError(f"--password-file '{file}': {e}.") from None


def _rights(config: Config, file: Path) -> list[Right]:
    """What the service's account needs on Windows: every path that the configuration names, and itself."""
    from syncd.cli.service_manager.windows_service import Right

    mirror, portal = config.mirror, config.portal
    read = (str(file), portal.token_file, portal.ca_file, config.mail.password_file)
    return [
        Right(mirror.root, write=True, below=True), Right(mirror.state, write=True), Right(mirror.logs, write=True),
        *(Right(path, write=False) for path in read if path),
    ]  # fmt: skip


@service.command()
def uninstall() -> int:
    """Stop the service and remove it. Documents, state, logs and configuration stay.

    \b
    Example:
      syncd service uninstall
    """
    from syncd.cli.service_manager import systemd_units, windows_service

    done = bool(systemd_units.uninstall()) if sys.platform != "win32" else windows_service.uninstall()
    tell(said.UNINSTALLED if done else said.NO_SERVICE)
    return 0


@service.command("status")
def status_() -> int:
    """Whether the service is installed and works (exit 0), or not (3).

    \b
    Example:
      syncd service status
    """
    from syncd.cli.service_manager import systemd_units, windows_service

    if sys.platform != "win32":
        text, works = systemd_units.state()
        tell(said.SERVICE, state=text)
        return 0 if works else 3
    found = windows_service.status()
    if found is None:
        tell(said.NO_SERVICE)
        return 3
    process = said.PROCESS(language(), number=found.process) if found.process else ""
    tell(
        said.SERVICE_OF_WINDOWS, state=_state(found.state), process=process, account=found.account,
        starts=(said.AUTOMATIC if found.automatic else said.BY_HAND)(language()),
    )  # fmt: skip
    say(found.command)
    return 0 if found.running else 3


@service.command(hidden=True)
@click.pass_context
def host(ctx: click.Context) -> int:
    """What Windows' service manager starts.

    \b
    Example:
      syncd --config C:\\ProgramData\\syncd\\syncd.toml service host
    """
    from syncd.cli.service_manager import windows_service
    from syncd.cli.service_manager.windows_service_process import work
    from syncd.core.errors import UsageError

    if sys.platform != "win32":
        raise UsageError("this is for Windows' service manager.", mend="Here: syncd watch.")
    return work(ctx, windows_service)


def _default() -> str:
    from syncd.config.location import default_path

    return str(default_path())


def _of_windows() -> list[str]:
    """The program as the service manager has to start it: the process that answers it has to be the one it started."""
    from syncd.core.errors import UsageError

    if Path(sys.executable).stem.lower() == "syncd":
        return [sys.executable]
    if sys.prefix != sys.base_prefix:
        raise UsageError(
            "from a virtual environment Windows cannot start a service: its python.exe starts another one.",
            mend="Use the archive for Windows, or a Python of its own with syncd installed.",
        )
    return [sys.executable, "-X", "utf8", "-m", "syncd"]


_PATHS = ("syncd", "config", "root", "logs", "token")


def _units(kind: str, text: str) -> list[tuple[str, str]]:
    """(file name, content): a text may hold several, each headed by the path it is for."""
    parts = re.split(r"(?m)^(?=# /etc/)", text)
    named = [(re.match(r"# (/etc/[^\s:]+)", part), part) for part in parts if part.strip()]
    return [(Path(m[1]).name if m else f"syncd-{kind}.xml", part.rstrip() + "\n") for m, part in named]


def _program() -> list[str]:
    """This very program, by its whole path: where no `syncd` is to be found, this Python with it."""
    frozen = Path(sys.executable)
    if frozen.stem.lower() == "syncd":  # Windows' archive
        return [str(frozen)]
    said = shutil.which(sys.argv[0]) if Path(sys.argv[0]).stem == "syncd" else None
    if found := said or shutil.which("syncd"):
        return [str(Path(found).resolve())]
    return [sys.executable, "-m", "syncd"]


def _quoted(program: list[str]) -> str:
    return " ".join(f'"{word}"' if " " in word else word for word in program)
