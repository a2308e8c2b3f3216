"""`syncd mail`: whether people can be told."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of, path_of
from syncd.cli.output import tell
from syncd.core.words import commands as said

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.config.model import Config

MISTAKES = 5  # of a configuration that are told
_VALUE = re.compile(r" = .*: ")  # what somebody wrote, as a mistake shows it


@click.group()
def mail() -> None:
    """The e-mails that tell people."""


@mail.command()
@click.pass_context
def test(ctx: click.Context) -> int:
    """Send a message to every recipient now, and say what the server answered. Exit 1 when one is not taken.

    \b
    Example:
      syncd mail test
    """
    config = config_of(ctx)
    language = config.mail.language
    return _send(config, said.TEST_SUBJECT(language), "done", lambda commands: [said.TEST_LEAD(language)])


@mail.command()
@click.pass_context
def stopped(ctx: click.Context) -> int:
    """Tell everybody who gets mail that the service stopped: for the system that watches over it. Where the configuration
    cannot be read, it says so, to those whom the service last knew.

    \b
    Example:
      syncd mail stopped
    """
    from syncd.config import last_good
    from syncd.core.errors import UsageError
    from syncd.operations.drop_privileges import become_owner_of

    try:
        return _told_stopped(config_of(ctx), "")
    except UsageError as e:
        if (found := last_good.find(path_of(ctx))) is None:
            raise
        config, state = found
        become_owner_of(state)
        return _told_stopped(config, str(e))


def tell_of_mistakes(ctx: click.Context, fault: str) -> None:
    """Of a service that cannot read its configuration, where no unit tells of its end: once, until it works again."""
    from syncd.config import last_good
    from syncd.core.errors import SyncdError

    if (found := last_good.find(path_of(ctx))) is None or not last_good.first_time(found[1], fault):
        return
    with contextlib.suppress(SyncdError):  # who is told nothing by mail has the system's log
        _told_stopped(found[0], fault)


def _told_stopped(config: Config, fault: str) -> int:
    """`fault`: the mistakes of a configuration, a line each; their values are left out, which may be secrets."""
    language = config.mail.language
    mistakes = [_VALUE.sub(": ", line)[:300] for line in fault.splitlines()][:MISTAKES]

    def lines(commands: bool) -> list[str]:
        mend = said.CONFIGURATION_MEND if fault else said.LOOK_AT_SERVICE
        wrong = [said.CONFIGURATION_WRONG(language), *mistakes] if fault else []
        return [said.NOTHING_LOST(language), *wrong, (mend if commands else said.TELL_OPERATOR)(language)]

    return _send(config, said.SERVICE_ENDED(language), "error", lines)


def _send(config: Config, subject: str, verdict: str, lead: Callable[[bool], list[str]]) -> int:
    """At once, to everybody; 1 when one is not taken. `lead`: by whether somebody has the command line."""
    from syncd.config.local_time import local_time
    from syncd.core.errors import NotSent, SyncdError, UsageError
    from syncd.report.message import Message, foot, printed
    from syncd.service.notifier import recipients
    from syncd.wiring import service_parts

    if not config.mail.smtp:
        raise UsageError("there is no mail server in the configuration.", mend="Set [mail] smtp, from and to.")
    at, language = local_time(config, time.time()), config.mail.language

    def message(commands: bool) -> Message:
        where = foot(config.portal.url, language, commands=commands)
        sentences = (*lead(commands), f"{at:%d/%m/%Y %H:%M}")
        return printed(Message(subject, verdict, subject, (), lead=sentences, foot=where, language=language))

    everybody = recipients(config)
    to = [r.address for r in everybody]
    try:
        answers = service_parts.smtp(config).send(
            [
                (r.address, service_parts.composed(config, message(r.commands), r.address, "syncd.test"))
                for r in everybody
            ]
        )
    except NotSent as e:
        raise SyncdError(
            f"The mail server {config.mail.smtp} does not take mail ({e}).",
            mend="Check [mail] smtp, user and password_file.",
        ) from None
    for recipient, fault in zip(to, answers, strict=True):
        if fault:
            tell(said.NOT_TAKEN, recipient=recipient, why=fault)
        else:
            tell(said.SENT, recipient=recipient)
    return 1 if any(answers) else 0
