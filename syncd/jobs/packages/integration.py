"""One package: what it would change, shown before anything is written; then done, and written down as dealt with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.core.errors import SyncdError, UsageError
from syncd.core.folder_rules import ClientRules
from syncd.core.no_room import no_room
from syncd.core.packages import chain as chains
from syncd.core.packages import planning
from syncd.core.packages.chain import Chain, Outcome, Standing
from syncd.core.packages.manifest import Entry, Folder, NotTaken, Receipt
from syncd.core.packages.planning import Date, Here, Planned
from syncd.core.reasons import Reason
from syncd.core.words import packages as said
from syncd.jobs.packages.applier import Applier, Side
from syncd.jobs.packages.ledger import Ledger
from syncd.jobs.packages.receiving import Opened
from syncd.package_file import archive


class Prepared(msgspec.Struct, frozen=True):
    """`chain`: with what the package acknowledges. `folders`: the chosen ones, all when empty. `plan`: of those alone.
    `added`, `removed`: folders of the tree that are new, and those that are none any more. `answers`: what it
    says anew of this side's packages."""

    chain: Chain
    folders: tuple[str, ...]
    plan: Planned
    counts: dict[str, int]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    answers: tuple[Receipt, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """`done`: changes made here. `refused`: what the rules do not take; `later`: what could not be done, and comes again."""

    done: int
    refused: tuple[NotTaken, ...]
    later: tuple[NotTaken, ...]


def prepare(
    chain: Chain, found: Opened, standing: Standing, here: Here, rules: ClientRules, only: Sequence[str], date: Date
) -> Prepared:  # fmt: skip
    """Raises UsageError for a folder that the client does not have."""
    folders, strange = planning.named(only, rules)
    if strange:
        raise UsageError(said.NO_FOLDER.of(folders=", ".join(strange)), mend=said.NO_FOLDER_MEND.of())
    manifest, before = found.manifest, chain.tree
    answers, chain = chains.answers(chain, manifest.receipts), chains.acknowledge(chain, manifest.receipts)
    entries = _open(chain, manifest.entries, standing)
    plan = planning.planned(chain, chains.chosen(entries, folders), here, rules, manifest.way, date)
    added, removed = _tree_changes(before, manifest.tree)
    return Prepared(chain, folders, plan, planning.in_folders(entries, rules), added, removed, answers)


def _open(chain: Chain, entries: Sequence[Entry], standing: Standing) -> list[Entry]:
    """Without the folders that were chosen an earlier time."""
    if standing is not Standing.REST or chain.last is None:
        return list(entries)
    done = {e.path for e in chains.chosen(entries, chain.last.folders)}
    return [e for e in entries if e.path not in done]


def _tree_changes(before: Sequence[Folder], now: Sequence[Folder]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not now:
        return (), ()
    old, new = {f.path for f in before}, {f.path for f in now}
    return tuple(sorted(new - old)), tuple(sorted(old - new))


async def integrate(side: Side, ledger: Ledger, found: Opened, prepared: Prepared, at: float) -> Result:
    """Raises Stop, SyncdError: it is dealt with again then, and finds what was done."""
    try:
        return await _integrated(side, ledger, found, prepared, at)
    except OSError as e:
        if not no_room(e):
            raise
        raise SyncdError(said.DISK_FULL_APPLYING.of(place=side.directory), mend=said.STOPPED_MEND.of()) from e


async def _integrated(side: Side, ledger: Ledger, found: Opened, prepared: Prepared, at: float) -> Result:
    plan = prepared.plan
    failed = await Applier(side, found.file, archive.places(found.package))(plan.steps)
    undone = {n.path for n in failed}
    taken = [*plan.settled, *(s.entry for s in plan.steps if s.entry.path not in undone)]
    refused = (*plan.refused, *(n for n in failed if n.reason == Reason.ASK_DELETION))  # decided: it is not told again
    later = (*plan.later, *(n for n in failed if n.reason != Reason.ASK_DELETION))
    outcome = Outcome(tuple(taken), prepared.folders, refused, tuple(n.path for n in later), at)
    ledger.keep(found.manifest.client, chains.integrated(prepared.chain, found.manifest, found.prior, outcome))
    done = len({s.entry.path for s in plan.steps} - undone)
    return Result(done, refused, later)
