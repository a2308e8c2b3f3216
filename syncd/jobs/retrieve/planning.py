"""What a retrieval is to bring, as it is online at its start: asked once, written down, and gone on with after a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from syncd.core.bag.layout import Entry, layout, of_exercise, parts
from syncd.core.errors import Refused, SyncdError, UsageError
from syncd.core.folder_rules import Direction
from syncd.core.protocol import Caller, ClientState, ClientTree, Hello
from syncd.core.words import faults
from syncd.jobs.retrieve.ledger import Asked, Begun, Ledger, Planned
from syncd.jobs.retrieve.target import Target
from syncd.ports.remote import Remote

_ZIP = 1_000_000  # bytes that a ZIP takes besides one document
Told = Callable[[int, int], None]


class Total(msgspec.Struct, frozen=True):
    """What somebody is asked to agree to."""

    clients: int
    documents: int
    size: int


async def plan(
    remote: Remote, me: Caller, cabinet: str, asked: Asked, target: Target, exclude: frozenset[str], told: Told
) -> Begun:
    """What is to be done, written down: of an earlier attempt, or anew. Raises UsageError where neither goes."""
    ledger = Ledger(target.work)
    begun = ledger.begun()
    if begun is not None:
        if begun.asked != asked or begun.cabinet != cabinet:
            raise UsageError(faults.OTHER_RETRIEVAL.of(to=target.path), mend=faults.OTHER_RETRIEVAL_MEND.of())
        return begun
    ledger.clear()
    hello = await remote.hello(me, None)
    if hello.cabinet != cabinet:
        raise Refused(
            "stop_other_cabinet", f"This portal or key is of another cabinet ('{hello.cabinet_name}').",
            mend="Check [portal] url and token_file: no document was touched.",
        )  # fmt: skip
    clients = _chosen(hello, asked, exclude)
    for n, client in enumerate(clients, 1):
        planned = await _client(remote, client, asked, target)
        _check_free(planned, asked, target)
        ledger.keep_plan(planned)
        told(n, len(clients))
    begun = Begun(asked, hello.now, cabinet, tuple(c.id for c in clients))
    if asked.choice.exercise and all(ledger.plan(c).skipped for c in begun.clients):
        ledger.clear()
        raise UsageError(faults.NO_EXERCISE.of(exercise=asked.choice.exercise), mend=faults.NO_EXERCISE_MEND.of())
    ledger.begin(begun)
    return begun


def total(ledger: Ledger, begun: Begun) -> Total:
    """Of what is still to be done."""
    left = [p for c in begun.clients if ledger.done(c) is None and not (p := ledger.plan(c)).skipped]
    return Total(len(left), sum(p.present for p in left), sum(p.size for p in left))


def _chosen(hello: Hello, asked: Asked, exclude: frozenset[str]) -> list[ClientState]:
    by_code = {c.code: c for c in hello.clients}
    if asked.everybody:
        return [by_code[code] for code in sorted(by_code) if code not in exclude]
    if asked.portfolio:
        found = [c for _, c in sorted(by_code.items()) if c.card.in_portfolio(asked.portfolio)]
        if not found:
            raise UsageError(faults.NO_PORTFOLIO.of(name=asked.portfolio), mend=faults.NO_PORTFOLIO_MEND.of())
        return found
    if unknown := [code for code in asked.clients if code not in by_code]:
        raise UsageError(faults.NO_CLIENT_ONLINE.of(codes=", ".join(unknown)), mend=faults.SEE_CLIENTS.of())
    return [by_code[code] for code in dict.fromkeys(asked.clients)]


async def _client(remote: Remote, client: ClientState, asked: Asked, target: Target) -> Planned:
    (tree,) = await remote.trees([client.id])
    if not isinstance(tree, ClientTree):
        raise SyncdError(faults.TREE_UNSOUND.of(client=client.code, why=tree.why))
    choice, kept = asked.choice, await remote.inventory(client.id)
    wanted = [k for k in kept if choice.takes(k)]
    planned = Planned(client.id, client.code, client.name, left_out=_left_out(tree))
    if choice.exercise:
        own = of_exercise(wanted, choice.exercise, client.code, tree.exercises)
        if own is None:
            return replace(planned, skipped=True)
        wanted = own
    entries = layout(wanted, portable=target.portable or asked.zipped)
    most = target.most - _ZIP if asked.zipped else target.most
    refused = {e.kept.version_id: "too_large" for e in entries if target.most and e.kept.content.size > most}
    return replace(planned, parts=_parts(entries, asked, refused), refused=refused)


def _parts(entries: Sequence[Entry], asked: Asked, refused: dict[str, str]) -> list[list[Entry]]:
    """What this disk does not take makes no part larger."""
    here = [e for e in entries if e.kept.version_id not in refused]
    found = parts(here, asked.part_size)
    found[-1] += [e for e in entries if e.kept.version_id in refused]
    return found


def _left_out(tree: ClientTree) -> tuple[str, ...]:
    """Folders that this engine does not see: what the correspondent withheld from it, and those of one side alone."""
    own = [rule.path for rule in tree.folders if rule.direction is Direction.NONE]
    return tuple(dict.fromkeys([*own, *tree.withheld]))


def _check_free(planned: Planned, asked: Asked, target: Target) -> None:
    """Nothing that lies there is written over, or mixed with. Raises UsageError."""
    from syncd.jobs.retrieve.bags import places

    for place in () if planned.skipped else places(planned, asked):
        if target.directory.holds(place):
            raise UsageError(faults.BAG_THERE.of(place=target.path / place), mend=faults.BAG_THERE_MEND.of())


def agreed(ledger: Ledger, begun: Begun) -> Begun:
    """Written down, so that a retrieval that goes on is not asked about again."""
    begun = replace(begun, agreed=True)
    ledger.begin(begun)
    return begun
