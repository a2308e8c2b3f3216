"""Mails as one types their French: plain spaces, straight apostrophes."""

from __future__ import annotations

from syncd.report.mail_layout import written
from syncd.report.message import Message


def typed(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def plain(message: Message) -> str:
    return typed(written(message)[0])
