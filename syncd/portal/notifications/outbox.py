"""Letters go out through the mail server of SYNCD_PORTAL_SMTP; one that is away delays them, and loses none."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from syncd.portal.models import Letter

LOG = logging.getLogger(__name__)
AT_ONCE = 50
KEPT = timedelta(days=30)
LONGEST = 3600.0
SENDING = timedelta(minutes=10)


def always(letter: Letter) -> bool:
    return True


def _nothing(letter: Letter) -> tuple[str, bytes] | None:
    return None


Attached = Callable[[Letter], tuple[str, bytes] | None]


def deliver(may_go: Callable[[Letter], bool] = always, attached: Attached = _nothing) -> int:
    """Whatever is due; how many went out. What was sent keeps no words: an invitation's link is nobody else's business.

    `may_go`: asked of each right before it goes; one that may not is dropped. `attached`: a file that goes with it, by its name.
    """
    if not settings.EMAIL_HOST:
        return 0
    due = list(
        Letter.objects.filter(sent_at__isnull=True, due_at__lte=datetime.now(UTC))
        .select_related("cabinet", "user")
        .order_by("id")[:AT_ONCE]
    )
    if not due:
        return 0
    sent = 0
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend")
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as e:
        if not all(letter.tries for letter in due):  # once a letter, not at every try
            LOG.warning("letters wait: the mail server %s:%s: %s", settings.EMAIL_HOST, settings.EMAIL_PORT, e)
        for letter in due:
            _failed(letter, e)
        return 0
    try:
        for letter in due:
            if not letter.text:  # sealed with another secret_key: nobody can read it any more
                LOG.error("letter %s is not sent: it was sealed with another secret_key", letter.id)
                Letter.objects.filter(id=letter.id).update(sent_at=datetime.now(UTC), fault="unreadable")
                continue
            if not may_go(letter):
                Letter.objects.filter(id=letter.id).update(
                    sent_at=datetime.now(UTC), text="", html="", fault="withdrawn"
                )
                continue
            if not _mine(letter):
                continue
            try:
                _message(letter, connection, attached(letter)).send()
            except (OSError, smtplib.SMTPException, ValueError) as e:  # an address that is none, too
                if not letter.tries:
                    LOG.warning("letter %s waits: %s", letter.id, type(e).__name__)  # what is refused may name people
                _failed(letter, e)
                continue
            Letter.objects.filter(id=letter.id).update(sent_at=datetime.now(UTC), text="", html="", fault="")
            sent += 1
    finally:
        connection.close()
    return sent


def _mine(letter: Letter) -> bool:
    """Whether nobody else sends it: for as long as that takes it is not due. One that is never heard of again is, then."""
    still = Letter.objects.filter(id=letter.id, sent_at__isnull=True, due_at=letter.due_at)
    return bool(still.update(due_at=datetime.now(UTC) + SENDING))


def _message(letter: Letter, connection: object, file: tuple[str, bytes] | None) -> EmailMultiAlternatives:
    sender = settings.DEFAULT_FROM_EMAIL or f"ne-pas-repondre@{settings.EMAIL_HOST}"
    message = EmailMultiAlternatives(
        letter.subject, letter.text, sender, [letter.to], connection=connection, headers=_headers(letter, sender),
        reply_to=[letter.reply_to] if letter.reply_to else None,
    )  # fmt: skip
    message.attach_alternative(letter.html, "text/html")
    if file is not None:
        message.attach(*file, "application/octet-stream")
    return message


def _headers(letter: Letter, sender: str) -> dict[str, str]:
    """The number of a letter stays its own however often it is tried: a server that took it twice shows it once."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "syncd"
    headers = {
        "Auto-Submitted": "auto-generated", "List-Id": f"<{letter.topic or 'depots'}.{letter.cabinet_id}.syncd>",
        "Message-ID": f"<{letter.number or f'{letter.id}.{letter.cabinet_id}'}@{domain}>",
        "X-Auto-Response-Suppress": "All",  # what answers by machine, leaves it
    }  # fmt: skip
    if letter.topic:
        headers["Precedence"] = "list"
    if letter.before:
        headers["References"] = " ".join(f"<{number}@{domain}>" for number in letter.before.split())
    if urlsplit(letter.unsubscribe).scheme == "https":  # RFC 8058 asks for it
        headers |= {
            "List-Unsubscribe": f"<{letter.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return headers


def _failed(letter: Letter, fault: Exception) -> None:
    wait = min(LONGEST, 15.0 * 2**letter.tries)
    Letter.objects.filter(id=letter.id).update(
        tries=letter.tries + 1, due_at=datetime.now(UTC) + timedelta(seconds=wait), fault=str(fault)[:300]
    )


def prune() -> None:
    Letter.objects.filter(queued_at__lt=datetime.now(UTC) - KEPT).delete()
