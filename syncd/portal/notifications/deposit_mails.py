"""What mails say of documents: received, deposited, published, asked to be deleted; by folder, ten at most of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.words import date_time
from syncd.portal.clients.folder_labels import Labels, labels_of
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.language import counted, named, number, reason, size
from syncd.portal.models import Client, Deposit, DepositLine, Document, User
from syncd.portal.records.mail_queue import address, hello, message
from syncd.report.message import Link, Message, Row, Section

SHOWN = 10  # documents of a folder
REFUSED = 10


def _documents(n: int) -> str:
    return counted(n, "document", "documents")


def _row(d: Document, note: str = "") -> Row:
    return Row(paths.name(d.path), note or size(d.size), address(f"/documents/{d.id}"))


def by_folder(documents: Iterable[Document], said: Labels) -> list[Section]:
    folders: defaultdict[str, list[Document]] = defaultdict(list)
    for d in sorted(documents, key=lambda d: d.key):
        folders[paths.parent(d.path)].append(d)
    return [
        Section(said.shown(folder), tuple(_row(d) for d in some[:SHOWN]), of=len(some), others=_("et {n} autres"))
        for folder, some in sorted(folders.items())
    ]


def refused(lines: Sequence[DepositLine]) -> list[Section]:
    """What of a deposit was not taken, and why."""
    if not lines:
        return []
    title = counted(len(lines), "document n'a pas été accepté", "documents n'ont pas été acceptés")
    rows = tuple(Row(paths.name(x.given), reason(x.reason, x.detail)) for x in lines[:REFUSED])
    return [Section(title, rows, "trouble", of=len(lines))]


def received(user: User, deposit: Deposit, seen: Sequence[Document], lines: Sequence[DepositLine]) -> Message:
    """To the company: its acknowledgement."""
    client, many = deposit.client, _documents(len(seen))
    title = _("Bien reçu : {documents} – accusé {number}").format(documents=many, number=deposit.number)
    heading = _("Nous avons bien reçu vos {documents}") if len(seen) > 1 else _("Nous avons bien reçu votre document")
    by, at = deposit.by, date_time(timezone.localtime(deposit.at))
    said = _("Accusé n° {number} : déposé par {by} le {at} pour {client}.")
    lead = (hello(user), said.format(number=deposit.number, by=by, at=at, client=client.name))
    button = Link(_("Voir l'accusé"), address(f"/depots/{deposit.number}"))
    made = message(title, heading.format(documents=many), lead, button)
    return replace(made, sections=(*refused(lines), *by_folder(seen, labels_of(client.cabinet))))


def deposited(deposit: Deposit, seen: Sequence[Document], lines: Sequence[DepositLine]) -> Message:
    """To the cabinet, of one deposit."""
    client = deposit.client
    title = _("{client} a déposé {documents}").format(client=client.name, documents=_documents(len(seen)))
    by, at = named(deposit.by, deposit.origin), date_time(timezone.localtime(deposit.at))
    said = _("{by} les a déposés pour {client} ({code}) le {at}, accusé n° {number}.")
    lead = (said.format(by=by, client=client.name, code=client.code, at=at, number=deposit.number),)
    made = message(title, title, lead, _to(client, seen))
    return replace(made, sections=(*refused(lines), *by_folder(seen, labels_of(client.cabinet))))


def _to(client: Client, seen: Sequence[Document]) -> Link:
    """To the very document, folder or pile there is one of; else to the client's space."""
    if (unfiled := sum(d.kind == INBOX for d in seen)) and unfiled == len(seen):
        return Link(_("À classer ({n})").format(n=number(unfiled)), address("/a-classer"))
    if len(seen) == 1:
        return Link(_("Voir le document"), address(f"/documents/{seen[0].id}"))
    folders = {paths.parent(d.path) for d in seen}
    if len(folders) == 1 and (folder := folders.pop()):
        return Link(_("Voir les documents"), address(f"/dossiers/{quote(client.code)}/{quote(folder)}"))
    return Link(_("Voir l'espace documents"), address(f"/dossiers/{quote(client.code)}"))


def asked_to_delete(client: Client, by: str, seen: Sequence[Document]) -> Message:
    what = counted(len(seen), "suppression demandée", "suppressions demandées")
    title = _("À décider : {requests} – {client}").format(client=client.name, requests=what)
    said = _("{by} demande la suppression de documents de l'espace client de {name} ({code}). Rien n'est supprimé tant que vous ne l'avez pas décidé.")  # fmt: skip
    lead = (said.format(by=by, name=client.name, code=client.code),)
    made = message(title, title, lead, Link(_("Voir et répondre"), address("/a-faire")))
    return replace(made, sections=tuple(by_folder(seen, labels_of(client.cabinet))))


def published(user: User, client: Client, seen: Sequence[Document], since: datetime | None) -> Message:
    what = new_and_changed(seen, since)
    title = _("{cabinet} a mis {documents} dans votre espace – {client}")
    title = title.format(cabinet=client.cabinet.name, documents=what, client=client.name)
    heading = _("{documents} à votre disposition").format(documents=what)
    lead = (hello(user), _("{name} a mis à votre disposition :").format(name=client.cabinet.name))
    made = message(title, heading, lead, _to(client, seen))
    return replace(made, sections=tuple(by_folder(seen, labels_of(client.cabinet))))


def new_and_changed(documents: Sequence[Document], since: datetime | None) -> str:
    """New ones, and new versions of those that were there before."""
    new = sum(1 for d in documents if since is None or d.created_at >= since)
    said = []
    if new:
        said.append(counted(new, "nouveau document", "nouveaux documents"))
    if versions := len(documents) - new:
        said.append(counted(versions, "nouvelle version", "nouvelles versions"))
    return _(" et ").join(said)


def summary(by_client: Sequence[tuple[Client, Sequence[Document]]], unfiled: int) -> Message:
    """To the cabinet, of all that came since the last one. `unfiled`: how many wait to be filed by its reader."""
    many = sum(len(documents) for _client, documents in by_client)
    clients = counted(len(by_client), "client", "clients")
    title = _("{documents} de {clients}").format(documents=_documents(many), clients=clients)
    if len(by_client) == 1:
        title = _("{client} a déposé {documents}").format(client=by_client[0][0].name, documents=_documents(many))
    button = Link(_("Voir les documents déposés"), address("/"))
    if unfiled:
        button = Link(_("À classer ({n})").format(n=number(unfiled)), address("/a-classer"))
    elif len(by_client) == 1:
        button = _to(*by_client[0])
    made = message(title, title, (_("Déposés depuis le dernier résumé, client par client."),), button)
    return replace(made, sections=tuple(_of_client(client, documents) for client, documents in by_client))


def _of_client(client: Client, documents: Sequence[Document]) -> Section:
    said = labels_of(client.cabinet)
    folders = Counter(paths.parent(d.path) for d in documents)
    shown = sorted(documents, key=lambda d: (-folders[paths.parent(d.path)], paths.parent(d.path), d.key))[:SHOWN]
    rows = tuple(_row(d, f"{said.shown(paths.parent(d.path))} · {size(d.size)}") for d in shown)
    title = f"{client.name} ({client.code}) – {_documents(len(documents))}"
    return Section(title, rows, of=len(documents), others=_("et {n} autres"))
