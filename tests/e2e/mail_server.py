"""A real SMTP server that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller

from tests.support.mails import typed


class Sink:
    def __init__(self, port: int = 0) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=port or _free())
        self._controller.start()
        self._open = True
        self.port = int(self._controller.port)
        self.url = f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope.rcpt_tos[0], mail))
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for recipient, mail in self.mails if recipient == address]

    def close(self) -> None:
        if self._open:
            self._controller.stop()
        self._open = False


def half_a_day_from_now() -> str:
    """For `send_at`: no digest becomes due while a test runs, whatever the hour of the machine."""
    return f"{datetime.now(ZoneInfo('Europe/Paris')) + timedelta(hours=12):%H:%M}"


def _free() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return typed(str(part.get_content())).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
