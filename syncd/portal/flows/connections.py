"""How a client's invoices are fetched from its approved platform: said, tried, switched on and off by whoever manages the client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q

from syncd.core.plain_text import one_line
from syncd.portal.flows import transport
from syncd.portal.flows.arrivals import State
from syncd.portal.flows.passes import WANTED
from syncd.portal.models import Client, Flow, FlowConnection
from syncd.portal.people.visibility import managing
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, may_connect_platform, may_see_platform

NAME, TEXT, ADDRESS, SECRET, FIRST = 80, 200, 500, 4000, 366  # characters; days that the first look goes back
LISTED, LONG = 100, timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Given:
    """`token_address` '': `secret` is a bearer's token. `secret` '': as it is. `start`: the first day that is fetched."""

    name: str
    address: str
    secret: str
    start: date
    token_address: str = ""
    ident: str = ""
    scope: str = ""
    organization: str = ""


def connection_of(actor: Actor, client: Client) -> FlowConnection | None:
    """None where nobody said how. Raises Refusal without the right."""
    _check(actor, client)
    return FlowConnection.objects.filter(client=client).first()


def fetched_from(actor: Person, client: Client) -> str:
    """The platform's name, to whoever reaches the client, where invoices are fetched from it; '' else."""
    if not may_see_platform(actor, client.id):
        return ""
    return FlowConnection.objects.filter(client=client, on=True).values_list("name", flat=True).first() or ""


def held_back(actor: Actor, client: Client) -> Sequence[Flow]:
    """Flows that somebody has to decide about, the latest first. Raises Refusal without the right."""
    _check(actor, client)
    held = Flow.objects.filter(connection=client.id, state=State.HELD)
    return list(held.order_by("-updated_at")[:LISTED])


def to_look_at(actor: Person) -> Sequence[tuple[FlowConnection, int]]:
    """Of clients the actor manages: those whose platform has given nothing for a day, and those of which flows are held, how many."""
    long_ago = datetime.now(UTC) - LONG
    silent = Q(failures__gt=0) & (Q(passed_at__lt=long_ago) | Q(passed_at__isnull=True, at__lt=long_ago))
    held = Count("flows", filter=Q(flows__state=State.HELD))
    mine = FlowConnection.objects.filter(cabinet=actor.cabinet, on=True, client__closed=False).annotate(held=held)
    found = mine.filter(silent | Q(held__gt=0)).select_related("client").order_by("client__code")
    return [(c, c.held) for c in found if may_connect_platform(actor, c.client_id, False)][:LISTED]


def _check(actor: Actor, client: Client) -> None:
    if actor.cabinet != client.cabinet_id or not may_connect_platform(actor, client.id, client.closed):
        raise Refusal(Code.NOT_ALLOWED_HERE)


def _changing(actor: Actor, client: Client) -> Actor:
    actor = managing(actor, client)
    client.refresh_from_db(fields=["closed"])
    _check(actor, client)
    return actor


@alone
def connect(actor: Actor, client: Client, given: Given) -> None:
    """Said anew; on or off as before. Where the address or the name that is used there is another one, its listing begins anew, and
    the secret is to be given again: it was meant for the other. Raises Refusal."""
    actor = _changing(actor, client)
    now, before = datetime.now(UTC), FlowConnection.objects.filter(client=client).first()
    fields = _checked(given, now)
    moved = before is None or any(
        getattr(before, name) != fields[name] for name in ("address", "token_address", "ident")
    )  # fmt: skip
    if moved and not given.secret:
        raise Refusal(Code.PLATFORM_SECRET)
    secret = {"secret": given.secret} if given.secret else {}
    anew = moved or (before is not None and before.start > given.start)
    fresh = {"cursor": "", "seen": None, "deep_at": None} if anew else {}
    same = {
        "next_at": now,
        "failures": 0,
        "failure": "",
        "test": "",
        "by": actor.name,
        "at": now,
        "cabinet_id": client.cabinet_id,
    }
    FlowConnection.objects.update_or_create(client=client, defaults={**fields, **secret, **fresh, **same})
    audit.record(actor, "platform_set", f"{client.code} {fields['name']}")


def _checked(given: Given, now: datetime) -> dict[str, object]:
    texts = {name: one_line(getattr(given, name), TEXT).strip() for name in ("ident", "scope", "organization")}
    name = one_line(given.name, NAME).strip()
    if not name:
        raise Refusal(Code.PLATFORM_UNNAMED)
    if len(given.secret) > SECRET or not all(
        c.isascii() and c.isprintable() for c in given.secret + texts["organization"]
    ):
        raise Refusal(Code.PLATFORM_TEXT)
    if given.token_address.strip() and not texts["ident"]:
        raise Refusal(Code.PLATFORM_TEXT)
    if not now.date() - timedelta(days=FIRST) <= given.start <= now.date() + timedelta(days=1):
        raise Refusal(Code.PLATFORM_START, days=FIRST)
    return {
        "name": name, "address": _address(given.address), "token_address": _address(given.token_address) if given.token_address.strip() else "",
        "start": given.start, **texts,
    }  # fmt: skip


def _address(text: str) -> str:
    """Without the version that its description adds. Raises Refusal."""
    try:
        found = str(transport.check(text[:ADDRESS]))
    except ValueError as e:
        raise Refusal(Code.PLATFORM_LOCAL if str(e) == "local" else Code.PLATFORM_ADDRESS) from None
    return found.removesuffix("/v1")


@alone
def switch(actor: Actor, client: Client, on: bool) -> None:
    """Raises Refusal without the right, or where nobody said how."""
    actor = _changing(actor, client)
    now = datetime.now(UTC)
    if not FlowConnection.objects.filter(client=client).exclude(on=on).update(on=on, next_at=now, failures=0, at=now):
        return
    audit.record(actor, "platform_on" if on else "platform_off", client.code)


@alone
def forget(actor: Actor, client: Client) -> None:
    """The secret, and all that was said; what was fetched stays. Raises Refusal."""
    actor = _changing(actor, client)
    if FlowConnection.objects.filter(client=client, on=False).delete()[0]:
        audit.record(actor, "platform_forgotten", client.code)


@alone
def ask_for_test(actor: Actor, client: Client) -> None:
    """It is tried within moments, by whoever looks at platforms. Raises Refusal."""
    _changing(actor, client)
    FlowConnection.objects.filter(client=client).update(test=WANTED)


@alone
def decide(actor: Actor, client: Client, flow_id: str, take: bool) -> None:
    """A flow that was held back: `take` it all the same, into « À classer » where it is another's; or leave it. Raises Refusal."""
    actor = _changing(actor, client)
    number = int(flow_id) if flow_id.isdecimal() and len(flow_id) < 19 else 0
    held = Flow.objects.filter(connection=client.id, id=number, state=State.HELD)
    flow = held.first()
    if flow is None:
        raise Refusal(Code.NO_LONGER_WAITS)
    now = datetime.now(UTC)
    if take:
        held.update(state=State.WAITING, forced=True, tries=0, next_at=now)
        FlowConnection.objects.filter(client=client).update(next_at=now)
    else:
        held.update(state=State.APART)
    audit.record(actor, "platform_taken" if take else "platform_left", f"{client.code} {flow.name or flow.flow_id}")
