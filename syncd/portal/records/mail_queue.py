"""Mail the portal sends to people: queued in the database, sent by the process that serves (notifications.outbox)."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from syncd.core.plain_text import one_line
from syncd.portal.language import speaking
from syncd.portal.models import Letter, User


def address(path: str) -> str:
    """A whole address of the portal: what SYNCD_PORTAL_URL says."""
    return str(settings.PUBLIC_URL) + path


def configured() -> bool:
    """Whether this portal has a mail server at all."""
    return bool(settings.EMAIL_HOST)


def queue(to: str, subject: str, template: str, user: User, **context: object) -> None:
    """In the caller's transaction: what is done and what is told stand or fall together; in the language that is spoken."""
    values = {"cabinet": user.cabinet, "who": user, "subject": subject, "home": address("/"), **context}
    Letter.objects.create(
        cabinet=user.cabinet, to=to, subject=one_line(subject),
        text=render_to_string(f"portal/mail/{template}.txt", values),
        html=render_to_string(f"portal/mail/{template}.html", values),
    )  # fmt: skip


def password_forgotten(user: User, secret: str) -> None:
    link = address(f"/invitation/{secret}")
    with speaking(user.language):
        queue(user.email, _("Choisir un nouveau mot de passe"), "password_link", user, link=link, reason="forgotten")


def invitation(user: User, secret: str) -> None:
    link = address(f"/invitation/{secret}")
    with speaking(user.language):
        subject = _("Votre accès à l'espace documents – {cabinet}").format(cabinet=user.cabinet.name)
        queue(user.email, subject, "password_link", user, link=link, reason="invited")


def changed(user: User, said: str, where: str = "", to: str = "") -> None:
    """Tells the owner of an account what was done to it; `said` is in the person's language. Without an address: nobody.

    `where`: the address it was done from. `to`: the address of before, when that is what was changed.
    """
    to = to or user.email
    if to and configured():
        with speaking(user.language):
            subject = _("Votre compte a été modifié – {cabinet}").format(cabinet=user.cabinet.name)
            now = timezone.now()
            queue(to, subject, "account_changed", user, said=said, where=where, now=now, account=address("/compte"))
