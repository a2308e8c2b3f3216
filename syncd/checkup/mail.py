"""Whether the mail server of the configuration answers, with the password it asks; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.checkup.finding import Finding, Level
from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.core.mail_address import server
from syncd.mail.smtp import NotSent
from syncd.wiring import watching


def examine(config: Config) -> Iterator[Finding]:
    if not config.mail.smtp:
        yield Finding(
            "mail", Level.WARNING, "Aucun e-mail n'est configuré : personne n'est prévenu.",
            "Remplissez [mail] smtp, from et to.",
        )  # fmt: skip
        return
    host = server(config.mail.smtp).host
    try:
        watching.smtp(config).send([])
    except (NotSent, UsageError) as e:
        yield Finding(
            "mail", Level.WARNING, f"Le serveur de messagerie {host} ne répond pas ({e}).",
            "Vérifiez [mail] smtp, user et password_file ; la synchronisation, elle, n'en dépend pas.",
        )  # fmt: skip
        return
    yield Finding("mail", Level.OK, f"Le serveur de messagerie {host} répond.")
