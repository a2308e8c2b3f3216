"""`syncd mail`: whether people can be told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of
from syncd.cli.output import say

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
    french = config_of(ctx).mail.language == "fr"
    lead = (
        "Ce message arrive : les comptes rendus arriveront aussi." if french else "This arrived: so will the reports."
    )
    return _send(ctx, "Essai de la synchronisation" if french else "A test of the synchronisation", "done", (), (lead,))


@mail.command()
@click.pass_context
def stopped(ctx: click.Context) -> int:
    """Tell everybody who gets mail that the service stopped: for the system that watches over it.

    \b
    Example:
      syncd mail stopped
    """
    from syncd.report.message import Section

    french = config_of(ctx).mail.language == "fr"
    lines = (
        ("Les documents ne passent plus d'un côté à l'autre ; rien n'est perdu.", "Sur le serveur du cabinet : systemctl status syncd, puis syncd doctor.")
        if french else
        ("Documents no longer cross; nothing is lost.", "On the cabinet's server: systemctl status syncd, then syncd doctor.")
    )  # fmt: skip
    title = "Le service de synchronisation s'est arrêté" if french else "The synchronisation service stopped"
    return _send(
        ctx, f"Erreur – {title}" if french else f"Error – {title}", "error", (Section(title, lines, "trouble"),), ()
    )


def _send(ctx: click.Context, subject: str, verdict: str, sections: tuple[Section, ...], lead: tuple[str, ...]) -> int:
    """At once, to everybody; 1 when one is not taken."""
    from syncd.config.times import local_time
    from syncd.core.errors import SyncdError, UsageError
    from syncd.mail.compose import compose
    from syncd.mail.smtp import NotSent
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
            [(r, compose(message, config.mail.sender, r, "syncd.test")) for r in to]
        )
    except NotSent as e:
        raise SyncdError(
            f"The mail server {config.mail.smtp} does not take mail ({e}).",
            mend="Check [mail] smtp, user and password_file.",
        ) from None
    for recipient, fault in zip(to, answers, strict=True):
        say(f"{recipient} : {f'refusé ({fault})' if fault else 'envoyé'}")
    return 1 if any(answers) else 0
