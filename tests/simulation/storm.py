"""A whole engine in bad weather: several clients, people at work between any two steps of a run, a network that loses,
repeats and cuts, a disk that errs, power that fails with unsynced writes lost, backups put back on either side.

`play(seed)` tells everything from its seed: `./scripts/fuzz SEED` replays one, `./scripts/fuzz --minutes N` goes on.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import copy
import errno
import hashlib
import itertools
import logging
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core import differing_entries
from syncd.core.actions import Leave, RemoveRemote, SetAside, Upload, Withdraw
from syncd.core.effects import Before, Effects, effects
from syncd.core.entry import RemoteState
from syncd.core.errors import Unreachable
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.outcomes import Applied, Outcome
from syncd.core.paths import key
from syncd.core.snapshot import Snapshot
from syncd.engine import Ports, run_once
from syncd.engine.action_backoff import LONGEST
from syncd.engine.apply import commit
from syncd.engine.context import Context
from syncd.engine.decide.review import plan_client
from syncd.engine.decide.snapshots import snapshot, whole
from syncd.engine.maintenance.verify import prove
from syncd.engine.stages import ClientScan
from syncd.ports.local import Looks
from syncd.state.store import Store, _connect
from tests.simulation.engine_in_memory import Lab, fresh_state
from tests.simulation.neighbour import Neighbour
from tests.simulation.power import Disk, on
from tests.support import scratch
from tests.support.memory_portal import MemoryPortal

FOLDERS = (FolderRule("Achats"), FolderRule("Ventes"), FolderRule("Interne", direction=Direction.NONE))
CODES = ("001", "002", "003")
SHORT = 2000  # seeds of the test run: shorter histories
NAMES = ["a.pdf", "b.pdf", "A.pdf", "supp_a.pdf", "é.pdf", "e\u0301.pdf", "supports.pdf"]
PLACES = ["Achats", "Ventes", "Achats/2025", "Achats/2025/Q1", "Ventes/x"]
DATA = [b"1", b"2", b"3", b"a longer one", b"a longer two", b""]
DISK_ERRORS = (errno.EIO, errno.ENOSPC, errno.EACCES)
MIRROR_STEPS = (
    "rename", "link", "put_aside", "place", "replace", "temp", "sync_temps", "sync_names", "make_folder", "move_folder",
    "set_generation", "read", "scan", "looks", "make_client",
)  # fmt: skip
MAY_ERR = ("rename", "place", "replace", "temp", "make_folder", "move_folder", "read", "sync_temps", "sync_names")
REMOTE_STEPS = ("hello", "trees", "put", "move", "remove", "summary", "lookup")


class Crash(BaseException):
    """Power is gone: nothing may catch it."""


async def _inline(do: Callable[..., Any], *args: Any) -> Any:
    """Threads change nothing here but the time it takes."""
    return do(*args)


def without_threads() -> pytest.MonkeyPatch:
    """Until it is undone."""
    patch = pytest.MonkeyPatch()
    patch.setattr(asyncio, "to_thread", _inline)
    return patch


def seen_alike(ctx: Context, seen: ClientScan) -> Snapshot:
    """What the database finds different is what a comparison of everything finds different, whatever happened before."""
    narrow, plain = snapshot(ctx, seen), differing_entries.reduce(whole(ctx, seen))
    assert narrow.base.docs == plain.base.docs and narrow.remote.docs == plain.remote.docs
    assert {d.disk for d in narrow.local.docs} == {d.disk for d in plain.local.docs}
    assert narrow.occupied == plain.occupied
    return narrow


class AtSomeTime:
    """Looks as another process may take them: all at the very beginning (`early`), or when they are asked for."""

    def __init__(self, lab: Storm, looks: Looks, before: Mapping[str, bytes], early: bool) -> None:
        self.lab, self.looks = lab, looks
        self.seen = looks.same(before) if early else None

    def same(self, clients: Iterable[str]) -> set[str]:
        self.lab.step("same")
        found = self.looks.same(clients) if self.seen is None else self.seen.intersection(clients)
        self.lab.counts["looked the same"] += len(found)
        return found

    def close(self) -> None:
        self.looks.close()


class Storm(Lab):
    """`crash_at`: the step at which power fails, if it is ever reached; chances are per step of a run."""

    folders: tuple[FolderRule, ...] = FOLDERS

    def __init__(
        self, base: Path, rng: random.Random, counts: collections.Counter[str], neighbour: random.Random | None = None
    ) -> None:
        super().__init__(base, self.folders, CODES[: rng.randint(1, 3)])
        self.neighbour = Neighbour(base, self.root, neighbour) if neighbour is not None else None
        self.neighbour_chance = neighbour.choice([0.02, 0.1]) if neighbour is not None else 0.0
        self.rng, self.counts, self.disk = rng, counts, Disk()
        self.people_chance = rng.choice([0.0, 0.02, 0.1])
        self.network_chance = rng.choice([0.0, 0.02, 0.08])
        self.disk_chance = rng.choice([0.0, 0.01, 0.03])
        self.crash_at, self.steps, self.quiet = 0, 0, False
        self.deleted_ever: set[str] = set()
        self.secrets = 0
        self.taken_away: set[bytes] = set()
        self.emptied: set[tuple[str, str]] = set()
        self.unique: set[bytes] = set()
        self.own_supp: set[bytes] = set()
        self.portal_copy: MemoryPortal | None = None
        self.state_copy: sqlite3.Connection | None = None
        self.mirror_copy: Path | None = None
        self.portions = itertools.cycle((25_000, 1))  # every other run sees, plans and drops its clients one by one
        self.early = itertools.cycle((True, False))
        self.slow = itertools.cycle(
            (False, True, True)
        )  # whether the engine looks and walks before the portal hears of it
        self.greeting = False
        self._watch_bin()

    def _watch_bin(self) -> None:
        bin_ = self.portal.bin

        def watched(client: str, stored: Any, by: str) -> None:
            self.deleted_ever.add(stored.doc.id)
            bin_(client, stored, by)

        self.portal.bin = watched  # type: ignore[method-assign]

    # -- what happens between two steps --------------------------------------------------------------------------------

    def step(self, name: str, *, errs: bool = False) -> None:
        self.steps += 1
        if self.quiet:
            return
        lurks = self.neighbour is not None and self.neighbour.rng.random() < self.neighbour_chance
        if lurks and self.neighbour is not None and (kind := self.neighbour.act()):
            self.counts[f"neighbour: {kind}"] += 1
        if self.steps == self.crash_at:
            self.counts["crashes"] += 1
            self.counts[f"crash at {name}"] += 1
            raise Crash
        if self.rng.random() < self.people_chance:
            self.counts["people in a run"] += 1
            self.somebody()
        if errs and self.rng.random() < self.disk_chance:
            self.counts["disk errors"] += 1
            code = self.rng.choice(DISK_ERRORS)
            raise OSError(code, "as the storm has it")

    def somebody(self) -> None:
        """One thing a person does, here or online, on one client."""
        code = self.rng.choice(list(self.clients))
        at_home = any(self.root.glob(f"{code} - *")) and not self._swapped(code)
        _, here, act = self.rng.choices(PEOPLE, [weight for weight, _, _ in PEOPLE])[0]
        if at_home or not here:
            act(self, code)

    def _path(self) -> str:
        return f"{self.rng.choice(PLACES)}/{self.rng.choice(NAMES)}"

    def _data(self) -> bytes:
        if self.rng.random() < 0.4:
            return self.rng.choice(DATA)
        made = b"unique %d" % self.rng.getrandbits(40)
        self.unique.add(hashlib.sha256(made).digest())
        return made

    def _writes(self, code: str) -> None:
        self.write(self._path(), self._data(), code)

    def _edits(self, code: str) -> None:
        """What is there already: any path is seldom one of those."""
        there = sorted(p for p in self.here(code) if p.startswith(("Achats/", "Ventes/")))
        if there:
            self.write(self.rng.choice(there), self._data(), code)

    def _unlinks(self, code: str) -> None:
        self.unlink(self._path(), code)

    def _renames(self, code: str) -> None:
        self.rename(self._path(), self._path(), code)

    def _renames_folder(self, code: str) -> None:
        old, new = self.rng.choice(PLACES), self.rng.choice(PLACES)
        if "/" in old:
            self.rename(old, new, code)

    def _hides(self, code: str) -> None:
        old = self._path()
        self.rename(old, "Interne/" + old.replace("/", "_"), code)

    def _writes_secret(self, code: str, place: str = "Interne") -> None:
        self.secrets += 1
        self.write(f"{place}/{self.secrets}.pdf", b"secret %d" % self.secrets, code)

    def _strays(self, code: str) -> None:
        self._writes_secret(code, "Divers")

    def _deposits(self, code: str) -> None:
        self.deposit(self._path(), self._data(), code)

    def _removes(self, code: str) -> None:
        self.portal.remove(self.clients[code], self._path())

    def _moves(self, code: str) -> None:
        client = self.clients[code]
        space = self.portal.spaces[client]
        stored, to = space.live(self._path()), self._path()
        if stored is not None:
            self._names_supp(to, stored.versions[-1])
        if stored is not None and not any(space.live(f) for f in to.split("/")[:-1]):
            self.portal.move_doc(client, stored.doc.id, to)

    def _moves_folder(self, code: str) -> None:
        client = self.clients[code]
        folder = self.portal.spaces[client].folder(self.rng.choice(PLACES))
        if folder is not None:
            self.portal.move_folder(client, folder, self.rng.choice(PLACES))

    def _removes_folder(self, code: str) -> None:
        self.portal.remove_folder(self.clients[code], self.rng.choice([p for p in PLACES if "/" in p]))

    def _withholds(self, code: str) -> None:
        self.withhold(self.clients[code], self.rng.choice([(), (), ("achats/2025",), ("ventes",)]))

    def _restores(self, code: str) -> None:
        client = self.clients[code]
        docs = self.portal.spaces[client].docs
        gone = [i for i, s in docs.items() if s.doc.state is RemoteState.DELETED]
        if gone:
            self.portal.restore(client, self.rng.choice(gone))

    def _swapped(self, code: str) -> bool:
        return self.neighbour is not None and self.neighbour.is_at(self.dir(code))

    def alone(self) -> None:
        """The neighbour leaves; nothing outside the mirror has changed."""
        if self.neighbour is not None:
            self.neighbour.leave()
            self.neighbour.unharmed()

    def withhold(self, client: str, folders: tuple[str, ...]) -> None:
        """What the engine may not see any more."""
        space = self.portal.spaces[client]
        if space.tree.withheld != folders:
            space.tree = replace(space.tree, tree=space.tree.tree + 1, withheld=folders)
            space.state = replace(space.state, tree=space.tree.tree)
            self.portal.changed("client", client)
            self.portal.changed("relist", client)

    def write(self, path: str, data: bytes, code: str = "001") -> None:
        self._takes_away(self.dir(code) / path)
        self._names_supp(path, data)
        super().write(path, data, code)

    def unlink(self, path: str, code: str = "001") -> None:
        self._takes_away(self.dir(code) / path)
        super().unlink(path, code)

    def rename(self, old: str, new: str, code: str = "001") -> None:
        self._takes_away(self.dir(code) / old)
        if (source := self.dir(code) / old).is_file():
            self._names_supp(new, source.read_bytes())
        super().rename(old, new, code)

    def deposit(self, path: str, data: bytes, code: str = "001") -> None:
        self._names_supp(path, data)
        super().deposit(path, data, code)

    def _names_supp(self, path: str, data: bytes) -> None:
        if path.rpartition("/")[2].startswith("supp_"):
            self.own_supp.add(hashlib.sha256(data).digest())

    def _takes_away(self, target: Path) -> None:
        for path in [target, *target.rglob("*")]:
            if path.is_file():
                self.taken_away.add(hashlib.sha256(path.read_bytes()).digest())
                client = path.relative_to(self.root).parts[0]
                self.emptied.add((client[:3], key(str(path.relative_to(self.root / client)))))

    # -- backups -----------------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        self.alone()
        which = self.rng.choice(["portal", "state", "mirror", "all here"])
        self.counts["backups"] += 1
        if which == "portal":
            bin_ = self.portal.__dict__.pop("bin")
            self.portal_copy = copy.deepcopy(self.portal)
            self.portal.bin = bin_  # type: ignore[method-assign]
        if which in ("state", "all here"):
            self.state_copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self.state.conn.backup(self.state_copy)
        if which in ("mirror", "all here"):
            if self.mirror_copy is not None:
                shutil.rmtree(self.mirror_copy)
            self.mirror_copy = self.base / "mirror-copy"
            shutil.copytree(self.root, self.mirror_copy, symlinks=True)

    def put_back(self) -> None:
        """What only the replaced side held is whoever put the backup back's loss, not ours."""
        self.alone()
        kinds = ["lost state"]
        kinds += ["portal"] * 4 if self.portal_copy is not None else []
        kinds += ["state"] * 2 if self.state_copy is not None else []
        kinds += ["mirror"] * 4 if self.mirror_copy is not None else []
        kinds += ["both here"] if self.state_copy is not None and self.mirror_copy is not None else []
        kind = self.rng.choice(kinds)
        self.counts[f"put back: {kind}"] += 1
        if kind == "portal":
            assert self.portal_copy is not None
            old, self.portal = self.portal, copy.deepcopy(self.portal_copy)
            self.portal._ids = old._ids
            self.portal.lease = old.lease + 1
            if self.rng.random() < 0.5:
                self.portal.epoch = self.portal.new_id()
            self._watch_bin()
            self.remote.portal = self.portal
        if kind == "lost state":
            self.state.close()
            self.state = fresh_state()
        if kind in ("state", "both here"):
            assert self.state_copy is not None
            self.state.close()
            fresh = _connect(":memory:")
            self.state_copy.backup(fresh)
            self.state = Store(fresh)
        if kind in ("mirror", "both here"):
            assert self.mirror_copy is not None
            shutil.rmtree(self.root)
            shutil.copytree(self.mirror_copy, self.root, symlinks=True)
        torn = {hashlib.sha256(p.read_bytes()).digest() for p in self._unsynced()}
        self.contents &= self.reachable() - (torn - self.portal_contents())

    def _unsynced(self) -> list[Path]:
        """Temporary files of a run that ended before it had synced them: nobody was promised those."""
        return [p for p in self.root.rglob("*") if p.is_file() and p.stat().st_ino in self.disk.unsynced]

    def portal_contents(self) -> set[bytes]:
        docs = (s for space in self.portal.spaces.values() for s in space.docs.values())
        return {hashlib.sha256(v).digest() for s in docs for v in s.versions}

    # -- a run in this weather -----------------------------------------------------------------------------------------

    def storm_run(self) -> None:
        """One run; whatever stops it, the next one has to cope with."""
        self.events = []
        with on(self.disk) as mirror_type, self._watched(mirror_type) as mirror:
            parts = Ports(self.remote, mirror, self.state, self.clock)
            self.greeting = True
            try:
                summary = asyncio.run(run_once(parts, self.settings, self.events.append)).as_dict()
                self.counts["runs"] += 1
                self.counts.update(e.action for e in self.events)
                assert summary.get("reason") != "unexpected", summary
                if summary["verdict"] == "abandoned":
                    self.counts["abandoned"] += 1
            except Crash:
                self.alone()
                self.disk.lose_power(str(self.root), self.rng)
            self.disk.log.clear()

    @contextlib.contextmanager
    def _watched(self, mirror_type: Any) -> Any:
        lab = self

        class Watched(mirror_type):  # type: ignore[misc]
            pass

        for name in MIRROR_STEPS:
            inner = getattr(mirror_type, name)

            def stepping(self: Any, *args: Any, _inner: Any = inner, _name: str = name) -> Any:
                lab.step(_name, errs=_name in MAY_ERR)
                lab.counts["walked ahead"] += _name == "scan" and lab.greeting
                return _inner(self, *args)

            setattr(Watched, name, stepping)
        looks = Watched.looks

        Watched.looks = lambda self, before: AtSomeTime(lab, looks(self, before), before, next(lab.early))
        patch = pytest.MonkeyPatch()
        for name in REMOTE_STEPS:
            patch.setattr(self.remote, name, self._asking(name, getattr(self.remote, name)))
        for name in ("get", "listings"):
            patch.setattr(self.remote, name, self._bringing(name, getattr(self.remote, name)))
        atomic = self.state.transaction.atomic

        @contextlib.contextmanager
        def transaction() -> Any:
            outer = not lab.state.conn.in_transaction
            with atomic():
                yield
                if outer:
                    lab.step("commit")

        patch.setattr(self.state.transaction, "atomic", transaction)
        patch.setattr("syncd.engine.open.scan.PORTION", next(self.portions))
        patch.setattr("syncd.local.scan.RACY_NS", next(self.believed))
        patch.setattr("syncd.engine.decide.review.snapshot", seen_alike)
        patch.setattr("syncd.engine.run.plan_alone", plan_client)  # a plan that trips is a bug, not a bad client

        def judged(before: Before, outcome: Outcome, now: float) -> Effects:
            if isinstance(outcome, Applied):
                lab.judge(before, outcome)
            return effects(before, outcome, now)

        patch.setattr(commit, "effects", judged)
        try:
            yield Watched(str(self.root), settle=0.0)
        finally:
            patch.undo()

    def judge(self, before: Before, outcome: Applied) -> None:
        """What no action may ever be, whatever the weather."""
        action: Any = outcome.action
        if isinstance(action, SetAside):
            assert action.doc in self.deleted_ever, f"set aside, and never deleted online: {action.path}"
        if isinstance(action, Leave | Withdraw | RemoveRemote):
            base = before.base.docs[action.doc]
            gone = base.content.sha256 in self.taken_away or (before.code, key(base.path)) in self.emptied
            assert gone, f"{type(action).__name__}, and nobody took it away: {action.path}"
        if isinstance(action, Upload) and action.doc is None and action.content.sha256 in self.unique:
            aside = action.path.rpartition("/")[2].startswith("supp_") and action.content.sha256 not in self.own_supp
            others = (s for s in self.portal.spaces[before.client].docs.values() if key(s.doc.path) != key(action.path))
            known = any(action.content.sha256 in (s.doc.content.sha256, *s.doc.earlier) for s in others)
            assert not (aside and known), f"a set-aside document published: {action.path}"
        if isinstance(action, Upload) and action.doc is not None and action.content.sha256 in self.unique:
            stored = self.portal.spaces[before.client].docs.get(action.doc)
            mine = outcome.doc.version if outcome.doc is not None else 0  # somebody may have replaced it since
            was = {hashlib.sha256(v).digest() for v in stored.versions[: mine - 1]} if stored is not None else set()
            assert action.content.sha256 not in was, f"an old version sent over a newer one: {action.path}"

    def _asking(self, name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        async def asked(*args: Any) -> Any:
            if name == "hello" and next(self.slow):
                for _ in range(10):  # turns of the loop
                    await asyncio.sleep(0)
            self.step(f"{name}: request")
            if not self.quiet and self.rng.random() < self.network_chance:
                self.counts["requests lost"] += 1
                raise Unreachable("the storm took the request")
            answer = await verb(*args)
            self.greeting = self.greeting and name != "hello"
            if not self.quiet and self.rng.random() < self.network_chance:
                self.counts["requests repeated"] += 1
                answer = await verb(*args)
            self.step(f"{name}: answer")
            if not self.quiet and self.rng.random() < self.network_chance:
                self.counts["answers lost"] += 1
                raise Unreachable("the storm took the answer")
            return answer

        return asked

    def _bringing(self, name: str, verb: Callable[..., Any]) -> Callable[..., Any]:
        """What comes one by one: the line may break, or power be lost, before each."""

        async def asked(items: Any, take: Callable[..., None]) -> None:
            def one(*came: Any) -> None:
                self.step(f"{name}: one")
                if not self.quiet and self.rng.random() < self.network_chance:
                    self.counts["batches broken off"] += 1
                    raise Unreachable("the storm took the line")
                take(*came)

            await verb(items, one)

        return asked

    # -- afterwards ------------------------------------------------------------------------------------------------------

    def calm(self) -> None:
        """The weather clears: within a bounded number of runs both sides are the same, and nothing was lost."""
        self.quiet = True
        self.alone()
        self.clock.time += LONGEST  # what failed again and again is tried again
        for client in self.clients.values():
            self.withhold(client, ())
        for _ in range(8):
            self.storm_run()
            if not self.changes:
                break
        else:
            raise AssertionError(f"not idle after 8 runs: {[(e.action, e.path, e.reason) for e in self.changes]}")
        lost = self.contents - self.reachable()
        self.counts["contents tracked"] += len(self.contents)
        self.counts["contents lost"] += len(lost)
        assert not lost, f"lost: {[d.hex()[:12] for d in lost]}"
        self.check()
        self._nothing_secret()
        self._nothing_made_up()
        self._copies_are_different()
        self._told_as_it_is()
        self._proved()
        self.alone()

    def _told_as_it_is(self) -> None:
        """Nothing is in the base that the event stream, replayed, does not tell of."""
        for code, client in self.clients.items():
            told: set[str] = set()
            for _, event in self.state.journal.events(client=code):
                replay(told, event.as_dict())
            base = {key(d.path) for d in self.state.trees.base.load(client).docs.values() if not d.left}
            assert base <= told, f"{code}: not told: {sorted(base - told)}"

    def _nothing_secret(self) -> None:
        for space in self.portal.spaces.values():
            for stored in space.docs.values():
                assert not any(v.startswith(b"secret") for v in stored.versions), f"published: {stored.doc.path}"

    def _nothing_made_up(self) -> None:
        """What a torn write left is never taken for a document."""
        for space in self.portal.spaces.values():
            for stored in space.docs.values():
                for version in stored.versions:
                    assert hashlib.sha256(version).digest() in self.ever, f"nobody wrote this online: {stored.doc.path}"
        for code in self.clients:
            for path, data in self.here(code).items():
                assert hashlib.sha256(data).digest() in self.ever, f"nobody wrote this here: {code} {path}"

    def _copies_are_different(self) -> None:
        """The same content is never copied twice (HAZARDS 17)."""
        for code in self.clients:
            copies = collections.Counter(
                (key(p).split(" (version du cabinet")[0], data)
                for p, data in self.here(code).items()
                if "(version du cabinet" in p and not p.rpartition("/")[2].startswith("supp_")
            )
            most = copies.most_common(1)
            assert not most or most[0][1] <= 2, f"{code}: copied again and again: {most}"

    def _proved(self) -> None:
        """`verify` agrees but for what a report line explains; base and portal say the same."""
        with on(Disk()) as mirror_type:
            parts = Ports(self.remote, mirror_type(str(self.root), settle=0.0), self.state, self.clock)
            said = {key(e.path) for e in self.events if e.action in ("refused", "problem")}
            for proof in asyncio.run(prove(parts, self.settings)):
                open_ = [d for d in proof.differences if key(d[0]) not in said]
                if not said:
                    assert not open_, f"{proof.code}: {open_}"


PEOPLE: tuple[tuple[int, bool, Callable[[Storm, str], None]], ...] = (  # how often, whether at the cabinet, what
    (10, True, Storm._writes),
    (8, True, Storm._edits),
    (4, True, Storm._unlinks),
    (5, True, Storm._renames),
    (3, True, Storm._renames_folder),
    (1, True, Storm._hides),
    (1, True, Storm._writes_secret),
    (1, True, Storm._strays),
    (9, False, Storm._deposits),
    (4, False, Storm._removes),
    (5, False, Storm._moves),
    (3, False, Storm._moves_folder),
    (1, False, Storm._removes_folder),
    (2, False, Storm._restores),
    (1, False, Storm._withholds),
)


def replay(told: set[str], event: dict[str, Any]) -> None:
    """What one line says of which documents both sides hold."""
    at, action = key(event["path"]), event["action"]
    old = key(event.get("from", ""))
    if action in ("move", "record") and event["folder"]:
        moved = {k for k in told if k.startswith(old + "/")}
        if action == "move":  # a record says that the folder was found there: what was in it may lie at either place
            told -= moved
        told |= {at + k[len(old) :] for k in moved}
    elif action == "move":
        told.discard(old)
        told.add(at)
    elif action in ("upload", "download", "record", "restore") or (action == "keep_both" and "version" in event):
        told.add(at)
    elif action in ("set_aside", "leave", "withdraw", "remove"):
        told.discard(at)  # not at `forget`: another document may have been recorded at that very place


class _Log(logging.Handler):
    """What nobody expected stays with one client, so that the run goes on: a history fails by it all the same."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.unexpected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and "unexpected" in record.msg:
            self.unexpected.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


def play(seed: int, base: Path, counts: collections.Counter[str], most: int | None = None) -> None:
    """One history. `most`: only its first acts (shrinking). Raises AssertionError when something does not hold."""
    rng = random.Random(seed)
    neighbour = (
        random.Random(f"neighbour {seed}") if seed % 3 == 0 else None
    )  # apart: the same weather with and without
    storm = Storm(base, rng, counts, neighbour)
    patch, log = without_threads(), _Log()
    logging.getLogger("syncd").addHandler(log)
    try:
        storm.quiet = True
        storm.storm_run()
        storm.quiet = False
        acts = rng.randint(4, 11) if seed < SHORT else rng.randint(6, 30)
        for n in range(acts):
            if most is not None and n >= most:
                break
            chances = [9, 4, 6, 3, 2, 1] if seed < SHORT else [12, 6, 4, 2, 1, 2]
            act = rng.choices(["people", "run", "crash", "back up", "put back", "rest"], chances)[0]
            match act:
                case "people":
                    storm.somebody()
                case "run":
                    storm.storm_run()
                case "crash":
                    storm.crash_at = storm.steps + rng.randint(1, 60)
                    storm.storm_run()
                    storm.crash_at = 0
                case "back up":
                    storm.back_up()
                case "put back":
                    storm.put_back()
                case "rest":  # until clients are known by their look
                    for _ in range(4):
                        storm.storm_run()
        storm.calm()
        assert not log.unexpected, log.unexpected
        counts["histories"] += 1
    finally:
        patch.undo()
        logging.getLogger("syncd").removeHandler(log)
        with contextlib.suppress(sqlite3.ProgrammingError):
            storm.state.close()


Play = Callable[[int, Path, "collections.Counter[str]", int | None], None]


def fails(
    seed: int, counts: collections.Counter[str] | None = None, most: int | None = None, played: Play = play
) -> str:
    """'' when the history holds; else what went wrong."""
    with tempfile.TemporaryDirectory(dir=scratch.memory()) as base:
        try:
            played(seed, Path(base), counts if counts is not None else collections.Counter(), most)
        except Exception as e:
            return f"{type(e).__name__}: {e}"
    return ""


def shrink(seed: int, played: Play = play) -> int:
    """The fewest first acts of the history that still fail."""
    for most in range(1, 31):
        if fails(seed, most=most, played=played):
            return most
    return 31


JOBS = (
    "scans", "looks", "scans taken", "looks that ended", "launches", "launches meanwhile", "launches killed",
    "launches that ended", "owed",
)  # fmt: skip  # of tests/jobs/storm.py


def report(counts: collections.Counter[str]) -> str:
    points = {k: n for k, n in counts.items() if k.startswith("crash at")}
    faults = {
        k: counts[k]
        for k in (
            "people in a run", "disk errors", "requests lost", "requests repeated", "answers lost", "batches broken off",
        )
    }  # fmt: skip
    neighbour = {k[len("neighbour: ") :]: n for k, n in counts.items() if k.startswith("neighbour: ")}
    put_back = {k: n for k, n in counts.items() if k.startswith("put back")}
    return "\n".join([
        f"histories: {counts['histories']}, runs: {counts['runs']}",
        f"crashes: {counts['crashes']} at {len(points)} kinds of points: {dict(sorted(points.items()))}",
        f"faults injected: {sum(faults.values())}: {faults}; backups put back: {sum(put_back.values())}: {put_back}",
        f"a hostile neighbour: {sum(neighbour.values())}: {neighbour}",
        f"contents tracked: {counts['contents tracked']}, lost: {counts['contents lost']}",
    ])  # fmt: skip


def main(module: str = "tests.simulation.storm", played: Play = play) -> int:
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets in their order: a seed tells everything
        os.execve(
            sys.executable,
            [sys.executable, "-m", module, *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    scratch.begin()
    start, minutes, count = 0, 1.0, 10**9
    args = sys.argv[1:]
    if args and args[0] == "--minutes":
        minutes, start = float(args[1]), int(time.time())
    elif args:
        start, count = int(args[0]), int(args[1]) if len(args) > 1 else 1
    counts: collections.Counter[str] = collections.Counter()
    end = time.monotonic() + minutes * 60 if count == 10**9 else float("inf")
    seed, failed = start, 0
    while time.monotonic() < end and seed < start + count and failed < 5:
        why = fails(seed, counts, played=played)
        if why:
            failed += 1
            print(f"seed {seed}: {why}\n  its first {shrink(seed, played)} acts are enough", flush=True)
        seed += 1
    print(report(counts))
    print({name: n for name, n in counts.items() if name in JOBS}) if any(counts[name] for name in JOBS) else None
    print(f"{seed - start} histories from seed {start}, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
