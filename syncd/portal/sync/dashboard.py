"""The cabinet's desk: how the synchronisation goes, what waits for somebody's agreement, a pass asked for now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop as noop

from syncd.core import guards, naming, paths
from syncd.core.guards import Limits
from syncd.core.verdicts import BY_HAND, Verdict
from syncd.portal.clients.unfiled import unfiled_documents
from syncd.portal.models import (
    Cabinet,
    Client,
    DeletionRequest,
    Document,
    EngineToken,
    Letter,
    OpenReport,
    RunLine,
    RunReport,
    WaitingSet,
)
from syncd.portal.people.visibility import again, managing_cabinet, reached_clients, visible
from syncd.portal.records.feed import publishing
from syncd.portal.rights import Actor, Person, Verb, may_manage_client
from syncd.portal.sync.run_summaries import given_up

SILENT = timedelta(hours=24)
MOST_LEFT = 20_000
STORM_KEPT = timedelta(days=7)
CONFLICTS_KEPT = timedelta(days=31)
OLD = timedelta(days=7)  # « À classer »
HELD_UP = timedelta(minutes=10)  # a letter's first two tries or three
MOST_PASSES = 2000  # a fortnight of them, a quarter of an hour each


@dataclass(slots=True)
class Passes:
    """The last of `count` passes in a row that did nothing and only say again the same; mostly it is alone. `first`: the
    earliest of them."""

    last: RunReport
    first: RunReport
    count: int = 1


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Letters that the mail server has not taken: the oldest was written `since`, and none has gone after that."""

    count: int
    since: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`seen`: when an engine last asked; `silent`: too long ago, or never though a key was given. `given_up`: the last
    passes, where they were, and nobody stopped them."""

    seen: datetime | None
    silent: bool
    machine: str
    runs: list[Passes]
    given_up: Passes | None
    waiting: list[WaitingSet]
    letters: HeldUp | None


def desk(actor: Person, cabinet: Cabinet, most: int = 20) -> Desk:
    """What waits is of the clients the actor manages; `most` passes, of the last."""
    keys = EngineToken.objects.filter(cabinet=cabinet, revoked_at__isnull=True)
    seen = keys.aggregate(last=Max("last_seen"))["last"]
    silent = keys.exists() and (seen is None or datetime.now(UTC) - seen > SILENT)
    runs = passes(cabinet, most)
    last = runs[0] if runs and runs[0].last.verdict == Verdict.ABANDONED else None
    return Desk(
        seen, silent, cabinet.lease_machine,
        runs, last if last is not None and last.last.exit_code not in BY_HAND else None,
        waiting(actor),
        _held_up(cabinet),
    )  # fmt: skip


def waiting(actor: Person) -> list[WaitingSet]:
    """Of the clients the actor manages; what nobody has answered yet comes first."""
    sets = WaitingSet.objects.filter(client__cabinet=actor.cabinet).select_related("client")
    found = [w for w in sets.order_by("client__code", "reason") if may_manage_client(actor, w.client_id)]
    return sorted(found, key=lambda w: w.agreed is not None)


def _held_up(cabinet: Cabinet) -> HeldUp | None:
    """One letter that cannot be written to its address holds up nobody: others go."""
    own = Letter.objects.filter(cabinet=cabinet)
    waiting = own.filter(sent_at__isnull=True, tries__gt=0, queued_at__lt=datetime.now(UTC) - HELD_UP)
    found = waiting.aggregate(n=Count("id"), first=Min("queued_at"))
    if found["first"] is None or own.filter(sent_at__gt=found["first"], fault="").exists():
        return None
    return HeldUp(found["n"], found["first"], waiting.order_by("-id")[0].fault)


SAID_ONLY = frozenset({"refused", "problems", "waiting", "stopped"})  # what a pass counts that stands as it stood


def passes(cabinet: Cabinet, most: int = 20) -> list[Passes]:
    """The last ones, newest first; of those in a row that only repeat what still holds, the last alone."""
    news = RunLine.objects.filter(run=OuterRef("pk"))
    found: list[Passes] = []
    said: object = None
    for run in (
        RunReport.objects.filter(cabinet=cabinet)
        .annotate(told=Exists(news))
        .order_by("-id")[:MOST_PASSES]
        .iterator(200)
    ):
        counts = {name: n for name, n in run.counts.items() if n}
        says = None if run.told or not counts.keys() <= SAID_ONLY else (run.verdict, run.exit_code, run.reason, counts)
        if says is not None and says == said:
            found[-1].first, found[-1].count = run, found[-1].count + 1
            continue
        if len(found) == most:
            break
        found.append(Passes(run, run))
        said = says
    return found


def ask_for_pass(actor: Actor) -> None:
    """A service makes a pass over everything at once; without one, the next run does what it would have done.

    Raises Refusal.
    """
    with publishing(actor.cabinet) as feed:
        managing_cabinet(actor)
        feed.sync()


class State(StrEnum):
    """One for each client, the gravest that holds."""

    STOPPED = noop("Interrompu")
    WAITING = noop("En attente de votre accord")
    LOOK = noop("À voir")
    NOT_YET = noop("Pas encore synchronisé")
    BEHIND = noop("Synchronisation incomplète")
    FINE = noop("À jour")


NOTHING_YET = (State.FINE, State.NOT_YET, State.BEHIND)
CARRIED_OUT = (0, 3, 4)  # exit codes of a run that was carried to its end (DESIGN 3)


def states(clients: Sequence[str]) -> dict[str, State]:
    """By client's id; six queries, however many clients.

    Whoever came after the last run that was carried to its end has not been synchronised yet; and what a run that was given
    up did not look at, nobody knows.
    """
    made = dict(Client.objects.filter(id__in=clients).values_list("id", "created_at"))
    runs = RunReport.objects.filter(cabinet__clients__in=list(made)[:1])
    last = runs.filter(exit_code__in=CARRIED_OUT).aggregate(last=Max("ended_at"))["last"]
    fine = State.BEHIND if given_up(runs) else State.FINE
    found = {c: fine if last is not None and made[c] < last else State.NOT_YET for c in clients if c in made}
    told = OpenReport.objects.filter(client__in=clients, ignored_at__isnull=True)
    for client, reason in told.values_list("client", "reason").distinct():
        if reason.startswith("stop_"):
            found[client] = State.STOPPED
        elif found[client] in NOTHING_YET:
            found[client] = State.LOOK
    for client in DeletionRequest.objects.filter(client__in=clients).values_list("client", flat=True).distinct():
        if found[client] in NOTHING_YET:
            found[client] = State.LOOK
    for client in WaitingSet.objects.filter(client__in=clients).values_list("client", flat=True).distinct():
        if found[client] is not State.STOPPED:
            found[client] = State.WAITING
    return found


STAMP = "version du cabinet"  # core.naming


def conflicts(actor: Person, limit: int = 100) -> list[tuple[Document, str]]:
    """Copies that keep what the cabinet had where both sides changed a document, as long as they lie under that name, of the last
    month's passes; each with the id of what it is a copy of, '' where that has left its place. Four queries.
    """
    since = datetime.now(UTC) - CONFLICTS_KEPT
    runs = RunReport.objects.filter(cabinet=actor.cabinet, started_at__gte=since, counts__kept_both__gt=0)
    numbers = list(runs.order_by("-id").values_list("id", flat=True)[:500])
    lines = RunLine.objects.filter(run__in=numbers, counts__kept_both__gt=0)
    clients = list(lines.order_by().values_list("client", flat=True).distinct()[:500])
    copies = Document.objects.filter(visible(actor, Verb.DELETE), client__in=clients, tombstone="", key__contains=STAMP)
    found = copies.select_related("client").defer("client__rules").order_by("client__code", "path")[:limit]
    copies_at = {d: (d.client_id, _original(d.path)) for d in found if naming.is_conflict_copy(paths.name(d.path))}
    keys = {key for _, key in copies_at.values()}
    there = Document.objects.filter(
        visible(actor, Verb.DELETE), client__in={c for c, _ in copies_at.values()}, key__in=keys
    )
    ids = {(client, key): i for i, client, key in there.filter(tombstone="").values_list("id", "client_id", "key")}
    return [(d, ids.get(at, "")) for d, at in copies_at.items()]


def _original(path: str) -> str:
    """The key of what a copy was made beside."""
    name = paths.name(path)
    return paths.key(paths.join(paths.parent(path), naming.conflict_stem(name) + paths.split_ext(name)[1]))


@dataclass(frozen=True, slots=True)
class Waits:
    """What the actor's colleagues expect of it: documents to be filed, plans to be agreed to; and of how many clients."""

    unfiled: int
    agreements: int
    clients: int


def waits(actor: Person) -> Waits:
    """Three queries."""
    plans = WaitingSet.objects.filter(client__cabinet=actor.cabinet, agreed__isnull=True)
    mine = [c for c in plans.values_list("client_id", flat=True) if may_manage_client(actor, c)]
    return Waits(unfiled_documents(actor).count(), len(mine), Client.objects.filter(reached_clients(actor)).count())


def unfiled_for_long(actor: Person) -> list[tuple[Client, int]]:
    """Clients of which documents have waited too long to be filed away, and how many."""
    found = unfiled_documents(actor).filter(created_at__lt=datetime.now(UTC) - OLD)
    counts = dict(found.values_list("client").annotate(n=Count("id")))
    clients = Client.objects.filter(id__in=counts).defer("rules").order_by("code")
    return [(c, counts[c.id]) for c in clients]


def left(actor: Person, limit: int = 300) -> list[Document]:
    """Online still, though the cabinet removed its copy: somebody may take them from the client's space too. Of clients
    where many disappeared at once, see `vanished`, nothing."""
    storms = [v.client.id for v in vanished(actor)]
    return list(_left(actor).exclude(client__in=storms).order_by("client__code", "path")[:limit])


def keep_online(actor: Person, documents: Sequence[Document]) -> int:
    """That the cabinet removed its copies is right, and so is that these stay online: nobody is asked again, unless it
    removes them once more. How many; by those who might have removed them here.
    """
    ids = [d.id for d in documents]
    now = again(actor)
    if not isinstance(now, Person):
        return 0
    mine = Document.objects.filter(visible(now, Verb.DELETE), tombstone="")
    return sum(
        mine.filter(id__in=ids[n : n + 500]).update(left_kept_at=datetime.now(UTC)) for n in range(0, len(ids), 500)
    )


def _left(actor: Person) -> QuerySet[Document]:
    asked = Q(left_kept_at=None) | Q(left_kept_at__lt=F("left_at"))
    gone = Document.objects.filter(asked, left_at__isnull=False).values_list("id", flat=True)  # few, by their own index
    ids = list(gone.order_by("-left_at")[:MOST_LEFT])
    return Document.objects.filter(visible(actor, Verb.DELETE), id__in=ids, tombstone="").select_related("client")


@dataclass(frozen=True, slots=True)
class Vanished:
    """A client of which `count` documents disappeared at the cabinet within a day, since `at`; all online still."""

    client: Client
    count: int
    at: datetime


def vanished(actor: Person) -> list[Vanished]:
    """A storm of less than a week ago: that they be removed online too is offered to nobody (RULES 2)."""
    since = datetime.now(UTC) - STORM_KEPT
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    recent = _left(actor).filter(left_at__gte=since).order_by("left_at")
    for client, at in recent.values_list("client_id", "left_at"):
        if at is not None:
            times[client].append(at)
    if sum(map(len, times.values())) <= Limits().max_changes:
        return []
    live = Document.objects.filter(client__cabinet=actor.cabinet, client__closed=False, tombstone="", left_at=None)
    kept = dict(live.values_list("client").annotate(n=Count("id")))
    most = {client: _most_in_a_day(found) for client, found in times.items()}
    others = {client: len(found) - most[client] for client, found in times.items()}  # of this week, not of that day
    many = guards.vanished(most, {c: kept.get(c, 0) + others.get(c, 0) for c in {*kept, *most}}, Limits())
    return [
        Vanished(client, len(times[client.id]), times[client.id][0])
        for client in Client.objects.filter(id__in=many).defer("rules").order_by("code")
    ]


def _most_in_a_day(times: Sequence[datetime]) -> int:
    """The most of these moments, in their order, that lie within one day."""
    first = most = 0
    for n, at in enumerate(times):
        while at - times[first] > SILENT:
            first += 1
        most = max(most, n - first + 1)
    return most


def lost_here(actor: Person, client: str) -> list[Document]:
    """All of one client that the cabinet removed and the actor may answer for."""
    return list(_left(actor).filter(client_id=client))
