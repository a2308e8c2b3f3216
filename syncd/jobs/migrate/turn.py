"""One client's turn: its directories of the old tree, document by document."""

from __future__ import annotations

import errno
from collections.abc import Sequence

import msgspec

from syncd.core import paths
from syncd.core.client_card import FileKind
from syncd.core.content import Content, Stamp
from syncd.core.entry import RemoteState
from syncd.core.migration.claims import Claim
from syncd.core.migration.placing import Listed, Place, Target, document_of, folder_of, scope_of
from syncd.core.migration.report import ClientReport
from syncd.core.paths import DiskPath
from syncd.core.reasons import Reason
from syncd.core.verdicts import Verdict
from syncd.disk.hashing import Changed, hash_open
from syncd.jobs.migrate.batch import Batch, Coming
from syncd.jobs.migrate.folders import ClientFolders
from syncd.jobs.migrate.tally import Tally
from syncd.jobs.migrate.values import FULL, RESERVE, Ended, Gate, MirrorFailed, Parts, Planned, Tell
from syncd.ports.local import ClientStopped, Stale
from syncd.ports.migration import Copy, OldFolder, Settled, SourceAway
from syncd.ports.state import ClientRow

COPY_OF_FILE, NO_DIRECTORY = "copy_of_file", "no_directory"


class Tree(msgspec.Struct, frozen=True):
    """The old tree of a launch: its `path`, and every directory of it that somebody claims."""

    path: str
    claimed: frozenset[str]


class ClientTurn:
    """`planned`: gathers what a plan shows (`dry`), or says what of it was agreed to; None: nothing was."""

    def __init__(
        self,
        parts: Parts,
        tree: Tree,
        row: ClientRow,
        gate: Gate,
        tell: Tell,
        *,
        planned: Planned | None = None,
        dry: bool = False,
    ) -> None:
        self._parts, self._tree, self._row, self._gate, self._dry = parts, tree, row, gate, dry
        self._planned = planned
        self._tally = Tally(row, parts.now(), tell)
        self._rules = row.rules.rules(row.code) if row.rules is not None else None
        self._scope = scope_of(row.card)
        self._contents: set[bytes] = set()
        self._online: set[bytes] = set()
        self._sizes: set[int] = set()
        self._placed: dict[bytes, DiskPath] = {}
        self._learned = False
        self._folders = ClientFolders(parts.copies, row.dir, set())
        self._batch = Batch(parts, tree.path, row, self._folders)

    def report(self, verdict: Verdict | None = None) -> ClientReport:
        """As far as the turn came. `verdict`: of one that was cut short."""
        return self._tally.report(self._parts.now(), verdict)

    def take(self, claims: Sequence[Claim]) -> None:
        """Everything of the client's. Raises Ended, SourceAway and MirrorFailed once what was copied has its names."""
        if why := self._unavailable():
            for claim in claims:
                self._tally.listed(claim.source, why, "", 0)
            return
        try:
            self._know()
            try:
                for claim in claims:
                    self._claim(claim)
            except (Ended, SourceAway, MirrorFailed):
                self._flush()
                raise
            self._flush()
        except ClientStopped as e:
            self._tally.stopped(e.reason)

    def _unavailable(self) -> str:
        """Why nothing can be taken for this client, '' when it can."""
        row = self._row
        if row.closed:
            return Reason.CLOSED
        if row.card.file is FileKind.COPIE:
            return COPY_OF_FILE
        if not row.dir or row.rules is None:
            return NO_DIRECTORY
        return ""

    def _know(self) -> None:
        """What the client has. Raises ClientStopped."""
        parts, row = self._parts, self._row
        if not self._dry and not parts.copies.begin(row.dir, row.id):
            raise ClientStopped(Reason.STOP_CLIENT_MARKER, row.dir, "its directory does not bear its marker")
        trees = parts.state.trees
        docs = [d for d in trees.remote.load(row.id).docs.values() if d.state is RemoteState.LIVE]
        self._online = {d.content.sha256 for d in docs}
        self._contents |= self._online
        self._sizes |= {d.content.size for d in docs}
        online = {paths.key(d.path) for d in docs}
        self._folders = ClientFolders(parts.copies, row.dir, online)
        self._batch = Batch(parts, self._tree.path, row, self._folders)

    def _learn(self) -> None:
        """What else it has, here: asked once there is something new."""
        if self._learned:
            return
        for known in self._parts.state.trees.local.known(self._row.id).values():
            self._contents.add(known.content.sha256)
            self._sizes.add(known.content.size)
        self._placed = self._parts.memory.placed(self._row.id)
        self._learned = True

    def _claim(self, claim: Claim) -> None:
        settled = self._parts.memory.settled(self._tree.path, claim.source)
        for folder in self._parts.tree.walk(claim.source, self._tree.claimed - {claim.source}):
            self._gate.passes()
            if folder.fault:
                self._tally.refused(folder.path, Reason.UNREADABLE, folder.fault)
                continue
            for name in folder.links:
                self._tally.listed(paths.join(folder.path, name), Reason.LINK)
            assert self._rules is not None
            target = folder_of(claim, self._rules, self._scope, folder.below)
            if isinstance(target, Target):
                self._folder(folder, target, settled)
            elif folder.documents:
                self._tally.listed(_at(folder, target), target.reason, target.detail, len(folder.documents))

    def _folder(self, folder: OldFolder, target: Target, settled: dict[str, Settled]) -> None:
        assert self._rules is not None
        for name, stamp in folder.documents:
            path = paths.join(folder.path, name)
            old = settled.get(path)
            if old is not None and old.client == self._row.id and _same(old.stamp, stamp):
                self._tally.earlier(online=old.sha256 in self._online)
                continue
            self._gate.passes()
            place = document_of(target, self._rules, name, stamp.size)
            if isinstance(place, Place):
                self._document(path, stamp, place)
            elif place.reason == Reason.UNKNOWN_SUPP:
                self._tally.listed(path, place.reason)
            else:
                self._tally.refused(path, place.reason, place.detail, stamp.size)

    # -- one document --------------------------------------------------------------------------------------------------

    def _document(self, path: str, stamp: Stamp, place: Place) -> None:
        if self._dry:
            if self._planned is not None:
                self._planned.add(path, stamp)
            self._tally.would_copy(path, place.path, stamp.size, renamed=place.renamed)
            return
        try:
            self._take(path, stamp, place)
        except (SourceAway, ClientStopped, MirrorFailed):
            raise
        except Stale:
            self._tally.refused(path, Reason.NOT_A_FOLDER, "", stamp.size)
        except FileNotFoundError:
            self._tally.refused(path, Reason.VANISHED, "", stamp.size)
        except Changed:
            self._tally.refused(path, Reason.UNSTABLE, "", stamp.size)
        except OSError as e:
            self._tally.refused(path, Reason.UNREADABLE, e.strerror or str(e), stamp.size)

    def _take(self, path: str, stamp: Stamp, place: Place) -> None:
        self._learn()
        if stamp.size in self._sizes:  # read before anything is copied: it may be there
            content, _ = hash_open(self._parts.tree.read(path, stamp), stamp)
            if self._has(content):
                self._already(path, stamp, content)
                return
        document = self._parts.tree.read(path, stamp)
        copy = self._copied(document, stamp)
        if self._has(copy.content):
            self._parts.copies.drop(self._row.dir, copy.temp)
            self._already(path, stamp, copy.content)
            return
        try:
            name, held = self._folders.name_for(self._folders.on_disk(place.path), copy.content)
        except BaseException:
            self._parts.copies.drop(self._row.dir, copy.temp)
            raise
        if held:
            self._parts.copies.drop(self._row.dir, copy.temp)
            self._already(path, stamp, copy.content, name)
            return
        covered = self._planned is not None and self._planned.has(path, stamp)
        self._folders.add(name)
        self._contents.add(copy.content.sha256)
        self._sizes.add(copy.content.size)
        self._batch.add(Coming(path, stamp, copy.temp, copy.content, place.path, name, place.renamed, covered))
        self._went_on()

    def _copied(self, document: int, stamp: Stamp) -> Copy:
        """Raises MirrorFailed, ClientStopped, and OSError for what is wrong with the document."""
        copies = self._parts.copies
        try:
            if copies.free_bytes() - stamp.size < RESERVE:
                raise MirrorFailed(errno.ENOSPC, "no room")
            return copies.copy(self._row.dir, document, stamp)
        except MirrorFailed:
            raise
        except FileNotFoundError:
            raise ClientStopped(Reason.STOP_CLIENT_DIRECTORY, self._row.dir, "it is gone") from None
        except OSError as e:
            if e.errno in FULL:
                raise MirrorFailed(e.errno, e.strerror or "") from None
            raise

    def _has(self, content: Content) -> bool:
        """Wherever a pass saw it, or where a migration placed it since. What somebody moved in between comes a second time
        rather than never: they may as well have removed it.
        """
        if content.sha256 in self._contents:
            return True
        at = self._placed.get(content.sha256)  # placed earlier, and not seen by a pass yet
        return at is not None and self._parts.copies.size(self._row.dir, at) == content.size

    def _already(self, path: str, stamp: Stamp, content: Content, placed: str = "") -> None:
        self._batch.settle(Settled(path, stamp, self._row.id, content.sha256, placed))
        self._contents.add(content.sha256)
        self._tally.already(path, content, online=content.sha256 in self._online)
        self._went_on()

    def _went_on(self) -> None:
        self._gate.taken += 1
        if self._batch.full:
            self._flush()

    def _flush(self) -> None:
        """Raises MirrorFailed, ClientStopped: none of what was on its way has a name then, and the next launch takes it."""
        if self._dry:
            return
        try:
            placed, failed = self._batch.flush()
        except ClientStopped:
            raise
        except OSError as e:
            raise MirrorFailed(e.errno, e.strerror or str(e)) from None
        for one in placed:
            self._tally.copied(one.source, one.path, one.content, renamed=one.renamed)
        for one, why in failed:
            self._contents.discard(one.content.sha256)
            reason = Reason.TOO_LONG if why.errno == errno.ENAMETOOLONG else Reason.FAILED
            self._tally.refused(one.source, reason, why.strerror or "", one.content.size)


def _same(was: Stamp, now: Stamp) -> bool:
    """Whether it need not be read again. The inode says nothing: an old tree may be mounted anew."""
    return (was.size, was.mtime_ns, was.ctime_ns) == (now.size, now.mtime_ns, now.ctime_ns)


def _at(folder: OldFolder, listed: Listed) -> str:
    """The place in the old tree that is the reason."""
    root = folder.path[: len(folder.path) - len(folder.below)].rstrip("/")
    return paths.join(root, listed.at) if listed.at else folder.path
