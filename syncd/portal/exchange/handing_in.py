"""A package that came by hand is handed in: a company's own, or one that a company gave to its cabinet."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import BinaryIO

from django.utils import timezone

from syncd.core import paths
from syncd.core.package_orders import Act
from syncd.core.packages import file_names
from syncd.core.packages.manifest import Manifest, PackageRefused, Way
from syncd.core.words import date_time, fault
from syncd.core.words import packages as said
from syncd.disk.hashing import hash_stream
from syncd.package_file import proof
from syncd.package_file.archive import Package
from syncd.portal.exchange.access import WAITING, State, entering, kinds_of
from syncd.portal.exchange.orders import ordered
from syncd.portal.language import spoken
from syncd.portal.models import Client, ExchangePackage
from syncd.portal.models.ids import new_id
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import package_store

MOST = 20  # that wait of one client
MOST_NAME = 150


def hand_in(actor: Person, client: Client, name: str, source: BinaryIO) -> ExchangePackage:
    """What is no package of this company is not taken; what is sealed the engine opens. Raises Refusal, OSError."""
    package = _package(actor, client, name, source)
    source.seek(0)
    package_store().keep(package.id, source, package.size)
    kept = False
    try:
        with publishing(actor.cabinet) as feed:
            now = entering(actor, client, Verb.DEPOSIT)
            _check_room(client, package)
            ordered(feed, package, Act.LOOK)
            audit.record(now, "package_handed_in", f"{client.code}, {package.name}")
        kept = True
    finally:
        if not kept:
            with contextlib.suppress(OSError):
                package_store().drop(package.id)
    return package


def _package(actor: Person, client: Client, name: str, source: BinaryIO) -> ExchangePackage:
    """Proved before anything of it is kept."""
    now = entering(actor, client, Verb.DEPOSIT)
    sealed = proof.is_sealed(source)
    found = None if sealed else _proved(source, client)
    source.seek(0)
    content = hash_stream(source)
    at = datetime.now(UTC)
    package = ExchangePackage(
        id=new_id(), cabinet_id=client.cabinet_id, client=client, way=Way.TO_CABINET, state=State.CAME, by=now.name[:200], at=at,
        changed_at=at, name=_named(name, client, at, sealed=sealed), size=content.size, sha256=content.sha256.hex(), stored=True,
        sealed=sealed, kinds=sorted(kinds_of(client)),
    )  # fmt: skip
    if found is not None:
        m: Manifest = found.manifest
        package.sequence, package.digest, package.documents = m.sequence, found.digest, m.count
        package.purpose, package.comment = m.purpose[:200], m.comment[:2000]
        package.created = datetime.strptime(m.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return package


def _proved(source: BinaryIO, client: Client) -> Package:
    """Every byte is as its signer made it, and it is of this company; whether the signer is believed, the engine says. Raises Refusal."""
    try:
        found = proof.proved(source)
        m = found.manifest
        if m.cabinet != client.cabinet_id or m.client != client.id:
            raise PackageRefused(said.OTHER_CLIENT.of(code=m.code, name=m.name), mend=said.OTHER_CLIENT_MEND.of())
        if m.way is not Way.TO_CABINET:
            raise PackageRefused(said.OWN_PACKAGE.of(), mend=said.OWN_PACKAGE_MEND.of())
    except PackageRefused as e:
        raise Refusal(Code.PACKAGE_UNREAD, why=" ".join(fault(e, spoken()))) from None
    return found


def _named(given: str, client: Client, at: datetime, *, sealed: bool) -> str:
    """As it was called, where that is a package's name."""
    name = paths.nfc(given.replace("\\", "/").rpartition("/")[2])
    fine = file_names.is_package(name) and paths.is_plain(name) and len(name) <= MOST_NAME
    return name if fine else file_names.file_name(client.code, timezone.localtime(at), sealed=sealed)


def _check_room(client: Client, package: ExchangePackage) -> None:
    came = ExchangePackage.objects.filter(client=client, way=Way.TO_CABINET)
    same = (
        came.filter(sha256=package.sha256).exclude(state__in=(State.DISCARDED, State.REFUSED)).order_by("-at").first()
    )
    if same is not None:
        raise Refusal(Code.PACKAGE_AGAIN, at=date_time(timezone.localtime(same.at)))
    if came.filter(state__in=WAITING).count() >= MOST:
        raise Refusal(Code.PACKAGES_TOO_MANY, most=MOST)
