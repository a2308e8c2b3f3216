"""Mails kept as files: .eml, and Outlook's .msg. What people read of them; nothing of them is ever fetched or run."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any, BinaryIO

from syncd.core.plain_text import one_line
from syncd.portal.readers.values import Attachment, Mail

TEXT, LINE, MANY = 100_000, 1000, 100
_LARGEST = 60_000_000  # bytes of a mail that is read
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_SILENT = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "blockquote"})


def mail(source: BinaryIO) -> Mail:
    read: Any = email.message_from_bytes(source.read(_LARGEST), policy=email.policy.default)
    message: EmailMessage = read
    if not any(message.get(name) for name in _HEADERS):
        raise ValueError("no mail")
    headers = [(name, one_line(str(message[name]), LINE)) for name in _HEADERS if message.get(name)]
    body = message.get_body(("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    if body is not None and body.get_content_type() == "text/html":
        text = read_html(text)
    return _mail(headers, text, [(_name(part), _size(part)) for part in message.iter_attachments()])


def _name(part: Any) -> str:
    return str(part.get_filename() or part.get_content_type())


def _size(part: Any) -> int:
    if part.is_multipart():  # a mail within a mail
        return len(bytes(part))
    return len(part.get_payload(decode=True) or b"")


def outlook(source: BinaryIO) -> Mail:
    from oxmsg import Message

    message = Message.load(source)
    sent = message.sent_date
    to = ", ".join(f"{r.name} <{r.email_address}>" if r.name else r.email_address for r in message.recipients[:MANY])
    given = {
        "From": message.sender, "To": to, "Date": f"{sent:%d/%m/%Y %H:%M}" if sent else "", "Subject": message.subject,
    }  # fmt: skip
    headers = [(name, one_line(value, LINE)) for name, value in given.items() if value]
    text = message.body or read_html(message.html_body or "")
    return _mail(headers, text, [(a.file_name or "?", a.size or 0) for a in message.attachments])


def _mail(headers: list[tuple[str, str]], text: str, attached: list[tuple[str, int]]) -> Mail:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    kept = tuple(Attachment(one_line(name), size) for name, size in attached[:MANY])
    return Mail(tuple(headers), lines[:TEXT], len(lines) > TEXT, kept)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words, self._silent = list[str](), 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))


def read_html(text: str) -> str:
    """Its words, in lines."""
    words = _Words()
    words.feed(text[: 20 * TEXT])
    words.close()
    lines = [line.strip() for line in "".join(words.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
