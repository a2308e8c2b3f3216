"""The whole engine over a real directory and the reference portal, with people working on both sides."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.entry import RemoteState
from syncd.core.events import Event
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.paths import key
from syncd.engine import Ports, Settings, run_once
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import RACY_NS
from syncd.state.store import Store, _connect
from tests.support.memory_portal import MemoryPortal, MemoryRemote

NO_LIMITS = Limits(max_changes=10**6, first_publication="allow", few=10**6, cabinet_changes=10**6)


class FakeClock:
    def __init__(self) -> None:
        self.time = 1_795_000_000.0

    def now(self) -> float:
        self.time += 0.001
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


@functools.cache
def _made() -> sqlite3.Connection:
    made = _connect(":memory:")
    Store(made)
    return made


def fresh_state() -> Store:
    """An empty state, copied from one that went through the migrations: they cost as much as a run."""
    conn = _connect(":memory:")
    _made().backup(conn)
    return Store(conn)


class Lab:
    """One cabinet, clients by code. `contents`: every content that was ever on either side; `ever`: those too that a
    person destroyed before the engine could see them."""

    def __init__(self, base: Path, folders: tuple[FolderRule, ...], codes: tuple[str, ...] = ("001",)) -> None:
        self.base, self.root = base, base / "root"
        self.portal = MemoryPortal()
        self.clients = {code: self.portal.add_client(code, f"Client {code}", folders) for code in codes}
        self.remote = MemoryRemote(self.portal)
        identity = init_root(str(self.root), self.portal.cabinet)
        self.state = fresh_state()
        self.settings = Settings(
            self.portal.cabinet, identity, "engine", "machine", "instance", lambda at: "2026-11-21 14h03", NO_LIMITS, settle=0.0, reserve=0
        )  # fmt: skip
        self.clock = FakeClock()
        self.contents: set[bytes] = set()
        self.ever: set[bytes] = set()
        self.events: list[Event] = []
        # most runs believe what they read at once, and look only
        self.believed: Iterator[int] = itertools.cycle((0, 0, RACY_NS))
        self.saved = 0

    def run(self) -> dict[str, Any]:
        self.events = []
        parts = Ports(self.remote, DiskMirror(str(self.root), settle=0.0), self.state, self.clock)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("syncd.local.scan.RACY_NS", next(self.believed))
            summary = asyncio.run(run_once(parts, self.settings, self.events.append)).as_dict()
        assert summary["verdict"] != "abandoned", summary
        return summary

    @property
    def changes(self) -> list[Event]:
        return [e for e in self.events if e.action not in ("refused", "problem", "waiting", "stopped")]

    def dir(self, code: str = "001") -> Path:
        return self.root / f"{code} - Client {code}"

    # -- people -----------------------------------------------------------------------------------------------------

    def seen(self, data: bytes) -> bytes:
        if data:
            self.contents.add(hashlib.sha256(data).digest())
        self.ever.add(hashlib.sha256(data).digest())
        return data

    def write(self, path: str, data: bytes, code: str = "001") -> None:
        target = self.dir(code) / path
        if target.is_dir() or any(p.is_file() for p in target.parents if p != self.root):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            self.contents.discard(hashlib.sha256(target.read_bytes()).digest()) if self._only_here(target) else None
        target.write_bytes(self.seen(data))
        self.saved += 1
        os.utime(target, (self.saved, self.saved))  # a save within the clock's grain of another is seen all the same

    def _only_here(self, target: Path) -> bool:
        """A person overwrites or removes bytes the engine never saw: nobody could keep those."""
        digest = hashlib.sha256(target.read_bytes()).digest()
        return digest not in self.reachable(but=target)

    def unlink(self, path: str, code: str = "001") -> None:
        target = self.dir(code) / path
        if target.is_file():
            if self._only_here(target):
                self.contents.discard(hashlib.sha256(target.read_bytes()).digest())
            target.unlink()

    def rename(self, old: str, new: str, code: str = "001") -> None:
        source, target = self.dir(code) / old, self.dir(code) / new
        if not source.exists() or target.exists() or source in target.parents:
            return
        if any(p.is_file() for p in target.parents if p != self.root):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)

    def deposit(self, path: str, data: bytes, code: str = "001") -> None:
        if self.portal.deposit(self.clients[code], path, data).ok:
            self.seen(data)

    # -- what must hold --------------------------------------------------------------------------------------------------

    def reachable(self, but: Path | None = None) -> set[bytes]:
        """Contents on the cabinet's disk (the engine's keeping included), in the portal's versions and its bin."""
        own = but.stat().st_ino if but is not None else 0  # a second name of the same bytes is no second copy
        files = (p for p in self.root.rglob("*") if p.is_file() and p.stat().st_ino != own)
        if but is not None:  # nor is what a run has in its hands
            files = (p for p in list(files) if p.parent.name != "tmp")
        found = {hashlib.sha256(p.read_bytes()).digest() for p in files}
        for space in self.portal.spaces.values():
            found |= {hashlib.sha256(v).digest() for s in space.docs.values() for v in s.versions}
        return found

    def here(self, code: str = "001") -> dict[str, bytes]:
        top = self.dir(code)
        return {
            str(p.relative_to(top)): p.read_bytes() for p in top.rglob("*") if p.is_file() and ".syncd" not in p.parts
        }

    def online(self, code: str = "001") -> dict[str, bytes]:
        space = self.portal.spaces[self.clients[code]]
        return {s.doc.path: s.versions[-1] for s in space.docs.values() if s.doc.state is RemoteState.LIVE}

    def converge(self, most: int = 4) -> None:
        for _ in range(most):
            self.run()
            if not self.changes:
                return
        raise AssertionError(f"not idle after {most} runs: {self.changes}")

    def check(self) -> None:
        """Converged, nothing lost, both sides the same but for what a rule explains."""
        self.converge()
        lost = self.contents - self.reachable()
        assert not lost, f"lost: {[d.hex()[:12] for d in lost]}"
        for code, client in self.clients.items():
            base = self.state.trees.base.load(client)
            here: dict[str, set[bytes]] = {}
            for path, data in self.here(code).items():
                here.setdefault(key(path), set()).add(data)
            online = self.online(code)
            left = {d.path for d in base.docs.values() if d.left}
            set_aside = {key(r.to) for r in base.set_asides}
            unexplained = {key(e.path) for e in self.events if e.action in ("refused", "problem")}
            for path, data in online.items():
                if path not in left and key(path) not in unexplained:
                    assert data in here.get(key(path), ()), f"{code}: {path} differs or is missing here"
            for path in here:
                name = path.rpartition("/")[2]
                if (
                    path in {key(p) for p in online}
                    or path in unexplained
                    or path in set_aside
                    or name.startswith("supp_")
                ):
                    continue
                top = path.partition("/")[0]
                assert top not in {"achats", "ventes"}, f"{code}: {path} is here and not online"

    def close(self) -> None:
        self.state.close()
        shutil.rmtree(self.base, ignore_errors=True)
