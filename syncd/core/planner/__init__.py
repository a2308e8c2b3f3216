"""The planner: what is to be done so that both sides are the same again (RULES 2–4). A pure function.

`plan(snapshot, rules, stamp)` merges existence, place and content of every document apart, then settles names.
Reading order: workspace (the working view), folders, match (which local document is which), merge with placement, versions
and removals, collisions (names), ordering; quota comes after it.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.folder_rules import ClientRules
from syncd.core.paths import ClientPath
from syncd.core.plan import Plan
from syncd.core.planner.collisions import resolve_names
from syncd.core.planner.folders import merge_folders
from syncd.core.planner.match import match_documents
from syncd.core.planner.merge import merge_documents
from syncd.core.planner.ordering import in_order
from syncd.core.planner.workspace import Workspace
from syncd.core.snapshot import Snapshot


def plan(snapshot: Snapshot, rules: ClientRules, stamp: str, between: Callable[[], object] = lambda: None) -> Plan:
    """The actions for one client, in an order that can be executed; `stamp` is the run's start (`2026-11-21 14h03`).

    `between`: called now and then, so that the plan of a large client can be given up; what it raises ends it.
    """
    workspace = Workspace(snapshot, rules, stamp, between)
    merge_folders(workspace)
    pairs = match_documents(workspace)
    merge_documents(workspace, pairs)
    resolve_names(workspace)
    return replace(in_order(workspace), unseen=_unseen(snapshot))


def _unseen(snapshot: Snapshot) -> tuple[ClientPath, ...]:
    """The held places at or above something that is known of either side, or that bear the name of a document here."""
    if not snapshot.local.held:
        return ()
    base, remote = snapshot.base, snapshot.remote
    sides = (base.docs, base.folders, remote.docs, remote.folders)
    known = [paths.key(thing.path) for side in sides for thing in side.values()]
    known += [paths.key(doc.path) for doc in snapshot.local.docs]
    keys = {held: paths.key(held) for held in snapshot.local.held}
    return tuple(held for held, key in keys.items() if any(paths.is_below(at, key) for at in known))
