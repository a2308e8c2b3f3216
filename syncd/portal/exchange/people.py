"""Who of a company may be told of a package, and is: by a mail with the package, or with the link alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from syncd.core.packages.manifest import Way
from syncd.portal.exchange.access import State, changing, exchange_of
from syncd.portal.language import counted, size, speaking
from syncd.portal.models import Client, ExchangePackage, Letter, User
from syncd.portal.people.audience import holders
from syncd.portal.people.visibility import person_of
from syncd.portal.records import audit, mail_queue
from syncd.portal.records.feed import writing
from syncd.portal.records.mail_queue import Chain, address
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may_exchange
from syncd.portal.storage import package_store
from syncd.report.message import Link

TOPIC = "package"
MOST_ATTACHED = 8_000_000  # bytes: what mail servers take, once it is written in letters


def reachable(client: Client) -> list[User]:
    """The company's people who may take a package away and have an address."""
    found = [user for user, _kinds in holders([client])[client.id] if user.email and _may_fetch(user, client)]
    return sorted(found, key=str)


def _may_fetch(user: User, client: Client, package: ExchangePackage | None = None) -> bool:
    return user.is_active and may_exchange(person_of(user), Verb.DOWNLOAD, exchange_of(client, package))


def telling(actor: Person, client: Client, people: Sequence[str]) -> list[str]:
    """Those of them who may be told, by id; without a mail server nobody is. A step of `prepare`."""
    if not people or not mail_queue.configured():
        return []
    return [user.id for user in reachable(client) if user.id in set(people)]


def send(actor: Person, package_id: str, number: int, people: Sequence[str], *, attach: bool) -> int:
    """A package that was made is told of by mail. How many. Raises Refusal."""
    with writing(actor.cabinet):
        now, package = changing(actor, package_id, Verb.DEPOSIT, number)
        if package.way != Way.TO_COMPANY or package.state != State.MADE or not package.stored:
            raise Refusal(Code.PACKAGE_OTHERWISE)
        wanted = telling(now, package.client, people)
        if not wanted:
            raise Refusal(Code.PACKAGE_PEOPLE)
        queue(package, wanted, attach=attach)
        audit.record(now, "package_mailed", f"{package.client.code}, {package.name}")
    return len(wanted)


def queue(package: ExchangePackage, people: Sequence[str], *, attach: bool) -> None:
    """In the caller's transaction; whoever may not have it any more is not told."""
    with_it = attach and package.size <= MOST_ATTACHED
    for user in User.objects.select_related("cabinet").filter(id__in=list(people), is_active=True):
        if user.email and _may_fetch(user, package.client, package):
            with speaking(user.language):
                _queue(package, user, attach=with_it)


def _queue(package: ExchangePackage, user: User, *, attach: bool) -> None:
    documents = counted(package.documents, "document", "documents")
    title = _("Un paquet de documents pour {name}").format(name=package.client.name)
    holds = _("{documents}, {size}. Paquet n° {number}.").format(
        documents=documents, size=size(package.size), number=package.sequence
    )
    lead = [
        mail_queue.hello(user),
        _("Votre cabinet a préparé un paquet de documents pour {name}.").format(name=package.client.name),
        holds,
    ]
    lead += [_("Objet : {text}").format(text=package.purpose)] if package.purpose else []
    lead += [_("Commentaire : {text}").format(text=package.comment)] if package.comment else []
    if attach:
        lead.append(
            _("Il est joint à ce message : enregistrez-le, par exemple sur une clé USB, sans l'ouvrir ni le modifier.")
        )
    else:
        lead.append(_("Connectez-vous pour le télécharger."))
    if package.sealed:
        lead.append(_("Il est chiffré : seul l'ordinateur de l'entreprise qui a la clé peut l'ouvrir."))
    button = Link(_("Voir le paquet"), address(f"/paquets/{package.client.code}"))
    said = mail_queue.message(title, title, tuple(lead), button)
    about = f"{package.id} attached" if attach else package.id
    mail_queue.queue(user.email, said, user, chain=Chain(TOPIC, about))


def may_go(letter: Letter) -> bool:
    """Whether one that waited still goes: its reader still may have the package."""
    if letter.topic != TOPIC or letter.user is None:
        return True
    package = ExchangePackage.objects.select_related("client").filter(id=letter.about[:32]).first()
    return package is not None and package.stored and _may_fetch(letter.user, package.client, package)


def attachment(letter: Letter) -> tuple[str, bytes] | None:
    """What goes with it: a name that mail gateways take, and the bytes. None where nothing does, or it is gone."""
    package_id, _space, attached = letter.about.partition(" ")
    if letter.topic != TOPIC or not attached:
        return None
    package = ExchangePackage.objects.filter(id=package_id).first()
    if package is None:
        return None
    try:
        with package_store().open(package.id) as file:
            data = file.read(MOST_ATTACHED + 1)
    except FileNotFoundError:
        return None
    name = package.name if package.sealed else f"{package.name}.zip"
    return (name, data) if len(data) <= MOST_ATTACHED else None
