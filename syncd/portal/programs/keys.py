"""Keys of other programs: shown once, of the least right, ended by a day, by a correspondent, or by the networks they are for."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError

from syncd.core.errors import Refused
from syncd.core.plain_text import one_line
from syncd.portal.models import ProgramKey
from syncd.portal.people import allowed_networks
from syncd.portal.people.visibility import FIELDS, again, managing_cabinet, program_of
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, Program, Scope, may_manage_cabinet

MOST = 100  # that hold, of one cabinet
TERMS = (90, 365, 730, 0)  # days that one may ask for; 0: without an end
SEEN = timedelta(minutes=1)  # how exactly the last use is known
EMITTER = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._-]{0,39}")
_KEY = re.compile(r"syncd_([0-9a-f]{32})_([0-9a-f]{64})")
_NOBODYS = hashlib.sha256(secrets.token_bytes(32)).hexdigest()  # compared with where there is no such key


@dataclass(frozen=True, slots=True)
class Wish:
    """What a key is to be. `reach`: the clients, as lines of a portfolio; `days`: one of TERMS."""

    name: str
    emitter: str
    scopes: frozenset[Scope]
    kinds: frozenset[str]
    restricted: bool
    reach: Sequence[tuple[str, str]]
    networks: str = ""
    days: int = 365


def held(actor: Person) -> list[ProgramKey]:
    """All keys of the cabinet, those that hold first. Raises Refusal."""
    if not may_manage_cabinet(again(actor)):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    keys = ProgramKey.objects.filter(cabinet=actor.cabinet).order_by("-made_at")
    return sorted(keys, key=lambda key: key.revoked_at is not None)


@alone
def make(actor: Actor, wish: Wish) -> str:
    """The key itself: its secret half is kept hashed, nobody can show it again. Raises Refusal."""
    actor = managing_cabinet(actor)
    name, emitter = one_line(wish.name, 200), one_line(wish.emitter, 200) or _code_of(wish.name)
    if not name:
        raise Refusal(Code.KEY_UNNAMED)
    if not EMITTER.fullmatch(emitter):
        raise Refusal(Code.EMITTER_MALFORMED, text=emitter)
    if not wish.scopes:
        raise Refusal(Code.KEY_FOR_NOTHING)
    if not wish.kinds and wish.scopes != {Scope.CARDS}:
        raise Refusal(Code.KEY_WITHOUT_KINDS)
    if not wish.reach or any(field not in FIELDS for field, _ in wish.reach):
        raise Refusal(Code.PORTFOLIO_EMPTY)
    if wish.days not in TERMS:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    if ProgramKey.objects.filter(cabinet=actor.cabinet, revoked_at__isnull=True).count() >= MOST:
        raise Refusal(Code.KEYS_TOO_MANY, most=MOST)
    now, secret = datetime.now(UTC), secrets.token_hex(32)
    key = ProgramKey.objects.create(
        cabinet_id=actor.cabinet, name=name, emitter=emitter, sha256=_digest(secret), scopes=" ".join(sorted(wish.scopes)),
        kinds=" ".join(sorted(wish.kinds)), restricted=wish.restricted, reach=[list(line) for line in wish.reach],
        networks=allowed_networks.cleaned(wish.networks), made_by=actor.name, made_at=now,
        expires_at=now + timedelta(days=wish.days) if wish.days else None,
    )  # fmt: skip
    audit.record(actor, "program_key_made", name)
    return f"syncd_{key.id}_{secret}"


@alone
def revoke(actor: Actor, key: str) -> str:
    """The program's name; from now on the key opens nothing, an upload that is under way included. Raises Refusal."""
    actor = managing_cabinet(actor)
    found = ProgramKey.objects.filter(cabinet=actor.cabinet, id=key, revoked_at__isnull=True).first()
    if found is None:
        raise Refusal(Code.NO_KEY)
    found.revoked_at = datetime.now(UTC)
    found.save(update_fields=["revoked_at"])
    audit.record(actor, "program_key_revoked", found.name)
    return found.name


def program_with(key: str, address: str) -> Program:
    """Whoever shows the key. Raises Refused when it is unknown, revoked, ended, or used from where it may not be.

    Found by the half that is no secret; the secret half is compared by its digest, in a time that tells nothing.
    """
    shown = _KEY.fullmatch(key)
    found = ProgramKey.objects.filter(id=shown[1]).first() if shown else None
    right = hmac.compare_digest(found.sha256 if found else _NOBODYS, _digest(shown[2] if shown else ""))
    if found is None or not right:
        raise Refused("key", "The key is unknown or was revoked.")
    program = program_of(found.id, address)
    if not allowed_networks.allow(found.networks, address):
        raise Refused("network", "This key may not be used from this network.")
    _seen(found, address)
    return program


def _seen(key: ProgramKey, address: str) -> None:
    """Written at most once a minute, and never waited for: who reads does not queue behind who writes."""
    now = datetime.now(UTC)
    if key.used_at is not None and now - key.used_at < SEEN and key.used_from == address[:64]:
        return
    try:
        ProgramKey.objects.filter(id=key.id).update(used_at=now, used_from=address[:64])
    except DatabaseError:
        return


def _code_of(name: str) -> str:
    """What of a name can be a code."""
    plain = unicodedata.normalize("NFKD", one_line(name, 200)).encode("ascii", "ignore").decode()
    return re.sub(r"[^0-9A-Za-z ._-]", "", plain).strip(" ._-")[:40]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
