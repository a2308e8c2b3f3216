"""Whether the mail server of the configuration answers, with the password it asks; nothing is sent."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace

from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.core.mail_address import server
from syncd.doctor.finding import Finding, Level, failed
from syncd.mail.smtp import NotSent
from syncd.wiring import service_parts


def examine(config: Config) -> Iterator[Finding]:
    if not config.mail.smtp:
        yield Finding(
            "mail", Level.WARNING, "Aucun e-mail n'est configuré : personne n'est prévenu.",
            "Remplissez [mail] smtp, from et to.",
        )  # fmt: skip
        return
    host = server(config.mail.smtp).host
    try:
        service_parts.smtp(config).send([])
    except UsageError as e:
        yield replace(failed("mail", e), level=Level.WARNING, code=0)
        return
    except NotSent as e:
        yield Finding(
            "mail", Level.WARNING, f"Le serveur de messagerie {host} ne répond pas ({_why(e)}).",
            "Vérifiez [mail] smtp, user et password_file ; la synchronisation, elle, n'en dépend pas.",
        )  # fmt: skip
        return
    yield Finding("mail", Level.OK, f"Le serveur de messagerie {host} répond.")


def _why(error: NotSent) -> str:
    """In French what the system says; in its own words what the server does."""
    held = error.__context__
    return next((said for kind, said in _SAID if isinstance(held, kind)), f"« {error} »")


_SAID: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "nom ou mot de passe refusé"),
    (ConnectionRefusedError, "connexion refusée"),
    (TimeoutError, "pas de réponse"),
    (socket.gaierror, "adresse inconnue"),
    (ssl.SSLError, "son certificat n'est pas accepté, ou il ne chiffre pas"),
)
