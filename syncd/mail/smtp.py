"""One SMTP server: `smtp://host:25`, `smtp+starttls://host:587`, `smtps://host:465`."""

from __future__ import annotations

import contextlib
import email.utils
import smtplib
import ssl
from collections.abc import Sequence
from pathlib import Path

import msgspec

from syncd.core.errors import NotSent, UsageError
from syncd.core.mail_address import mail_address
from syncd.core.mail_address import server as server_of
from syncd.core.plain_text import decoded

TIMEOUT = 20.0


class Smtp(msgspec.Struct, frozen=True):
    """`password`: with `user`, only over an encrypted connection or to this machine."""

    url: str
    sender: str
    user: str = ""
    password: str = ""

    def send(self, mails: Sequence[tuple[str, bytes]]) -> list[str]:
        """(recipient, message) each; '' or why it was not taken, in order. Raises NotSent when there is no server.

        One that is not taken is no other's matter; where the line breaks, what went before it has gone.
        """
        answers: list[str] = []
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException, UnicodeError) as e:
            raise NotSent(_why(e)) from None
        try:
            for recipient, message in mails:
                answers.append(self._one(server, recipient, message))
        except (OSError, smtplib.SMTPException) as e:
            answers += [_why(e)] * (len(mails) - len(answers))
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
        return answers

    def _one(self, server: smtplib.SMTP, recipient: str, message: bytes) -> str:
        try:
            sender, to = (email.utils.parseaddr(mail_address(text))[1] for text in (self.sender, recipient))
            server.sendmail(sender, [to], message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused, ValueError) as e:
            return _why(e)
        return ""

    def _connect(self) -> smtplib.SMTP:
        at = server_of(self.url)
        scheme, host, port = at.scheme, at.host, at.port
        if scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT)
        if scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        return server


def secret(path: str) -> str:
    """The password, from its file. Raises UsageError."""
    try:
        return decoded(Path(path).read_bytes()).strip()
    except (OSError, ValueError) as e:
        why = getattr(e, "strerror", None) or e
        raise UsageError(
            f"[mail] password_file '{path}' cannot be read ({why}).", reason="mail_password", cause=path
        ) from None


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return " ".join(_text(part) for part in next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _text(part: object) -> str:
    return part.decode(errors="replace") if isinstance(part, bytes) else str(part)
