"""What people order of packages: one is made, one that came is dealt with, thrown away, or looked at again. The engine does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.package_orders import Act
from syncd.core.packages.manifest import Way
from syncd.portal.exchange.access import State, changing, entering, kinds_of, one
from syncd.portal.exchange.listing import told
from syncd.portal.exchange.people import telling
from syncd.portal.models import Cabinet, Client, ExchangePackage
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import package_store, upload_store

MOST_PURPOSE, MOST_COMMENT = 200, 2000


@dataclass(frozen=True, slots=True)
class Wish:
    """`people`: ids of those who are told once it is made; `attach`: it goes with the mail, where it is small."""

    full: bool = False
    purpose: str = ""
    comment: str = ""
    people: Sequence[str] = ()
    attach: bool = False


def prepare(actor: Person, client: Client, wish: Wish) -> ExchangePackage:
    """A package for the company is ordered. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        now = entering(actor, client, Verb.DEPOSIT)
        if ExchangePackage.objects.filter(client=client, act=Act.MAKE).exists():
            raise Refusal(Code.PACKAGE_ASKED)
        at = datetime.now(UTC)
        package = ExchangePackage(
            cabinet_id=client.cabinet_id, client=client, way=Way.TO_COMPANY, state=State.ASKED, by=now.name[:200], at=at,
            changed_at=at, full=wish.full, purpose=_line(wish.purpose)[:MOST_PURPOSE], comment=wish.comment.strip()[:MOST_COMMENT],
            tell=telling(now, client, wish.people), attach=wish.attach, kinds=sorted(kinds_of(client)),
        )  # fmt: skip
        ordered(feed, package, Act.MAKE)
        audit.record(now, "package_asked", client.code)
    return package


def deal(actor: Person, package_id: str, number: int, folders: Sequence[str] | None = None) -> ExchangePackage:
    """It is brought in; `folders`: those alone, None for all. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        now, package = changing(actor, package_id, Verb.MANAGE, number)
        seen = told(package)
        if package.state not in (State.LOOKED, State.PART) or seen is None:
            raise Refusal(Code.PACKAGE_OTHERWISE)
        known = {f.folder for f in seen.folders}
        if folders is not None and (not folders or not set(folders) <= known):
            raise Refusal(Code.PACKAGE_FOLDER)
        some = folders is not None and set(folders) != known
        package.folders = sorted(folders) if some and folders is not None else []
        package.dealt_by = now.name[:200]
        ordered(feed, package, Act.APPLY)
        audit.record(now, "package_dealt", f"{package.client.code}, {package.name}")
    return package


def throw_away(actor: Person, package_id: str, number: int) -> ExchangePackage:
    """Nothing of it is brought in; the company's next one holds what it held. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        now, package = changing(actor, package_id, Verb.MANAGE, number)
        package.dealt_by = now.name[:200]
        if package.state in (State.LOOKED, State.PART):
            ordered(feed, package, Act.DISCARD)
        elif package.state in (
            State.UNKNOWN_KEY,
            State.REFUSED,
            State.CAME,
        ):  # the engine could not write it down either
            package.state, package.stored, package.changed_at = State.DISCARDED, False, datetime.now(UTC)
            package.save()
        else:
            raise Refusal(Code.PACKAGE_OTHERWISE)
        audit.record(now, "package_discarded", f"{package.client.code}, {package.name}")
    if not package.stored:
        package_store().drop(package.id)
    return package


def look_again(actor: Person, package_id: str, number: int, trust: str = "") -> ExchangePackage:
    """What it would do here is asked for anew; `trust`: the key that the actor compared with what the company said. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        now, package = changing(actor, package_id, Verb.MANAGE, number)
        seen = told(package)
        if package.state not in (State.UNKNOWN_KEY, State.REFUSED, State.LOOKED) or seen is None:
            raise Refusal(Code.PACKAGE_OTHERWISE)
        if trust and (package.state != State.UNKNOWN_KEY or trust != seen.facts.key):
            raise Refusal(Code.PACKAGE_OTHERWISE)
        package.trust = trust
        ordered(feed, package, Act.LOOK)
        if trust:
            audit.record(now, "package_trusted", f"{package.client.code}, {trust[:60]}")
    return package


def take_back(actor: Person, package_id: str, number: int) -> None:
    """One that was ordered and is not made yet is not wanted any more, or one that was made. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        package = one(again(actor), package_id, Verb.DEPOSIT)
        if package.way != Way.TO_COMPANY or package.number != number:
            raise Refusal(Code.PACKAGE_OTHERWISE)
        package.delete()
        _moved(feed, package.cabinet_id)
    package_store().drop(package_id)
    upload_store().over(upload_key(package_id))  # as far as the engine had brought it


def upload_key(package: str) -> str:
    return f"package-{package}"


def ordered(feed: Feed, package: ExchangePackage, act: Act) -> None:
    """In the transaction that writes it."""
    package.act, package.number, package.changed_at = act, package.number + 1, datetime.now(UTC)
    package.save()
    _moved(feed, package.cabinet_id)


def _moved(feed: Feed, cabinet_id: str) -> None:
    cabinet = Cabinet.objects.get(id=cabinet_id)
    cabinet.packages += 1
    cabinet.save(update_fields=["packages"])
    feed.package()


def _line(text: str) -> str:
    return " ".join(text.split())
