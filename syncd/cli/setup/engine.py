"""`syncd setup engine`: this machine mirrors the cabinet's folders."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.output import language, on_terminal, say, tell
from syncd.core.words import administration as said
from syncd.core.words import commands

if TYPE_CHECKING:
    import pwd

CONFIG = Path("/etc/syncd/syncd.toml")
STATE = Path("/var/lib/syncd")
TOKEN = Path("/etc/syncd/token")
UNIT, ALERT, ACCOUNT = "syncd.service", "syncd-alert.service", "syncd"


@click.command()
@click.option("--root", type=click.Path(path_type=Path), help="The cabinet's folders: one directory per client.")
@click.option("--logs", type=click.Path(path_type=Path), help="Where reports and journals go.")
@click.option("--portal", help="The portal's address, https://…")
@click.option(
    "--token-file", type=click.Path(path_type=Path), default=str(TOKEN), show_default=True,
    help="The file with the portal's key; on a terminal it is asked for.",
)  # fmt: skip
@click.option("--ca-file", type=click.Path(path_type=Path, dir_okay=False), help="An authority of your own (PEM).")
@click.option("--group", default="cabinet", show_default=True, help="The group that owns the client folders.")
@click.option("--smtp", help="The mail server: smtp://HOST:25, smtp+starttls://HOST:587 or smtps://HOST:465.")
@click.option("--smtp-user", help="For a server that asks who sends.")
@click.option("--smtp-password-file", type=click.Path(path_type=Path, dir_okay=False), help="And its password.")
@click.option("--mail-from", help="Who the reports are from.")
@click.option("--mail-to", multiple=True, help="Who is told (may be given again).")
@click.option("--no-start", is_flag=True, help="Leave the service as it is.")
def engine(
    root: Path | None, logs: Path | None, portal: str | None, token_file: Path, ca_file: Path | None, group: str,
    smtp: str | None, smtp_user: str | None, smtp_password_file: Path | None, mail_from: str | None,
    mail_to: tuple[str, ...], no_start: bool,
) -> int:  # fmt: skip
    """Make the directories and the configuration, start the service, and send a first mail. On a terminal it asks.

    A configuration that is there already is kept, and put into service.

    \b
    Example:
      syncd setup engine --root /srv/cabinet/clients --logs /srv/cabinet/journaux \\
        --portal https://documents.cabinet-martin.fr --token-file /etc/syncd/token
    """
    from syncd.cli.init import asked, asked_path
    from syncd.cli.setup import system
    from syncd.core.errors import UsageError

    account = system.root_of(UNIT, ACCOUNT)
    if CONFIG.exists():
        given = (root, logs, portal, ca_file, smtp, smtp_user, smtp_password_file, mail_from, mail_to)
        if any(given) or token_file.absolute() != TOKEN:
            raise UsageError(
                f"this machine is set up already: '{CONFIG}' exists.",
                mend="Change it there, then: systemctl restart syncd.",
            )
        return _kept(account, group, start=not no_start)
    root = asked_path("--root", root, commands.ASK_ROOT, "/srv/cabinet/clients")
    logs = (logs or root.parent / "journaux").absolute()
    portal = asked("--portal", portal, commands.ASK_PORTAL, "https://")
    token_file = token_file.absolute()
    _key(token_file)
    _places(account, root, logs, token_file, group)
    if smtp_password_file is not None:
        system.give(smtp_password_file, account)
    if ca_file is not None and system.as_account(account, ["test", "-r", str(ca_file.absolute())]).returncode:
        raise UsageError(
            f"the account '{account.pw_name}' may not read '{ca_file}'.",
            mend=f"A certificate is no secret: chmod 644 '{ca_file}'; its directories with 'x' for all.",
        )
    pairs = {
        "--root": root, "--state": STATE, "--logs": logs, "--portal": portal, "--token-file": token_file,
        "--ca-file": ca_file and ca_file.absolute(), "--smtp": smtp, "--smtp-user": smtp_user,
        "--smtp-password-file": smtp_password_file and smtp_password_file.absolute(), "--mail-from": mail_from,
    }  # fmt: skip
    _init(account, [*pairs.items(), *(("--mail-to", address) for address in mail_to)])
    tell(said.SET_UP, root=root, config=CONFIG)
    _service(root, logs, token_file, group, start=not no_start)
    if smtp is not None:
        _first_mail(account)
    else:
        _nobody_is_told()
    return 0


def _init(account: pwd.struct_passwd, options: Sequence[tuple[str, object]]) -> None:
    """`syncd init` as the account, and its configuration where the service reads it. Raises SyncdError."""
    from syncd.cli.setup import system

    new = STATE / "syncd.toml.new"
    new.unlink(missing_ok=True)
    given = [str(part) for pair in (*options, ("--out", new)) if pair[1] is not None for part in pair]
    made = system.as_account(account, system.syncd("init", *given))
    made.stderr = re.sub(rf"{re.escape(str(new))}(:\d+)?: ", "", made.stderr)  # nobody but us has seen that file
    system.told(made)
    system.put(CONFIG, new.read_text(encoding="utf-8"), group=account.pw_gid, mode=0o640)
    new.unlink()


def _nobody_is_told() -> None:
    tell(said.NOBODY_TOLD, config=CONFIG)


def _kept(account: pwd.struct_passwd, group: str, *, start: bool) -> int:
    from syncd.config.load import load
    from syncd.core.errors import UsageError

    config = load(CONFIG)
    if Path(config.mirror.state) != STATE:
        raise UsageError(
            f"the package's service keeps its memory in '{STATE}', and [mirror] state is '{config.mirror.state}'.",
            mend=f"Stop the old service, move that directory to '{STATE}', and write it so in '{CONFIG}'.",
        )
    root, logs, token_file = Path(config.mirror.root), Path(config.mirror.logs), Path(config.portal.token_file)
    _key(token_file)
    _places(account, root, logs, token_file, group)
    os.chown(CONFIG, 0, account.pw_gid)
    CONFIG.chmod(0o640)
    tell(said.CONFIG_KEPT, config=CONFIG)
    _service(root, logs, token_file, group, start=start)
    if not config.mail.smtp:
        _nobody_is_told()
    return 0


def _first_mail(account: pwd.struct_passwd) -> None:
    """SyncdError when it does not go: all else is in place, and is not to be set up again."""
    from syncd.cli.setup import system
    from syncd.core.errors import SyncdError

    sent = system.as_account(account, system.syncd("--config", CONFIG, "mail", "test"))
    if sent.returncode:
        raise SyncdError(
            f"everything is set up but the mail: {sent.stderr.strip().removeprefix('syncd: ')}",
            mend=f"It is in {CONFIG}: mend it there, then: systemctl reload syncd; syncd mail test.",
        )
    say(sent.stdout.strip())


def _places(account: pwd.struct_passwd, root: Path, logs: Path, token_file: Path, group: str) -> None:
    """The folders are the group's, the reports theirs to read, and the account is one of them; the key is its alone."""
    from syncd.cli.setup import system

    system.give(token_file, account)
    system.system("groupadd", "--force", group)
    system.system("usermod", "--append", "--groups", group, account.pw_name)
    import grp

    gid = grp.getgrnam(group).gr_gid
    system.directory(root, account, gid, 0o2770)
    system.directory(logs, account, gid, 0o2750)


def _service(root: Path, logs: Path, token_file: Path, group: str, *, start: bool) -> None:
    """What of the unit is this machine's own, and the start.

    What the engine makes is the folders' group's, also in folders of before that do not hand their group on.
    """
    from syncd.cli.setup import system

    places = f"{system.quoted(root)} {system.quoted(logs)}"
    writable = (
        f"{system.quoted(root, '-')} {system.quoted(logs, '-')}"  # '-': one that is missing is said by the service
    )
    groups = f"Group={group}\nSupplementaryGroups={ACCOUNT}\n"
    system.drop_in(
        UNIT, "10-dossiers.conf",
        f"# {said.DROP_IN(language(), config=CONFIG)}\n[Unit]\nRequiresMountsFor={places}\n\n"
        f"[Service]\n{groups}ReadWritePaths={writable}\nLoadCredential=\nLoadCredential=token:{system.quoted(token_file)}\n",
    )  # fmt: skip
    system.drop_in(ALERT, "10-dossiers.conf", f"[Service]\n{groups}")
    if start:
        system.start(UNIT)
        tell(said.ENGINE_STARTED)


def _key(file: Path) -> None:
    """The portal's key is in its file, or is asked for on a terminal. UsageError: neither."""
    from syncd.cli.init import asked_key
    from syncd.core.errors import UsageError
    from syncd.disk import private

    if file.exists():
        return
    if not on_terminal():
        raise UsageError(
            f"there is no key in '{file}'.",
            mend=f"On the portal's machine: syncd portal engine-token /var/lib/syncd-portal --to {file}",
        )
    key = asked_key()
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "x", encoding="utf-8", opener=private.owned) as f:
        f.write(key + "\n")
