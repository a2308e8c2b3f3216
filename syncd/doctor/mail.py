"""Whether the mail server of the configuration answers, with the password it asks; nothing is sent."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

from syncd.config.model import Config
from syncd.core.errors import NotSent, UsageError
from syncd.core.mail_address import server
from syncd.core.words import doctor as said
from syncd.core.words.phrase import Phrase
from syncd.doctor.finding import Finding, Level, failed
from syncd.wiring import service_parts


def examine(config: Config) -> Iterator[Finding]:
    language = config.language
    if not config.mail.smtp:
        yield Finding("mail", Level.WARNING, said.NO_MAIL(language), said.NO_MAIL_MEND(language))
        return
    host = server(config.mail.smtp).host
    try:
        service_parts.smtp(config).send([])
    except UsageError as e:
        yield replace(failed("mail", e, language), level=Level.WARNING, code=0)
        return
    except NotSent as e:
        yield Finding(
            "mail", Level.WARNING, said.MAIL_AWAY(language, host=host, why=_why(e, language)),
            said.MAIL_AWAY_MEND(language),
        )  # fmt: skip
        return
    yield Finding("mail", Level.OK, said.MAIL(language, host=host))


def _why(error: NotSent, language: str) -> str:
    """In words what the system says; as it is what the server does."""
    held = error.__context__
    known = next((phrase for kind, phrase in _CAUSES if isinstance(held, kind)), None)
    return known(language) if known else said.QUOTED(language, text=error)


_CAUSES: tuple[tuple[type[Exception], Phrase], ...] = (
    (smtplib.SMTPAuthenticationError, said.MAIL_AUTH),
    (ConnectionRefusedError, said.MAIL_REFUSED),
    (TimeoutError, said.MAIL_TIMEOUT),
    (socket.gaierror, said.MAIL_UNKNOWN),
    (ssl.SSLError, said.MAIL_TLS),
)
