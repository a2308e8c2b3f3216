"""Somebody takes a package away that was made for the company."""

from __future__ import annotations

from typing import BinaryIO

from syncd.core.packages.manifest import Way
from syncd.portal.exchange.access import one
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import package_store


def fetch(actor: Person, package_id: str) -> BinaryIO:
    """Its bytes; whoever gets them closes them. What a company handed in goes to the engine alone. Raises Refusal."""
    with writing(actor.cabinet):
        now = again(actor)
        package = one(now, package_id, Verb.DOWNLOAD)
        if package.way != Way.TO_COMPANY or not package.stored:
            raise Refusal(Code.NO_PACKAGE)
        try:
            source = package_store().open(package.id)
        except FileNotFoundError:  # a backup is without them
            raise Refusal(Code.NO_PACKAGE) from None
        audit.record(now, "package_fetched", f"{package.client.code}, {package.name}")
    return source
