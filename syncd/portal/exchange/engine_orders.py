"""The engine takes what was ordered, brings what it made, and says what became of each; nobody else may."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from syncd.core.content import Content
from syncd.core.errors import AlreadyRunning
from syncd.core.package_orders import (
    MOST_LINES,
    Act,
    PackageDone,
    PackageOrder,
    PackageOrders,
    PackageReport,
    Result,
)
from syncd.core.packages.manifest import Way
from syncd.disk.hashing import hash_stream
from syncd.portal.exchange import people
from syncd.portal.exchange.access import WAITING, State, kinds_of
from syncd.portal.exchange.orders import ordered, upload_key
from syncd.portal.models import Cabinet, ExchangePackage, PackageKey
from syncd.portal.people.visibility import again
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.records.place_history import moment
from syncd.portal.rights import Engine
from syncd.portal.storage import package_store, upload_store

MOST_ORDERS = 200  # in one answer
LARGEST = 50_000_000_000


def exchange(actor: Engine, said: PackageReport) -> PackageOrders:
    """What is ordered, to the engine that has the lease; what it tells is kept. Raises AlreadyRunning where another has the lease."""
    dropped = list[str]()
    _check_lease(Cabinet.objects.get(id=again(actor).cabinet), said)
    came = _came(actor, said)
    with publishing(actor.cabinet) as feed:
        cabinet = Cabinet.objects.get(id=again(actor).cabinet)
        _check_lease(cabinet, said)
        known = {"key": said.key[:200]} if said.key else {}
        PackageKey.objects.update_or_create(cabinet=cabinet, defaults={"told_at": datetime.now(UTC), **known})
        for one in said.done[:MOST_ORDERS]:
            _answered(feed, cabinet, one, came, dropped)
        cabinet.refresh_from_db(fields=["packages"])
        open_ = ExchangePackage.objects.filter(cabinet=cabinet).exclude(act="").order_by("sequence", "at", "id")
        found = PackageOrders(cabinet.packages, tuple(_spoken(p) for p in open_[:MOST_ORDERS]))
    for package in dropped:
        package_store().drop(package)
    return found


def _check_lease(cabinet: Cabinet, said: PackageReport) -> None:
    if cabinet.lease_instance != said.instance:
        raise AlreadyRunning("Another engine has taken over.")


def _came(actor: Engine, said: PackageReport) -> frozenset[str]:
    """Packages that were made and whose bytes are all here: they lie among the others from now on."""
    made = [one for one in said.done[:MOST_ORDERS] if one.act == Act.MAKE and one.content is not None]
    return frozenset(
        one.id
        for one in made
        if one.content is not None and awaited(actor, one.id) is not None and _take(one.id, one.content)
    )


def _spoken(p: ExchangePackage) -> PackageOrder:
    made = p.act == Act.MAKE
    content = None if made else Content(p.size, bytes.fromhex(p.sha256))
    return PackageOrder(
        p.id, p.number, p.act, p.client_id, p.full, p.purpose, p.comment, p.name, content, tuple(p.folders), p.trust
    )


def _answered(feed: Feed, cabinet: Cabinet, done: PackageDone, came: frozenset[str], dropped: list[str]) -> None:
    """A late answer, to an order that is none any more, changes nothing."""
    package = ExchangePackage.objects.select_related("client").filter(cabinet=cabinet, id=done.id).first()
    if package is None or (package.act, package.number) != (done.act, done.number):
        return
    done = replace(done, lines=done.lines[:MOST_LINES], left=done.left[:MOST_LINES], later=done.later[:MOST_LINES])
    package.act, package.changed_at = "", datetime.now(UTC)
    if done.act == Act.MAKE and done.result == Result.DONE and done.id not in came:
        done = replace(done, result=Result.FAILED)
    _ANSWERS[Act(done.act)](feed, package, done)
    if not package.stored:
        dropped.append(package.id)
    package.save()
    _acknowledged(package, done)


def _made(feed: Feed, package: ExchangePackage, done: PackageDone) -> None:
    if done.result == Result.NOTHING:
        package.state = State.NOTHING
    elif done.result != Result.DONE or done.content is None:
        package.state = State.FAILED
    else:
        package.state, package.stored, package.name = State.MADE, True, done.name[:200]
        package.size, package.sha256 = done.content.size, done.content.sha256.hex()
        package.kinds = sorted(
            {*package.kinds, *kinds_of(package.client)}
        )  # a folder may have come since it was ordered
        _facts(package, done)
        people.queue(package, package.tell, attach=package.attach)
    package.told = msgspec.to_builtins(done)


def _take(package: str, content: Content) -> bool:
    key = upload_key(package)
    try:
        if upload_store().arrived(key) != content.size:
            return False
        with upload_store().open(key) as source:
            if hash_stream(source) != content:  # two engines brought it, each a part
                upload_store().over(key)
                return False
            source.seek(0)
            package_store().keep(package, source, content.size)
    except FileNotFoundError:  # nothing came: taken before, and the answer was lost
        with contextlib.suppress(FileNotFoundError), package_store().open(package) as held:
            return hash_stream(held) == content
        return False
    upload_store().over(key)
    return True


def _facts(package: ExchangePackage, done: PackageDone) -> None:
    facts = done.facts
    if facts.digest:
        package.sequence, package.digest, package.documents = facts.sequence, facts.digest, facts.documents
        package.sealed = facts.sealed
        package.created = moment(facts.created) if facts.created else None
        package.purpose, package.comment = facts.purpose[:200], facts.comment[:2000]


def _looked(feed: Feed, package: ExchangePackage, done: PackageDone) -> None:
    part = package.state == State.PART or bool(package.outcome)
    _facts(package, done)
    package.trust, package.told = "", msgspec.to_builtins(done)
    match done.result:
        case Result.DONE if part and not done.folders:  # nothing of it is left to deal with
            package.state, package.stored = State.DEALT, False
        case Result.DONE:
            package.state = State.PART if part else State.LOOKED
        case Result.NOTHING:  # dealt with here by other hands
            package.state, package.stored = State.DEALT, False
            package.outcome = package.outcome or msgspec.to_builtins(done)
        case Result.UNKNOWN_KEY:
            package.state = State.UNKNOWN_KEY
        case _:
            package.state = State.REFUSED


def _applied(feed: Feed, package: ExchangePackage, done: PackageDone) -> None:
    if done.result not in (Result.DONE, Result.NOTHING):
        package.state, package.told = State.REFUSED, {**package.told, **msgspec.to_builtins(_why(done))}
        return
    package.outcome = msgspec.to_builtins(done)
    if package.folders:
        package.state = State.PART
        ordered(feed, package, Act.LOOK)
    else:
        package.state, package.stored = State.DEALT, False
    _look_at_others(feed, package)


def _why(done: PackageDone) -> PackageDone:
    return PackageDone(done.id, done.number, done.act, done.result, done.why, done.french)


def _look_at_others(feed: Feed, package: ExchangePackage) -> None:
    """What the others would do is another thing by now."""
    waiting = ExchangePackage.objects.filter(client=package.client_id, way=Way.TO_CABINET, state__in=WAITING, act="")
    for other in waiting.exclude(id=package.id):
        ordered(feed, other, Act.LOOK)


def _discarded(feed: Feed, package: ExchangePackage, done: PackageDone) -> None:
    if done.result not in (Result.DONE, Result.NOTHING):
        package.state, package.told = State.REFUSED, {**package.told, **msgspec.to_builtins(_why(done))}
        return
    package.state, package.stored = State.DEALT if done.result == Result.NOTHING else State.DISCARDED, False


_ANSWERS = {Act.MAKE: _made, Act.LOOK: _looked, Act.APPLY: _applied, Act.DISCARD: _discarded}


def _acknowledged(package: ExchangePackage, done: PackageDone) -> None:
    """What the company is known to have dealt with of what was made for it."""
    now = datetime.now(UTC)
    sent = ExchangePackage.objects.filter(client=package.client_id, way=Way.TO_COMPANY, state=State.MADE)
    for answer in done.answers if done.act == Act.APPLY else ():
        said = PackageDone(done.id, done.number, done.act, Result.DONE, left=answer.refused, later=answer.later)
        sent.filter(digest=answer.digest).update(outcome=msgspec.to_builtins(said), acknowledged_at=now)
    if done.acknowledged:
        sent.filter(sequence__gt=0, sequence__lte=done.acknowledged, acknowledged_at=None).update(acknowledged_at=now)


# -- bytes ---------------------------------------------------------------------------------------------------------------


def awaited(actor: Engine, package_id: str) -> ExchangePackage | None:
    """One that is ordered, and whose bytes the engine may bring."""
    found = ExchangePackage.objects.filter(cabinet=again(actor).cabinet, id=package_id, act=Act.MAKE)
    return found.first()


def content(actor: Engine, package_id: str) -> tuple[BinaryIO, int] | None:
    """Of one that was handed in, opened; None where it is not here."""
    found = ExchangePackage.objects.filter(
        cabinet=again(actor).cabinet, id=package_id, way=Way.TO_CABINET, stored=True
    ).first()
    if found is None:
        return None
    try:
        return package_store().open(found.id), found.size
    except FileNotFoundError:
        return None
