"""What one side knows of the other: what it holds, which packages it acknowledged, which of its own were integrated here.

A package holds all that changed since the last one that the receiver is known to have integrated: one that was lost is
not missed. Numbers decide the order, dates never do.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.packages.manifest import Change, Entry, Folder, Manifest, NotTaken, Prior, Receipt, date

RECEIPTS = 20  # that a package carries
MADE = 100  # of whose names this side remembers
AHEAD = 10_000  # packages that a side may have made and forgotten, put back from a backup
SENT = 20  # packages on their way that are remembered one by one
Held = Mapping[str, Content]  # by path


class Mine(msgspec.Struct, frozen=True):
    """A document that lies here now. `at`: its own date, seconds since 1970; `doc`: its id online."""

    content: Content
    at: int = 0
    doc: str = ""


class Sent(msgspec.Struct, frozen=True):
    """A package of this side's that is on its way. `known`: folders of it that were acknowledged already."""

    prior: Prior
    entries: tuple[Entry, ...]
    known: tuple[str, ...] = ()
    file: str = ""


class Received(msgspec.Struct, frozen=True):
    """One of the other side's. `folders`: those that were chosen, all when empty. `at`: when it was dealt with. `lines`: how many
    changes it told: one that only acknowledges needs no acknowledgement."""

    prior: Prior
    folders: tuple[str, ...] = ()
    refused: tuple[NotTaken, ...] = ()
    later: tuple[str, ...] = ()
    at: float = 0.0
    lines: int = 0
    discarded: bool = False


class Chain(msgspec.Struct, frozen=True):
    """Of one client, on one side. `held`: what the other side is known to hold; `gone`: places where it is known to hold
    nothing any more. `number`: of the last package made; `told`: digest of what it told besides documents. `anew`: nothing that was acknowledged can be built on: the next
    one holds everything. `earlier`: what packages told that are on their way longer than the last `SENT`. `made`: names of this
    side's own, the last ones: sealed for the other one, they say nothing here."""

    held: dict[str, Content] = {}
    gone: frozenset[str] = frozenset()
    number: int = 0
    acknowledged: Prior | None = None
    sent: tuple[Sent, ...] = ()
    earlier: tuple[Entry, ...] = ()
    received: tuple[Received, ...] = ()
    tree: tuple[Folder, ...] = ()
    anew: bool = False
    told: str = ""
    made: tuple[str, ...] = ()

    @property
    def last(self) -> Received | None:
        """The newest that was integrated here."""
        return max((r for r in self.received if not r.discarded), key=lambda r: r.prior.sequence, default=None)


class Standing(StrEnum):
    """Where a package stands in its order."""

    NEXT = "next"
    REST = "rest"  # integrated in part: the other folders
    REPLAYED = "replayed"
    OLDER = "older"
    GAP = "gap"


def standing(chain: Chain, manifest: Manifest, digest: str) -> Standing:
    last, needed = chain.last, manifest.prerequisite
    done = last.prior.sequence if last is not None else 0
    if last is not None and manifest.sequence == done and digest == last.prior.manifest:
        return Standing.REST if last.folders else Standing.REPLAYED
    if any(r.prior.manifest == digest and not r.discarded for r in chain.received):
        return Standing.REPLAYED
    if manifest.sequence <= done:
        return Standing.OLDER
    if needed is not None and not manifest.full and not _has(chain, needed, done):
        return Standing.GAP
    return Standing.NEXT


def _has(chain: Chain, needed: Prior, done: int) -> bool:
    """Whether what the sender builds on was integrated here; older ones are forgotten after a while."""
    if needed.sequence > done:
        return False
    known = {r.prior.sequence: r.prior.manifest for r in chain.received if not r.discarded}
    return known.get(needed.sequence, needed.manifest) == needed.manifest


def difference(chain: Chain, here: Mapping[str, Mine], unknown: Collection[str], *, full: bool) -> list[Entry]:
    """What the other side does not have, or may not have, by path. `unknown`: folders that could not be looked at: nothing is
    said of what lies there. `full`: every document, as if nothing of it were held there."""
    held, told = chain.held, _pending(chain)
    entries, new = list[Entry](), dict[str, Mine]()
    for path, mine in here.items():
        if not full and held.get(path) == mine.content and path not in told:
            continue  # nearly all of them
        may = [*told.get(path, ()), held.get(path)]  # what may lie there, the likeliest first
        if full or path in told or held.get(path) is not None:
            if full or any(content != mine.content for content in may):
                base = None if full or held.get(path) is None else next(c for c in may if c is not None)
                entries.append(_carried(path, mine, base))
        else:
            new[path] = mine
    missing = [p for p in {*held, *told} if p not in here]
    stays = {paths.key(p) for p in here} if missing else set()  # a new spelling of the very place is no deletion of it
    gone = dict[str, Content]()
    for path in missing:
        content = next((c for c in (*told.get(path, ()), held.get(path)) if c is not None), None)
        if content is not None and paths.key(path) not in stays and not _below(path, unknown):
            gone[path] = content
    for path, source in _moves({p: c for p, c in gone.items() if p not in told}, new).items():
        mine = new.pop(path)
        content = gone.pop(source)
        entries.append(
            Entry(Change.MOVE, path, source, content.hex, content.hex, content.size, date(mine.at), mine.doc)
        )
    entries += [_carried(path, mine, None) for path, mine in new.items()]
    entries += [Entry(Change.DELETE, p, base=c.hex) for p, c in gone.items()]
    return sorted(entries, key=lambda e: e.path)


def _pending(chain: Chain) -> dict[str, list[Content | None]]:
    """What was told and is not acknowledged, by place, the last first: the other side may hold any of it by now."""
    found = defaultdict[str, list[Content | None]](list)
    for e in (*(e for one in reversed(chain.sent) for e in one.entries), *chain.earlier):
        if e.source:
            found[e.source].append(None)
        found[e.path].append(e.content)
    return dict(found)


def places(chain: Chain) -> set[str]:
    """Where the other side holds something, or may by now."""
    return {*chain.held, *_pending(chain)}


def _carried(path: str, mine: Mine, base: Content | None) -> Entry:
    change = Change.ADD if base is None else Change.UPDATE
    told = base.hex if base is not None else ""
    return Entry(change, path, "", told, mine.content.hex, mine.content.size, date(mine.at), mine.doc)


def _below(path: str, folders: Collection[str]) -> bool:
    return any(paths.is_below(paths.key(path), paths.key(f)) for f in folders)


def _moves(gone: Held, new: Mapping[str, Mine]) -> dict[str, str]:
    """By new place the old one: only where the content says it alone."""
    old, now = defaultdict[Content, list[str]](list), defaultdict[Content, list[str]](list)
    for path, content in gone.items():
        old[content].append(path)
    for path, mine in new.items():
        now[mine.content].append(path)
    found = {now[c][0]: old[c][0] for c in now if c.size and len(now[c]) == 1 and len(old.get(c, ())) == 1}
    return {p: s for p, s in found.items() if paths.key(p) != paths.key(s)}


def told(chain: Chain, tree: tuple[Folder, ...], kept: Collection[Receipt] = ()) -> str:
    """What a package tells besides documents: acknowledgements and the client's tree. `kept`: acknowledgements that it does not tell."""
    says = tuple(r for r in _receipts(chain, 1) if r not in kept)
    return hashlib.sha256(msgspec.json.encode((says, tree), order="deterministic")).hexdigest()


def sent(chain: Chain, manifest: Manifest, digest: str, file: str) -> Chain:
    """After it was made, before anybody can have it."""
    prior = Prior(manifest.sequence, digest, manifest.created)
    on_their_way = (*chain.sent, Sent(prior, manifest.entries, (), file))
    forgotten = on_their_way[:-SENT]
    kept = [r for r in receipts(chain) if r not in manifest.receipts]
    return replace(
        chain,
        number=manifest.sequence,
        anew=False,
        told=told(chain, manifest.tree, kept),
        made=(*chain.made, file)[-MADE:],
        sent=on_their_way[-SENT:],
        earlier=_each_once([*(e for one in reversed(forgotten) for e in one.entries), *chain.earlier]),
    )


def _each_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """One of those that say the same, the last that was told; most were told again with each package."""
    found = dict[tuple[str, str, str], Entry]()
    for e in entries:
        found.setdefault((e.path, e.source, e.sha256), e)
    return tuple(found.values())


def receipts(chain: Chain) -> tuple[Receipt, ...]:
    """Of what was integrated here last."""
    return _receipts(chain, 0)


def _receipts(chain: Chain, least: int) -> tuple[Receipt, ...]:
    done = sorted((r for r in chain.received if not r.discarded and r.lines >= least), key=lambda r: r.prior.sequence)
    return tuple(Receipt(r.prior.sequence, r.prior.manifest, r.folders, r.refused, r.later) for r in done[-RECEIPTS:])


def answers(chain: Chain, told: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """Those that say something new of this side's packages."""
    waiting = {(s.prior.sequence, s.prior.manifest): s.known for s in chain.sent}
    found = [r for r in told if (r.sequence, r.manifest) in waiting]
    return tuple(
        r for r in sorted(found, key=lambda r: r.sequence)
        if not r.folders or r.folders != waiting[r.sequence, r.manifest]
    )  # fmt: skip


def is_far(chain: Chain, told: Iterable[Receipt]) -> bool:
    """Whether it acknowledges what this side cannot have made, even before it was put back from a backup."""
    return any(r.sequence > chain.number + AHEAD for r in told)


def acknowledge(chain: Chain, told: Iterable[Receipt]) -> Chain:
    """What the other side says that it has integrated. A number that this side never reached: it was put back from a
    backup, and begins anew above it."""
    for receipt in sorted(told, key=lambda r: r.sequence):
        mine = next((s for s in chain.sent if s.prior.sequence == receipt.sequence), None)
        if receipt.sequence > chain.number:
            chain = replace(chain, number=receipt.sequence, anew=True)
        elif mine is not None and mine.prior.manifest == receipt.manifest:
            chain = _acknowledged(chain, mine, receipt)
        elif mine is not None:
            chain = replace(chain, anew=True)
    return chain


def _acknowledged(chain: Chain, mine: Sent, receipt: Receipt) -> Chain:
    later = set(receipt.later)
    now = [
        e for e in mine.entries
        if _chosen(e, receipt.folders) and not (mine.known and _chosen(e, mine.known)) and e.path not in later
    ]  # fmt: skip
    held, gone = _holding(chain, now)
    newer_ones = tuple(s for s in chain.sent if s.prior.sequence > mine.prior.sequence)
    rest = (replace(mine, known=receipt.folders), *newer_ones) if receipt.folders else newer_ones
    newer = chain.acknowledged is None or mine.prior.sequence >= chain.acknowledged.sequence
    return replace(
        chain, held=held, gone=gone, sent=rest, earlier=(), acknowledged=mine.prior if newer else chain.acknowledged
    )


def _holding(chain: Chain, entries: Iterable[Entry]) -> tuple[dict[str, Content], frozenset[str]]:
    """What the other side holds, and does not, after these."""
    held, gone = dict(chain.held), set(chain.gone)
    for e in entries:
        for left in (e.source, e.path if e.content is None else ""):
            if left:
                held.pop(left, None)
                gone.add(left)
        if (content := e.content) is not None:
            held[e.path] = content
            gone.discard(e.path)
    return held, frozenset(gone)


def is_known(chain: Chain, e: Entry) -> bool:
    """Whether this side has dealt with the very change: a package tells it until it is acknowledged."""
    if e.source and e.source not in chain.gone:
        return False
    return e.path in chain.gone if e.content is None else chain.held.get(e.path) == e.content


def _chosen(e: Entry, folders: Collection[str]) -> bool:
    return not folders or _below(e.path, folders)


def chosen(entries: Iterable[Entry], folders: Collection[str]) -> list[Entry]:
    """Those of the folders; all where none is named."""
    return [e for e in entries if _chosen(e, folders)]


class Outcome(msgspec.Struct, frozen=True):
    """How a package was dealt with. `taken`: lines that are so here now, or about which this side has decided. `folders`: the
    chosen ones, all when empty."""

    taken: tuple[Entry, ...]
    folders: tuple[str, ...] = ()
    refused: tuple[NotTaken, ...] = ()
    later: tuple[str, ...] = ()
    at: float = 0.0


def integrated(chain: Chain, manifest: Manifest, prior: Prior, done: Outcome) -> Chain:
    held, gone = _holding(chain, done.taken)
    folders, refused, later = done.folders, done.refused, done.later
    before = next((r for r in chain.received if r.prior.manifest == prior.manifest and not r.discarded), None)
    if before is not None:
        folders = tuple(dict.fromkeys([*before.folders, *folders])) if folders else ()
        refused, later = (*before.refused, *refused), (*before.later, *later)
    others = tuple(r for r in chain.received if r.prior.manifest != prior.manifest)[-4 * RECEIPTS :]
    now = Received(prior, folders, refused, later, done.at, len(manifest.entries))
    return replace(chain, held=held, gone=gone, received=(*others, now), tree=manifest.tree or chain.tree)


def discarded(chain: Chain, prior: Prior, at: float) -> Chain:
    """Somebody threw it away; the next one holds what was in it."""
    thrown = Received(prior, at=at, discarded=True)
    return replace(chain, received=(*chain.received[-4 * RECEIPTS :], thrown))
