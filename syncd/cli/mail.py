"""`syncd mail`: whether people can be told."""

from __future__ import annotations

import time

import click

from syncd.cli.common import config_of
from syncd.cli.output import say


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
    from syncd import wiring
    from syncd.config.times import local_time
    from syncd.core.errors import SyncdError, UsageError
    from syncd.mail.compose import compose
    from syncd.mail.smtp import NotSent
    from syncd.report.message import Message
    from syncd.service.post import recipients

    config = config_of(ctx)
    if not config.mail.smtp:
        raise UsageError("there is no mail server in the configuration.", mend="Set [mail] smtp, from and to.")
    french = config.mail.language == "fr"
    at = local_time(config, time.time())
    message = Message(
        "Essai de la synchronisation" if french else "A test of the synchronisation",
        "done",
        f"Essai du {at:%d/%m/%Y %H:%M}" if french else f"A test, {at:%d/%m/%Y %H:%M}",
        (),
        lead=("Ce message arrive : les comptes rendus arriveront aussi.",)
        if french
        else ("This arrived: so will the reports.",),
        foot=config.portal.url,
        language=config.mail.language,
    )
    to = [r.address for r in recipients(config)]
    try:
        answers = wiring.smtp(config).send([(r, compose(message, config.mail.sender, r, "syncd.test")) for r in to])
    except NotSent as e:
        raise SyncdError(
            f"The mail server {config.mail.smtp} does not take mail ({e}).",
            mend="Check [mail] smtp, user and password_file.",
        ) from None
    for recipient, fault in zip(to, answers, strict=True):
        say(f"{recipient} : {f'refusé ({fault})' if fault else 'envoyé'}")
    return 1 if any(answers) else 0
