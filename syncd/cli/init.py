"""`syncd init`: bind a root, a state and logs to a cabinet's portal."""

from __future__ import annotations

import asyncio
import os
import platform
from pathlib import Path

import click

from syncd.cli.drop_privileges import become_owner_of
from syncd.cli.drop_privileges import name as account_name
from syncd.cli.output import on_terminal, say
from syncd.config.model import Config


@click.command()
@click.option("--root", type=click.Path(path_type=Path), help="The cabinet's local root: one directory per client.")
@click.option("--state", type=click.Path(path_type=Path), help="The engine's memory, on a local disk.")
@click.option("--logs", type=click.Path(path_type=Path), help="Where reports and journals go.")
@click.option("--portal", help="The portal's address, https://…")
@click.option(
    "--token-file", type=click.Path(path_type=Path, readable=False), help="The file that holds the portal's key."
)
@click.option("--out", type=click.Path(path_type=Path), help="The configuration file to write.")
@click.option(
    "--first-publication",
    type=click.Choice(["ask", "allow"]),
    default="ask",
    show_default=True,
    help="Whether a client's first publication waits for agreement.",
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An authority of your own: its certificate (PEM), in place of the system's.",
)
@click.option(
    "--smtp", help="The mail server that tells people: smtp://HOST:25, smtp+starttls://HOST:587, smtps://HOST:465."
)
@click.option("--smtp-user", help="For a server that asks who sends.")
@click.option("--smtp-password-file", type=click.Path(path_type=Path, dir_okay=False), help="And its password.")
@click.option("--mail-from", help="Who the reports are from.")
@click.option("--mail-to", multiple=True, help="Who is told (may be given again).")
def init(
    root: Path | None, state: Path | None, logs: Path | None, portal: str | None, token_file: Path | None, out: Path | None,
    first_publication: str, ca_file: Path | None, smtp: str | None, smtp_user: str | None, smtp_password_file: Path | None,
    mail_from: str | None, mail_to: tuple[str, ...],
) -> None:  # fmt: skip
    """Make root, state, logs and the configuration, bound to one cabinet of one portal.

    On a terminal it asks for what is not given.

    \b
    Example:
      syncd init --root /srv/cabinet/clients --state /var/lib/syncd --logs /srv/cabinet/journaux \\
        --portal https://documents.cabinet-martin.fr --token-file /etc/syncd/token --out /etc/syncd/syncd.toml
    """
    from syncd.config.place import usual
    from syncd.config.write import text
    from syncd.core import web_address
    from syncd.core.errors import Refused, UsageError
    from syncd.disk import private
    from syncd.local.markers import init_root
    from syncd.wiring import assembly

    place = usual()
    root = asked_path("--root", root, "Les dossiers des clients se trouvent dans", place.root)
    state = asked_path("--state", state, "La mémoire de la synchronisation ira dans (un disque local)", place.state)
    logs = asked_path("--logs", logs, "Les comptes rendus et journaux iront dans", str(root.parent / "journaux"))
    portal = asked("--portal", portal, "L'adresse de la plateforme", "https://")
    token_file = asked_path("--token-file", token_file, "Le fichier de la clé de synchronisation", place.token)
    out = asked_path("--out", out, "La configuration sera écrite dans", place.configuration)
    try:
        portal = str(web_address.safe(portal))
    except ValueError as e:
        raise UsageError(f"--portal {portal!r}: {e}.") from None
    become_owner_of(state)
    _may_write("--state", state)
    _may_write("--logs", logs)
    _may_write("--root", root)
    _may_write("--out", out.parent)
    if out.exists():
        raise UsageError(f"'{out}' exists already.", mend="Remove it, or choose another --out.")
    typed = _key(token_file)
    if given := os.environ.get("SYNCD_PORTAL_CA_FILE"):
        ca_file = ca_file or Path(given)
    mail = {
        "smtp": smtp, "user": smtp_user, "password_file": str(smtp_password_file.absolute()) if smtp_password_file else None,
        "from": mail_from, "to": list(mail_to),
    }  # fmt: skip
    content = text(root, state, logs, portal, token_file, first_publication, ca_file and ca_file.absolute(), mail)
    config = assembly.check_config_text(content, out)
    for path in (root, state, logs):
        if path.exists() and not path.is_dir():
            raise UsageError(f"'{path}' is not a directory.")
    if state.exists() and any(state.iterdir()) and not (state / "state.db").exists():
        raise UsageError(
            f"'{state}' is not empty and holds no state of syncd.", mend="Choose an empty or a new directory."
        )

    try:
        cabinet, name = asyncio.run(_met(config))
    except Refused:
        if typed:
            token_file.unlink(missing_ok=True)  # the next try asks for it again
        raise
    private.directory(state)
    with assembly.lock(config):
        store = assembly.store(config, writes=True)
        bound = store.progress.read()
        if bound.cabinet not in ("", cabinet):
            raise Refused(
                "stop_other_cabinet",
                f"The state in '{state}' is of another cabinet.",
                mend="Choose another --state, or the right portal and key.",
            )
        identity = init_root(str(root), cabinet)
        if bound.root not in ("", identity):
            raise UsageError(f"the state in '{state}' was made for another root.", mend="Choose another --state.")
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        # a mirror made anew over its root is the same engine to the lease
        store.progress.change(cabinet=cabinet, root=identity, engine=identity)
        store.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    with open(out, "x", encoding="utf-8", opener=private.owned) as f:
        f.write(content)
    say(f"Prêt : les dossiers de « {name} » dans {root}.")
    say(f"Ensuite : syncd --config {out} run --dry-run")


def asked(option: str, given: str | None, question: str, default: str) -> str:
    """What was given; else what the person at the terminal answers. Raises UsageError where nobody can be asked."""
    from syncd.core.errors import UsageError

    if given is not None:
        return given
    if not on_terminal():
        command = click.get_current_context().command_path
        raise UsageError(f"{option} is missing, and there is no terminal to ask on.", mend=f"See: {command} --help.")
    return str(click.prompt(question, default=default)).strip()


def asked_path(option: str, given: Path | None, question: str, default: str) -> Path:
    return Path(asked(option, str(given) if given is not None else None, question, default)).expanduser().absolute()


def _may_write(option: str, directory: Path) -> None:
    """Before anything is made: what this account may not do is one sentence. Raises UsageError."""
    from syncd.core.errors import UsageError

    there = next((p for p in (directory, *directory.parents) if os.path.lexists(p)), directory)
    if there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(
            f"{option} '{directory}': this account may not write in '{there}'.",
            mend=f"As root: install -d -o {account_name()} -m 0700 {directory} (the handbook says which mode each has).",
        )


async def _met(config: Config) -> tuple[str, str]:
    """The portal's cabinet: its id, its name."""
    from syncd.core.protocol import Caller
    from syncd.wiring import assembly

    remote = assembly.remote(config)
    try:
        hello = await remote.hello(Caller("", platform.node(), "", lease=False), None)
        return hello.cabinet, hello.cabinet_name
    finally:
        await remote.close()


def _key(token_file: Path) -> bool:
    """On a terminal, a key that is not in its file yet is asked for, and kept where only this account reads it; whether
    it was."""
    if token_file.exists() or os.environ.get("SYNCD_TOKEN") or not on_terminal():
        return False
    from syncd.disk import private

    key = str(click.prompt("La clé de synchronisation (elle ne s'affiche pas)", hide_input=True)).strip()
    token_file.parent.mkdir(parents=True, exist_ok=True)
    with open(token_file, "x", encoding="utf-8", opener=private.owned) as f:
        f.write(key + "\n")
    return True
