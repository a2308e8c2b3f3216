"""The portal as it should behave, in memory: the reference that contracts and properties hold the real one to."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from syncd.core import naming, paths, tree_digests
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder, RemoteState
from syncd.core.errors import BadPath
from syncd.core.folder_rules import ClientRules, Direction, FolderRule, refuse, refuse_move
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.inventory import Kept
from syncd.core.paths import ClientPath
from syncd.core.protocol import (
    Answer,
    Caller,
    ChainHead,
    ClientState,
    ClientTree,
    Cursor,
    DocChange,
    FolderChange,
    FolderItem,
    Former,
    GetItem,
    Hello,
    Listing,
    MoveItem,
    Parity,
    PutItem,
    RemoveItem,
    Result,
    Rotten,
    RunSummary,
    Unsound,
    Written,
)
from syncd.ports.remote import Sink, Source, Take


def content_of(data: bytes) -> Content:
    return Content(len(data), hashlib.sha256(data).digest())


@dataclass(slots=True)
class Stored:
    """`versions`: the bytes of each as they lie there, `known`: its id and what it holds, if nothing happened to it."""

    doc: RemoteDoc
    versions: list[bytes]
    known: list[tuple[str, Content]]
    withdrawn: bool = False


@dataclass(slots=True)
class Space:
    """One client's documents and live folders."""

    state: ClientState
    tree: ClientTree
    docs: dict[str, Stored] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    received: set[tuple[str, int]] = field(default_factory=set)

    @property
    def rules(self) -> ClientRules:
        return self.tree.rules(self.state.code)

    def live(self, path: str) -> Stored | None:
        at = paths.key(path)
        found = (s for s in self.docs.values() if s.doc.state is RemoteState.LIVE and paths.key(s.doc.path) == at)
        return next(found, None)

    def folder(self, path: str) -> str | None:
        at = paths.key(path)
        return next((i for i, p in self.folders.items() if paths.key(p) == at), None)


class MemoryPortal:
    """What people do on it, and what every engine of the cabinet sees. Ids count up, so that runs repeat."""

    def __init__(self, cabinet: str = "ca" * 16) -> None:
        self.cabinet, self.spaces = cabinet, dict[str, Space]()
        self.feed: list[tuple[str, str, str]] = []
        self.lease, self.summaries, self.generation = 0, list[RunSummary](), 0
        self.asking = set[str]()  # clients whose companies may only ask for deletions
        self.asked: dict[tuple[str, str], list[dict[str, object]]] = {}  # (client, digest) → the lines of what waits
        self.modified: dict[str, float | None] = {}  # of each version, as it was told
        self.origins: dict[str, str] = {}  # by which way each version came, as it was told
        self.answers: list[Answer] = []  # given on the desk, not told to the engine yet
        self.epoch, self.tags = "e" * 32, ["0" * 32]
        self.look = ("", False)  # the cabinet's colour, and whether it has a logo
        self._ids = itertools.count(1)

    def new_id(self) -> str:
        return f"{next(self._ids):032x}"

    def cursor(self) -> Cursor:
        return Cursor(self.epoch, len(self.feed), self.tags[-1])

    def knows(self, cursor: Cursor) -> bool:
        return cursor.epoch == self.epoch and cursor.seq <= len(self.feed) and self.tags[cursor.seq] == cursor.tag

    def changed(self, kind: str, client: str, obj: str = "") -> None:
        self.feed.append((kind, client, obj))
        self.tags.append(self.new_id())

    # -- people ------------------------------------------------------------------------------------------------------

    def add_client(self, code: str, name: str, folders: Sequence[FolderRule]) -> str:
        client = self.new_id()
        space = Space(ClientState(client, code, name, 1), ClientTree(client, 1, tuple(folders)))
        self.spaces[client] = space
        for rule in folders:
            if space.rules.folder_direction(rule.path) is not Direction.NONE:
                self.make_folder(space, rule.path)
        self.changed("client", client)
        self.changed("relist", client)
        return client

    def make_folder(self, space: Space, path: str) -> str:
        for above in [*paths.ancestors(path), path]:
            if space.folder(above) is None:
                up = space.folder(paths.parent(above))
                folder = self.new_id()
                space.folders[folder] = paths.join(space.folders[up], paths.name(above)) if up else above
                self.changed("folder", space.state.id, folder)
        found = space.folder(path)
        assert found is not None
        return found

    def deposit(self, client: str, path: str, data: bytes, *, by_company: bool = True) -> Result:
        space, path = self.spaces[client], paths.nfc(path)
        live = space.live(path)
        item = PutItem(
            client, path, content_of(data), doc=live.doc.id if live else None, version=live.doc.version if live else 0
        )
        return self.put(item, data, engine=False, by_company=by_company)

    def remove(self, client: str, path: str, by: str = "personne") -> bool:
        stored = self.spaces[client].live(path)
        if stored is not None:
            self.bin(client, stored, by)
        return stored is not None

    def want_back(self, client: str, path: str) -> None:
        """« Reprendre au cabinet »: what was left is delivered again."""
        stored = self.spaces[client].live(path)
        assert stored is not None and stored.doc.left
        stored.doc = replace(stored.doc, left=False)
        self.changed("doc", client, stored.doc.id)

    def restore(self, client: str, doc: str) -> str:
        space = self.spaces[client]
        stored = space.docs[doc]
        path = stored.doc.path

        def taken(candidate: str) -> bool:
            return space.live(candidate) is not None or space.folder(candidate) is not None

        if taken(path):
            path = naming.second_name(path, taken)
        self.make_folder(space, paths.parent(path))
        stored.doc = replace(stored.doc, path=path, state=RemoteState.LIVE, tombstone="", deleted_by="", left=False)
        self.changed("doc", client, doc)
        return path

    def remove_folder(self, client: str, path: str) -> None:
        space = self.spaces[client]
        for stored in list(space.docs.values()):
            if stored.doc.state is RemoteState.LIVE and paths.is_below(paths.key(stored.doc.path), paths.key(path)):
                self.bin(client, stored, "personne")
        for folder, place in list(space.folders.items()):
            if paths.is_below(paths.key(place), paths.key(path)):
                del space.folders[folder]
                self.changed("folder", client, folder)

    # -- rules ---------------------------------------------------------------------------------------------------------

    def bin(self, client: str, stored: Stored, by: str) -> None:
        stored.doc = replace(stored.doc, state=RemoteState.DELETED, tombstone=self.new_id(), deleted_by=by)
        self.changed("doc", client, stored.doc.id)

    def put(self, item: PutItem, data: bytes, *, engine: bool = True, by_company: bool = False) -> Result:
        space = self.spaces.get(item.client)
        if space is None or space.state.closed:
            return Result("refused", "no_right")
        if content_of(data) != item.content:
            return Result("conflict", "damaged")
        held = space.docs.get(item.doc) if item.doc else space.live(item.path)
        if item.doc and (held is None or held.doc.state is not RemoteState.LIVE):
            return Result("conflict", "gone")
        path = held.doc.path if held is not None else item.path
        if refused := self.refuses(space, path, item.content.size, engine):
            return refused
        if held is not None and held.doc.content == item.content:
            return Result("ok", doc=held.doc)
        if held is not None and not item.doc:
            return Result("conflict", "taken")
        if held is not None:
            if held.doc.version != item.version:
                return Result("conflict", "changed")
            earlier = tuple(dict.fromkeys((*held.doc.earlier, held.doc.content.sha256)))
            held.doc = replace(
                held.doc, content=item.content, version=held.doc.version + 1, version_id=self.new_id(), earlier=earlier,
                left=False,
            )  # fmt: skip
            held.versions.append(data)
            held.known.append((held.doc.version_id, item.content))
        else:
            if space.folder(path) is not None or any(space.live(f) for f in paths.ancestors(path)):
                return Result("refused", "name_collision")
            up = space.folders[self.make_folder(space, paths.parent(path))]
            doc = RemoteDoc(
                self.new_id(),
                ClientPath(paths.join(up, paths.name(path))),
                item.content,
                1,
                self.new_id(),
                by_company=by_company or (engine and item.by_company),
            )
            held = space.docs[doc.id] = Stored(doc, [data], [(doc.version_id, item.content)])
        self.modified[held.doc.version_id] = item.modified
        self.origins[held.doc.version_id] = item.origin
        self.changed("doc", item.client, held.doc.id)
        return Result("ok", doc=held.doc)

    def put_folder(self, item: FolderItem) -> Result:
        space = self.spaces.get(item.client)
        if space is None or space.state.closed:
            return Result("refused", "no_right")
        try:
            paths.check(item.path)
        except BadPath as e:
            return Result("refused", e.reason)
        if space.rules.folder_direction(item.path) is Direction.NONE or space.rules.is_withheld(item.path):
            return Result("refused", "no_right")
        if any(space.live(f) is not None for f in [*paths.ancestors(item.path), item.path]):
            return Result("refused", "bad_name")
        folder = self.make_folder(space, item.path)
        return Result("ok", folder=RemoteFolder(folder, ClientPath(space.folders[folder])))

    def refuses(self, space: Space, path: str, size: int, engine: bool) -> Result | None:
        rules = space.rules if engine else replace(space.rules, withheld=frozenset())
        try:
            if paths.check(path) != path or BUILTIN.anywhere(path):
                return Result("refused", "bad_name")
        except BadPath as e:
            return Result("refused", e.reason)
        direction = rules.folder_direction(paths.parent(path))
        if direction is Direction.NONE or (engine and not direction.sends):
            return Result("refused", "no_right")
        if any(naming.windows_fault(part) for part in path.split("/")):
            return Result("refused", "bad_name")
        refusal = refuse(rules, path, size)
        return Result("refused", refusal.reason, refusal.detail) if refusal else None

    def move_doc(self, client: str, doc: str, to: str) -> Result:
        space, to = self.spaces[client], paths.nfc(to)
        stored = space.docs.get(doc)
        if stored is None or stored.doc.state is not RemoteState.LIVE:
            return Result("conflict", "gone")
        other = space.live(to)
        if (
            (other is not None and other is not stored)
            or space.folder(to) is not None
            or space.rules.rule(paths.parent(to)) is None
        ):
            return Result("conflict", "taken")
        if (why := refuse_move(space.rules, stored.doc.path, to)) is not None:
            return Result("refused", why.reason, why.detail)
        up = space.folders[self.make_folder(space, paths.parent(to))]
        stored.doc = replace(stored.doc, path=paths.join(up, paths.name(to)))
        self.changed("doc", client, doc)
        return Result("ok", doc=stored.doc)

    def move_folder(self, client: str, folder: str, to: str) -> Result:
        space, to = self.spaces[client], paths.nfc(to)
        old = space.folders.get(folder)
        if old is None:
            return Result("conflict", "gone")
        if "/" not in old or "/" not in to or space.rules.has(old) or space.rules.rule(to) is None:
            return Result("conflict", "taken")
        other = space.folder(to)
        inside = paths.is_below(paths.key(to), paths.key(old)) and paths.key(to) != paths.key(old)
        if inside or (other is not None and other != folder) or space.live(to) is not None:
            return Result("conflict", "taken")
        up = space.folders[self.make_folder(space, paths.parent(to))]
        to = paths.join(up, paths.name(to))
        for i, place in list(space.folders.items()):
            if paths.is_below(place, old):
                space.folders[i] = paths.rebase(place, old, to)
                self.changed("folder", client, i)
        for stored in space.docs.values():
            if paths.is_below(stored.doc.path, old):
                stored.doc = replace(stored.doc, path=paths.rebase(stored.doc.path, old, to))
                self.changed("doc", client, stored.doc.id)
        return Result("ok")


class MemoryRemote:
    """Keeps to `ports.Remote` over a MemoryPortal."""

    def __init__(self, portal: MemoryPortal) -> None:
        self.portal, self.requests = portal, 0

    async def close(self) -> None:
        pass

    def _seen(self, space: Space, doc: RemoteDoc) -> RemoteDoc:
        if (
            space.rules.is_withheld(paths.parent(doc.path))
            or space.rules.folder_direction(paths.parent(doc.path)) is Direction.NONE
        ):
            return RemoteDoc(doc.id, doc.path, doc.content, doc.version, "", RemoteState.WITHDRAWN)
        return doc

    async def poll(self, caller: Caller, cursor: Cursor, wait: float) -> Cursor:
        """Nobody does anything while somebody waits."""
        self.requests += 1
        return self.portal.cursor()

    async def hello(self, caller: Caller, cursor: Cursor | None) -> Hello:
        self.requests += 1
        portal, now = self.portal, self.portal.cursor()
        if caller.lease:
            portal.lease += 1
            if caller.anew:
                portal.generation = caller.generation
        if cursor is None or not portal.knows(cursor) or (caller.seen is not None and not portal.knows(caller.seen)):
            clients = tuple(s.state for s in portal.spaces.values())
            return Hello(
                portal.cabinet, "Cabinet", 0.0, now, portal.lease, portal.generation, unknown_cursor=cursor is not None,
                clients=clients, colour=portal.look[0], logo=portal.look[1],
            )  # fmt: skip
        docs, folders, relist, states = {}, {}, dict[str, None](), {}
        answers, portal.answers = tuple(portal.answers), []
        for kind, client, obj in portal.feed[cursor.seq :]:
            space = portal.spaces[client]
            if kind == "doc":
                docs[obj] = DocChange(client, self._seen(space, space.docs[obj].doc))
            elif kind == "folder":
                live = obj in space.folders and not space.rules.is_withheld(space.folders[obj])
                folders[obj] = FolderChange(client, RemoteFolder(obj, ClientPath(space.folders.get(obj, ""))), live)
            elif kind == "client":
                states[client] = space.state
            else:
                relist[client] = None
        return Hello(
            portal.cabinet, "Cabinet", 0.0, now, portal.lease, portal.generation, clients=tuple(states.values()),
            docs=tuple(docs.values()), folders=tuple(folders.values()), relist=tuple(relist), answers=answers,
            colour=portal.look[0], logo=portal.look[1],
        )  # fmt: skip

    async def trees(self, clients: Sequence[str]) -> list[ClientTree | Unsound]:
        self.requests += 1
        return [self.portal.spaces[c].tree for c in clients if c in self.portal.spaces]

    async def listings(self, clients: Sequence[str], take: Callable[[Listing | Unsound], None]) -> None:
        self.requests += 1
        for client in clients:
            space = self.portal.spaces[client]
            seen = [self._seen(space, s.doc) for s in space.docs.values()]
            docs = tuple(d for d in seen if d.state is not RemoteState.WITHDRAWN)
            folders = tuple(
                RemoteFolder(i, ClientPath(p)) for i, p in space.folders.items() if not space.rules.is_withheld(p)
            )
            count, digest = tree_digests.listing(docs, folders)
            take(Listing(client, self.portal.cursor().seq, self.portal.epoch, count, digest, docs, folders))

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None] | Unsound:
        self.requests += 1
        space = self.portal.spaces[client]
        return [self._seen(space, space.docs[i].doc) if i in space.docs else None for i in docs]

    def _written(self, before: Cursor, results: Sequence[Result]) -> Written:
        self.requests += 1
        return Written(tuple(results), before, self.portal.cursor())

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        before = self.portal.cursor()
        results = [
            self.portal.put_folder(item) if isinstance(item, FolderItem) else self.portal.put(item, data)
            for item, data in items
        ]
        return self._written(before, results)

    async def put_large(self, item: PutItem, source: Source) -> Written:
        data = b"".join([chunk async for chunk in source.chunks(0)])
        return await self.put([(item, data)])

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        self.requests += 1
        for item in items:
            stored = self.portal.spaces[item.client].docs.get(item.doc) if item.client in self.portal.spaces else None
            data = (
                next((v for v in reversed(stored.versions) if content_of(v) == item.content), None) if stored else None
            )
            if data is not None:
                take(replace(item, modified=self.portal.modified.get(item.version_id)), data)

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        came: list[tuple[GetItem, bytes]] = []
        await self.get([item], lambda given, data: came.append((given, data)))
        for given, data in came:
            sink.dated(given.modified)
            await sink.write(0, data)
        return bool(came)

    async def move(self, items: Sequence[MoveItem]) -> Written:
        before = self.portal.cursor()
        results = []
        for item in items:
            space = self.portal.spaces[item.client]
            place = self._place(space, item)
            if place is None:
                results.append(Result("conflict", "gone"))
            elif place == item.to:
                results.append(Result("ok", doc=space.docs[item.doc].doc if item.doc else None))
            elif place != item.from_path:
                results.append(Result("conflict", "changed"))
            elif item.folder:
                results.append(self.portal.move_folder(item.client, item.folder, item.to))
            else:
                results.append(self.portal.move_doc(item.client, item.doc, item.to))
        return self._written(before, results)

    def _place(self, space: Space, item: MoveItem) -> str | None:
        if item.folder:
            return space.folders.get(item.folder)
        stored = space.docs.get(item.doc)
        return stored.doc.path if stored is not None and stored.doc.state is RemoteState.LIVE else None

    async def remove(self, items: Sequence[RemoveItem]) -> Written:
        before = self.portal.cursor()
        results = []
        for item in items:
            stored = self.portal.spaces[item.client].docs.get(item.doc)
            if stored is None:
                results.append(Result("conflict", "gone"))
                continue
            if stored.doc.state is RemoteState.LIVE:
                if stored.doc.version != item.version:
                    results.append(Result("conflict", "changed"))
                    continue
                if item.company and item.client in self.portal.asking:
                    results.append(Result("refused", "ask_deletion"))
                    continue
                stored.withdrawn = item.withdraw
                by = self.portal.spaces[item.client].state.name if item.company else "synchronisation"
                self.portal.bin(item.client, stored, by)
            results.append(Result("ok", doc=stored.doc))
        return self._written(before, results)

    async def summary(self, summary: RunSummary) -> None:
        self.requests += 1
        if (summary.run, summary.started) not in {(s.run, s.started) for s in self.portal.summaries[-20:]}:
            self.portal.summaries.append(summary)
        kept = {
            (w.client, w.digest): self.portal.asked.get((w.client, w.digest), list(w.actions)) for w in summary.waiting
        }
        for more in summary.lines:
            if (lines := kept.get((more.client, more.digest))) is not None:
                lines += more.actions[len(lines) - more.first :] if more.first <= len(lines) else ()
        self.portal.asked = kept
        self.portal.generation = max(self.portal.generation, summary.generation)
        for receipt in summary.receipts:
            self.portal.spaces[receipt.client].received.add((receipt.doc, receipt.version))
        for note in summary.left:
            stored = self.portal.spaces[note.client].docs.get(note.doc)
            if stored is not None:
                stored.doc = replace(stored.doc, left=note.left)

    async def tree_at(self, client: str, at: float) -> list[Former]:
        raise NotImplementedError("the reference keeps no past")

    def _kept(self, client: str) -> Iterator[tuple[Stored, int, Former]]:
        """Every version of the client's documents that the engine may see, with where its bytes are."""
        space = self.portal.spaces[client]
        for stored in space.docs.values():
            if self._seen(space, stored.doc).state is RemoteState.WITHDRAWN:
                continue
            for n, (version, content) in enumerate(stored.known):
                yield stored, n, Former(stored.doc.id, stored.doc.path, content, n + 1, version)

    async def versions(self, client: str) -> list[Former]:
        self.requests += 1
        return [former for _, _, former in self._kept(client)]

    async def inventory(self, client: str) -> list[Kept]:
        self.requests += 1
        return [
            Kept(
                f.doc, f.path, f.content, f.version, f.version_id, f.version == s.doc.version,
                s.doc.state is RemoteState.DELETED, origin="company" if s.doc.by_company else "engine",
                deleted_by=s.doc.deleted_by, modified=self.portal.modified.get(f.version_id),
            )
            for s, _, f in self._kept(client) if not s.withdrawn
        ]  # fmt: skip

    async def heads(self) -> list[ChainHead]:
        self.requests += 1
        told = [s for s in self.portal.summaries if any(s.counts.values()) or s.exit_code]
        return [ChainHead(s.run, s.ended, s.chain_head) for s in told]

    async def rehash(self, client: str) -> list[Rotten]:
        self.requests += 1
        rotten = []
        for stored, n, former in self._kept(client):
            if content_of(stored.versions[n]) != former.content:
                current = stored.doc.version_id == former.version_id and stored.doc.state is RemoteState.LIVE
                rotten.append(
                    Rotten(former.doc, former.path, former.version_id, former.version, former.content, current)
                )
        return rotten

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        self.requests += 1
        results = []
        for item, data in items:
            kept = {f.version_id: (s, n) for client in self.portal.spaces for s, n, f in self._kept(client)}
            if item.version_id not in kept:
                results.append(Result("conflict", "gone"))
                continue
            stored, n = kept[item.version_id]
            if content_of(data) != stored.known[n][1]:
                results.append(Result("conflict", "damaged"))
                continue
            stored.versions[n] = data
            results.append(Result("ok"))
        return results

    async def parity(self, clients: Sequence[str]) -> list[Parity]:
        self.requests += 1
        out = []
        for client in clients:
            space = self.portal.spaces[client]
            held = [self._seen(space, s.doc) for s in space.docs.values() if s.doc.state is RemoteState.LIVE]
            out.append(
                Parity(
                    client, *tree_digests.documents((d.path, d.content) for d in held if d.state is RemoteState.LIVE)
                )
            )
        return out
