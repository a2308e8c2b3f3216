"""`syncd init`: bind a root, a state and logs to a cabinet's portal."""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli.output import language, on_terminal, tell
from syncd.core.words import commands as said
from syncd.core.words.phrase import Phrase


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
    from syncd.config.location import usual
    from syncd.operations.init import Installation
    from syncd.operations.init import init as install

    place = usual()
    root = asked_path("--root", root, said.ASK_ROOT, place.root)
    state = asked_path("--state", state, said.ASK_STATE, place.state)
    logs = asked_path("--logs", logs, said.ASK_LOGS, str(root.parent / "journaux"))
    portal = asked("--portal", portal, said.ASK_PORTAL, "https://")
    token_file = asked_path("--token-file", token_file, said.ASK_KEY_FILE, place.token)
    out = asked_path("--out", out, said.ASK_OUT, place.configuration)
    mail = {
        "smtp": smtp, "user": smtp_user, "password_file": str(smtp_password_file.absolute()) if smtp_password_file else None,
        "from": mail_from, "to": list(mail_to),
    }  # fmt: skip
    wanted = Installation(
        root=root, state=state, logs=logs, portal=portal, token_file=token_file, out=out,
        first_publication=first_publication, ca_file=ca_file, mail=mail,
    )  # fmt: skip
    name = install(wanted, asked_key if on_terminal() else None)
    tell(said.READY, cabinet=name, root=root)
    tell(said.THEN, command=f"syncd --config {out} run --dry-run")


def asked(option: str, given: str | None, question: Phrase, default: str) -> str:
    """What was given; else what the person at the terminal answers. Raises UsageError where nobody can be asked."""
    from syncd.core.errors import UsageError

    if given is not None:
        return given
    if not on_terminal():
        command = click.get_current_context().command_path
        raise UsageError(f"{option} is missing, and there is no terminal to ask on.", mend=f"See: {command} --help.")
    return str(click.prompt(question(language()), default=default)).strip()


def asked_path(option: str, given: Path | None, question: Phrase, default: str) -> Path:
    return Path(asked(option, str(given) if given is not None else None, question, default)).expanduser().absolute()


def asked_key() -> str:
    return str(click.prompt(said.ASK_KEY(language()), hide_input=True)).strip()
