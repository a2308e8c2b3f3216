"""`syncd mail`: whether people can be told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of
from syncd.cli.output import tell
from syncd.core.words import commands as said

if TYPE_CHECKING:
    from syncd.report.message import Section


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
    language = config_of(ctx).mail.language
    return _send(ctx, said.TEST_SUBJECT(language), "done", (), (said.TEST_LEAD(language),))


@mail.command()
@click.pass_context
def stopped(ctx: click.Context) -> int:
    """Tell everybody who gets mail that the service stopped: for the system that watches over it.

    \b
    Example:
      syncd mail stopped
    """
    from syncd.report.message import Section

    language = config_of(ctx).mail.language
    title = said.SERVICE_ENDED(language)
    section = Section(title, tuple(line(language) for line in said.SERVICE_ENDED_LINES), "trouble")
    return _send(ctx, said.SERVICE_ENDED_SUBJECT(language, title=title), "error", (section,), ())


def _send(ctx: click.Context, subject: str, verdict: str, sections: tuple[Section, ...], lead: tuple[str, ...]) -> int:
    """At once, to everybody; 1 when one is not taken."""
    from syncd.config.times import local_time
    from syncd.core.errors import NotSent, SyncdError, UsageError
    from syncd.report.message import Message
    from syncd.service.notifier import recipients
    from syncd.wiring import service_parts

    config = config_of(ctx)
    if not config.mail.smtp:
        raise UsageError("there is no mail server in the configuration.", mend="Set [mail] smtp, from and to.")
    at = local_time(config, time.time())
    heading = f"{subject}, {at:%d/%m/%Y %H:%M}"
    message = Message(
        subject, verdict, heading, sections, lead=lead, foot=config.portal.url, language=config.mail.language
    )
    to = [r.address for r in recipients(config)]
    try:
        answers = service_parts.smtp(config).send(
            [(r, service_parts.composed(config, message, r, "syncd.test")) for r in to]
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
