"""Whether the mail server of the configuration answers; nothing is sent."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from syncd.checkup.finding import Finding, Level
from syncd.config import Config


def examine(config: Config) -> Iterator[Finding]:
    if not config.mail.smtp or not config.mail.to:
        yield Finding(
            "mail", Level.WARNING, "Aucun e-mail n'est configuré : personne n'est prévenu.",
            "Remplissez [mail] smtp, from et to.",
        )  # fmt: skip
        return
    url = urlsplit(config.mail.smtp)
    host = url.hostname or "localhost"
    try:
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, url.port or 465, timeout=5, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=5)
        with server:
            server.ehlo()
    except (OSError, smtplib.SMTPException) as e:
        yield Finding(
            "mail", Level.WARNING, f"Le serveur de messagerie {host} ne répond pas ({e}).",
            "Vérifiez [mail] smtp ; la synchronisation, elle, n'en dépend pas.",
        )  # fmt: skip
        return
    yield Finding("mail", Level.OK, f"Le serveur de messagerie {host} répond.")
