"""A message for one recipient: text and HTML, marked as automatic."""

from __future__ import annotations

import email.policy
import email.utils
from email.message import EmailMessage

from syncd.report.mail_layout import subject, written
from syncd.report.message import Message


def compose(message: Message, sender: str, recipient: str, list_id: str) -> bytes:
    """`list_id`: as `syncd.cabinet-martin.fr`; for filters, with X-Syncd-Verdict."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject(message)
    mail["Date"] = email.utils.localtime()
    mail["Message-ID"] = email.utils.make_msgid(domain=email.utils.parseaddr(sender)[1].rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<{list_id}>"
    mail["X-Syncd-Verdict"] = message.verdict
    text, html = written(message)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail.as_bytes()
