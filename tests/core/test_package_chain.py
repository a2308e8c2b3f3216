"""Whatever is made, lost, dealt with and acknowledged, in whatever legal order: both sides end up the same, and nothing is lost."""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import Any

import pytest
from hypothesis import example, given, note, settings
from hypothesis import strategies as st

from syncd.core import naming, paths
from syncd.core.actions import Download, KeepBoth, MoveLocal, SetAside
from syncd.core.content import Content, Stamp
from syncd.core.entry import LocalDoc, LocalFolder
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.packages import chain as chains
from syncd.core.packages.chain import Chain, Mine, Outcome, Standing
from syncd.core.packages.manifest import FORMAT, Manifest, Prior, Way, decode, encode, totals
from syncd.core.packages.planning import Here, Step, planned
from syncd.core.paths import ClientPath, DiskPath

RULES = ClientRules("1", (FolderRule("A"), FolderRule("B")))
NAMES = ("A/a.pdf", "A/b.pdf", "B/a.pdf")


def date(at: float) -> str:
    return f"2026-11-21 {int(at) % 24:02}h{int(at) // 24 % 60:02}"


class Side:
    """`docs`: content and date by place. `ever`: every content that it held."""

    def __init__(self, way: Way) -> None:
        self.way, self.chain = way, Chain()
        self.docs: dict[str, tuple[Content, int]] = {}
        self.aside = set[str]()
        self.ever = set[Content]()

    def make(self) -> tuple[Manifest, str] | None:
        here = {p: Mine(c, at) for p, (c, at) in self.docs.items() if p not in self.aside}
        entries = tuple(chains.difference(self.chain, here, (), full=self.chain.anew))
        if not entries and chains.told(self.chain, ()) == self.chain.told:
            return None
        count, size = totals(entries)
        manifest = Manifest(
            format=FORMAT, id="a" * 32, cabinet="b" * 32, client="c" * 32, code="1", name="n", way=self.way, key="K" * 56,
            sequence=self.chain.number + 1, prerequisite=self.chain.acknowledged, created="2026-11-21T14:03:00Z",
            receipts=chains.receipts(self.chain), entries=entries, count=count, size=size,
        )  # fmt: skip
        data = encode(manifest)
        assert decode(data) == manifest
        digest = hashlib.sha256(data).hexdigest()
        self.chain = chains.sent(self.chain, manifest, digest, "")
        self.ever |= {c for c, _ in self.docs.values()}
        return manifest, digest

    def take(self, manifest: Manifest, digest: str) -> bool:
        """Whether it was its turn."""
        if chains.standing(self.chain, manifest, digest) is not Standing.NEXT:
            return False
        chain = chains.acknowledge(self.chain, manifest.receipts)
        plan = planned(chain, manifest.entries, self.here(), RULES, manifest.way, date)
        assert not plan.refused and not plan.later, plan
        for step in sorted(plan.steps, key=lambda s: not isinstance(s.action, SetAside)):
            self.do(step)
        taken = (*plan.settled, *(s.entry for s in plan.steps))
        prior = Prior(manifest.sequence, digest, manifest.created)
        self.chain = chains.integrated(chain, manifest, prior, Outcome(taken))
        return True

    def here(self) -> Here:
        docs = [
            LocalDoc(ClientPath(p), DiskPath(p), c, Stamp(c.size, at * 10**9, 0, int.from_bytes(c.sha256[:4], "big")))
            for p, (c, at) in self.docs.items()
        ]
        return Here(docs, [LocalFolder(ClientPath(f), DiskPath(f), n) for n, f in enumerate("AB")])

    def do(self, step: Step) -> None:
        match step.action:
            case SetAside() as a:
                to = paths.join(paths.parent(a.path), paths.name(a.to))
                self.docs[to] = self.docs.pop(a.path)
                self.aside.add(to)
            case MoveLocal() as a:
                assert a.path not in self.docs
                self.docs[a.path] = self.docs.pop(a.source)
            case KeepBoth() as a:
                assert a.copy not in self.docs
                self.docs[a.copy] = self.docs.pop(a.path)
                if a.fetch is not None:
                    self.docs[a.path] = (a.fetch.content, step.entry.at)
            case Download() as a:
                at = a.path if a.expect is None else a.disk  # it may have been renamed here
                assert (at in self.docs) == (a.expect is not None)
                self.docs[at] = (a.content, step.entry.at)

    def shared(self) -> dict[str, Content]:
        return {p: c for p, (c, _) in self.docs.items() if p not in self.aside}


class World:
    def __init__(self) -> None:
        self.sides = (Side(Way.TO_COMPANY), Side(Way.TO_CABINET))
        self.way: tuple[list[tuple[Manifest, str]], ...] = ([], [])
        self.count = itertools.count(1)

    def write(self, who: int, name: str) -> None:
        n = next(self.count)
        self.sides[who].docs[name] = (Content(n, hashlib.sha256(str(n).encode()).digest()), n)
        self.sides[who].ever.add(self.sides[who].docs[name][0])

    def delete(self, who: int, name: str) -> None:
        self.sides[who].docs.pop(name, None)

    def rename(self, who: int, name: str, to: str) -> None:
        docs = self.sides[who].docs
        if name in docs and to not in docs:
            docs[to] = docs.pop(name)

    def make(self, who: int) -> bool:
        made = self.sides[who].make()
        if made is not None:
            self.way[who].append(made)
        return made is not None

    def take(self, who: int, which: int) -> None:
        """The other side deals with one that was made, new or not; it says itself whether it may."""
        made = self.way[who]
        if not made:
            return
        sender, receiver = self.sides[who], self.sides[1 - who]
        before = {c for c, _ in receiver.docs.values()}
        receiver.take(*made[which % len(made)])
        after = {c for c, _ in receiver.docs.values()}
        assert before - after <= sender.ever, "a content that its sender never had went away"
        receiver.ever |= after

    def settle(self) -> None:
        for _ in range(8):
            moved = False
            for who in (0, 1):
                if self.make(who):
                    moved = True
                    self.take(who, -1)
            if not moved:
                return
        raise AssertionError("they never come to an end")


who, name = st.integers(0, 1), st.sampled_from(NAMES)
acts = st.one_of(
    st.tuples(st.just("write"), who, name),
    st.tuples(st.just("delete"), who, name),
    st.tuples(st.just("rename"), who, name, name),
    st.tuples(st.just("make"), who),
    st.tuples(st.just("take"), who, st.integers(-3, 5)),
)


@example(
    [
        ("write", 1, "B/a.pdf"),
        ("make", 1),
        ("write", 1, "A/b.pdf"),
        ("take", 1, 0),
        ("rename", 0, "B/a.pdf", "A/b.pdf"),
    ],
    chains.SENT,
)
@settings(max_examples=int(os.environ.get("SYNCD_PACKAGE_STORIES", "150")), deadline=None)
@given(st.lists(acts, max_size=25), st.sampled_from([1, chains.SENT]))
def test_any_legal_order_converges_and_loses_nothing(story: list[tuple[Any, ...]], remembered: int) -> None:
    note(f"{story}")
    world = World()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "SENT", remembered)
        for act, *given_ in story:
            getattr(world, act)(*given_)
        world.settle()
    one, other = (side.shared() for side in world.sides)
    assert one == other
    if any(act == "rename" for act, *_ in story):  # on both sides to different names, it has both
        return
    own = [c for p, c in one.items() if not naming.is_conflict_copy(paths.name(p))]
    assert len(set(own)) == len(own), "published twice"


def test_what_is_never_acknowledged_does_not_grow_for_ever_and_is_not_forgotten() -> None:
    world = World()
    sender, receiver = world.sides
    world.write(0, "A/b.pdf")
    kept = sender.docs["A/b.pdf"]
    assert world.make(0)
    world.take(0, 0)
    for _ in range(3 * chains.SENT):
        sender.docs["A/b.pdf"] = (Content(9, b"9" * 32), 9)
        assert world.make(0)
        sender.docs["A/b.pdf"] = kept  # as it was: the other side may have the other one by now
        assert world.make(0)
    assert len(sender.chain.sent) == chains.SENT and len(sender.chain.earlier) == 2
    world.take(0, 1)
    assert receiver.docs["A/b.pdf"][0].size == 9
    world.take(0, len(world.way[0]) - 1)
    assert receiver.docs["A/b.pdf"] == kept
