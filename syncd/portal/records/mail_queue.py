"""Mail the portal sends to people: queued in the database, sent by the process that serves (notifications.outbox)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from syncd.core.words import date_time
from syncd.portal.language import speaking, spoken
from syncd.portal.models import Cabinet, Letter, User
from syncd.report.mail_layout import subject, written
from syncd.report.message import Link, Message, Sender


def address(path: str) -> str:
    """A whole address of the portal: what SYNCD_PORTAL_URL says."""
    return str(settings.PUBLIC_URL) + path


def configured() -> bool:
    """Whether this portal has a mail server at all."""
    return bool(settings.EMAIL_HOST)


def message(title: str, heading: str, lead: tuple[str, ...], button: Link) -> Message:
    """In the language that is spoken; `title`: the subject."""
    return Message(title, "", heading, (), lead=lead, button=button, language=spoken())


@dataclass(frozen=True, slots=True)
class Chain:
    """What a mail belongs to: as models.Letter's `topic`, `about`, `number` and `before`."""

    topic: str = ""
    about: str = ""
    number: str = ""
    before: tuple[str, ...] = ()


def queue(
    to: str, said: Message, user: User, *, reply_to: str = "", unsubscribe: str = "", chain: Chain = Chain()
) -> Letter:
    """In the caller's transaction: what is done and what is told stand or fall together; in the language that is spoken.

    `reply_to`: who reads an answer; `unsubscribe`: where these mails end, '' for those that nobody goes without.
    """
    footers = [Link(_("Régler mes e-mails"), address("/compte#e-mails"))] if unsubscribe else []
    footers += [Link(_("Ne plus les recevoir"), unsubscribe)] if unsubscribe else []
    whole = msgspec.structs.replace(
        said, sender=_sender(user.cabinet), footers=tuple(footers),
        foot=_("Message automatique de l'espace documents de {name}").format(name=user.cabinet.name),
    )  # fmt: skip
    text, html = (_known_as(part, user.cabinet.host) for part in written(whole))
    unsubscribe = _known_as(unsubscribe, user.cabinet.host)
    return Letter.objects.create(
        cabinet=user.cabinet, to=to, subject=subject(whole), text=text, html=html, reply_to=reply_to, unsubscribe=unsubscribe,
        user=user, topic=chain.topic, about=chain.about, number=chain.number, before=" ".join(chain.before),
    )  # fmt: skip


def _known_as(text: str, host: str) -> str:
    """With the addresses of the portal as the people of a cabinet know it: by `host`, '' for the portal's own name."""
    if not host:
        return text
    here = urlsplit(str(settings.PUBLIC_URL))
    there = here._replace(netloc=f"{host}:{here.port}" if here.port else host)
    return re.sub(rf"{re.escape(here.geturl())}(?=[/\"\s]|$)", lambda _: there.geturl(), text)


def _sender(cabinet: Cabinet) -> Sender:
    return Sender(cabinet.name, cabinet.colour, address("/logo") if cabinet.logo_in_mails else "", address("/"))


def hello(user: User) -> str:
    return _("Bonjour {name},").format(name=user)


def password_forgotten(user: User, secret: str) -> None:
    with speaking(user.language):
        title = _("Choisir un nouveau mot de passe")
        asked = _("Un nouveau mot de passe a été demandé pour votre accès à l'espace documents.")
        lead = (hello(user), asked, *_of_link(user, _("Le lien sert une fois, pendant 24 heures.")))
        calm = _("Si vous n'avez rien demandé, ne faites rien : votre mot de passe n'a pas changé.")
        queue(user.email, message(title, title, (*lead, calm), _choosing(secret)), user)


def invitation(user: User, secret: str) -> None:
    with speaking(user.language):
        title = _("Votre accès à l'espace documents – {cabinet}").format(cabinet=user.cabinet.name)
        opened = _("{name} vous ouvre un accès à son espace documents.").format(name=user.cabinet.name)
        lead = (hello(user), opened, *_of_link(user, _("Le lien sert une fois, pendant 14 jours.")))
        queue(user.email, message(title, _("Votre accès à l'espace documents"), lead, _choosing(secret)), user)


def _choosing(secret: str) -> Link:
    return Link(_("Choisir mon mot de passe"), address(f"/invitation/{secret}"))


def _of_link(user: User, how_long: str) -> tuple[str, str]:
    return _("Votre identifiant : {sign_in}").format(sign_in=user.sign_in), how_long


def changed(user: User, said: str, where: str = "", to: str = "") -> None:
    """Tells the owner of an account what was done to it; `said` is in the person's language. Without an address: nobody.

    `where`: the address it was done from. `to`: the address of before, when that is what was changed.
    """
    to = to or user.email
    if to and configured():
        with speaking(user.language):
            title = _("Votre compte a été modifié – {cabinet}").format(cabinet=user.cabinet.name)
            at = date_time(timezone.localtime())
            when = _("Le {at}, depuis l'adresse {where}.") if where else _("Le {at}.")
            alarm = _("Si ce n'est pas vous, changez votre mot de passe, fermez les autres connexions, et prévenez votre cabinet.")  # fmt: skip
            sign_in = _("Votre identifiant : {sign_in}").format(sign_in=user.sign_in)
            lead = (hello(user), when.format(at=at, where=where), sign_in, alarm)
            queue(to, message(title, said, lead, Link(_("Mon compte"), address("/compte"))), user)
