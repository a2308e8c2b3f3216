"""One client's turn: its directories of the old tree, document by document."""

from __future__ import annotations

import errno
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from syncd.core import paths
from syncd.core.client_classification import FileKind
from syncd.core.content import Content, Stamp
from syncd.core.entry import RemoteState
from syncd.core.migration.claims import Claim
from syncd.core.migration.placing import Listed, Place, Target, document_of, folder_of, scope_of
from syncd.core.migration.report import ClientReport
from syncd.core.no_room import no_room
from syncd.core.origins import Origin
from syncd.core.paths import DiskPath, printable
from syncd.core.reasons import Reason
from syncd.core.verdicts import Verdict
from syncd.disk.hashing import Changed, hash_open
from syncd.jobs.migrate.batch import Batch, Coming
from syncd.jobs.migrate.folders import ClientFolders
from syncd.jobs.migrate.tally import Tally
from syncd.jobs.migrate.values import RESERVE, Ended, Gate, MirrorFailed, Parts, Planned, Tell
from syncd.ports.local import ClientStopped, Stale
from syncd.ports.migration import Copy, Dealt, Look, OldFolder, Settled, SourceAway
from syncd.ports.state import ClientRow

RECORDED = 1000  # of what goes nowhere in one claimed directory: where it is more, it is walked again each time
DECIDED = 1  # grows when the same documents and rules come to something else
COPY_OF_FILE, NO_DIRECTORY = "copy_of_file", "no_directory"
OF_A_NAME = {errno.ENAMETOOLONG: Reason.TOO_LONG, errno.ENOTDIR: Reason.NOT_A_FOLDER}


class Tree(msgspec.Struct, frozen=True):
    """The old tree of a launch: its `path`, and every directory of it that somebody claims."""

    path: str
    claimed: frozenset[str]


class Record:
    """What comes of one claimed directory, so that it need not be walked again. `sound`: all of it can be said so."""

    def __init__(self) -> None:
        self.sound = True
        self._digests: list[bytes] = []
        self._refused: list[tuple[str, str, str, int]] = []
        self._listed: Counter[tuple[str, str, str]] = Counter()

    def settled(self, sha256: bytes) -> None:
        self._digests.append(sha256)

    def refused(self, path: str, reason: str, detail: str, size: int) -> None:
        self._refused.append((printable(path), reason, detail, size))

    def listed(self, at: str, reason: str, detail: str, documents: int) -> None:
        self._listed[printable(at), reason, detail] += documents

    def dealt(self) -> Dealt | None:
        if not self.sound or len(self._refused) + len(self._listed) > RECORDED:
            return None
        listed = tuple((*key, n) for key, n in self._listed.items())
        return Dealt(b"".join(self._digests), tuple(self._refused), listed)


class ClientTurn:
    """`planned`: gathers what a plan shows (`dry`), or says what of it was agreed to; None: nothing was. `looks`: of directories that
    were dealt with whole."""

    def __init__(
        self,
        parts: Parts,
        tree: Tree,
        row: ClientRow,
        gate: Gate,
        tell: Tell,
        *,
        planned: Planned | None = None,
        looks: Mapping[str, Look] = {},
        dry: bool = False,
    ) -> None:
        self._parts, self._tree, self._row, self._gate, self._dry = parts, tree, row, gate, dry
        self._planned, self._looks = planned, looks
        self._tally = Tally(row, parts.now(), tell)
        self._rules = row.rules.rules(row.code) if row.rules is not None else None
        self._scope = scope_of(row.card)
        self._contents: set[bytes] = set()
        self._online: set[bytes] = set()
        self._sizes: set[int] = set()
        self._placed: dict[bytes, DiskPath] = {}
        self._learned = False
        self._record = Record()
        self._dealt: dict[str, tuple[bytes, bytes, Record]] = {}
        self._folders = ClientFolders(parts.copies, row.dir, set())
        self._batch = Batch(parts, tree.path, row, self._folders)

    def report(self, verdict: Verdict | None = None) -> ClientReport:
        """As far as the turn came. `verdict`: of one that was cut short."""
        return self._tally.report(self._parts.now(), verdict, self._late())

    def _late(self) -> int:
        """How many documents lie where a launch placed them, and were never online: it ended before its pass."""
        absent = set(self._tally.absent)
        if not absent:
            return 0
        placed = self._parts.memory.placed(self._row.id)
        waiting = [sha256 for sha256 in absent if sha256 in placed]
        had = self._parts.state.trees.contents.had(self._row.id, waiting)
        try:
            return sum(self._lies(placed[sha256]) for sha256 in waiting if sha256 not in had)
        except OSError:  # said elsewhere
            return 0

    def _lies(self, at: DiskPath) -> bool:
        return self._parts.copies.size(self._row.dir, at) is not None

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
                self._remember()
                raise
            self._flush()
            self._remember()
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
        """What the client has online. Raises ClientStopped."""
        parts, row = self._parts, self._row
        if not self._dry and not parts.copies.begin(row.dir, row.id):
            raise ClientStopped(Reason.STOP_CLIENT_MARKER, row.dir, "its directory does not bear its marker")
        self._online = parts.state.trees.remote.live_contents(row.id)

    def _learn(self) -> None:
        """What else is known of it, and what it has here: asked once there is something new."""
        if self._learned:
            return
        parts, row = self._parts, self._row
        docs = [d for d in parts.state.trees.remote.load(row.id).docs.values() if d.state is RemoteState.LIVE]
        self._contents |= {d.content.sha256 for d in docs}
        self._sizes |= {d.content.size for d in docs}
        self._folders = ClientFolders(parts.copies, row.dir, {paths.key(d.path) for d in docs})
        self._batch = Batch(parts, self._tree.path, row, self._folders)
        for known in self._parts.state.trees.local.known(self._row.id).values():
            self._contents.add(known.content.sha256)
            self._sizes.add(known.content.size)
        self._placed = parts.memory.placed(row.id)
        for arrival in parts.state.arrivals.open(Origin.SCANNER, row.id):  # what the robot brought, and no pass saw yet
            self._placed[arrival.content.sha256] = DiskPath(arrival.path)
            self._sizes.add(arrival.content.size)
        self._learned = True

    def _claim(self, claim: Claim) -> None:
        by = self._by(claim)
        known = self._looks.get(claim.source)
        if known is not None and known.by == by and self._parts.tree.same(claim.source):
            self._gate.passes()
            self._tally.again(known.dealt, self._online)
            return
        self._record = Record()
        self._walk(claim)
        if look := self._parts.tree.look(claim.source):
            self._dealt[claim.source] = (look, by, self._record)

    def _by(self, claim: Claim) -> bytes:
        """All that decides where documents of a directory go, but what they are."""
        named = [claim.source, *sorted(one for one in self._tree.claimed if one.startswith(f"{claim.source}/"))]
        decided = (DECIDED, self._row.id, self._rules, self._scope, claim.folder, claim.exercise, claim.chosen)
        seen = hashlib.blake2b(msgspec.json.encode(decided, order="deterministic"), digest_size=16)
        seen.update("\0".join(named).encode("utf-8", "surrogatepass"))
        return seen.digest()

    def _remember(self) -> None:
        """Directories of which all was dealt with."""
        if self._dry:
            return
        found = {
            source: Look(look, by, dealt)
            for source, (look, by, record) in self._dealt.items()
            if (dealt := record.dealt()) is not None
        }
        self._parts.memory.remember(self._tree.path, found)

    def _walk(self, claim: Claim) -> None:
        settled = self._parts.memory.settled(self._tree.path, claim.source)
        for folder in self._parts.tree.walk(claim.source, self._tree.claimed - {claim.source}):
            self._gate.passes()
            if folder.fault:
                self._record.sound = False
                self._tally.refused(folder.path, Reason.UNREADABLE, folder.fault)
                continue
            for name in folder.links:
                self._listed(paths.join(folder.path, name), Reason.LINK)
            assert self._rules is not None
            target = folder_of(claim, self._rules, self._scope, folder.below)
            if isinstance(target, Target):
                self._folder(folder, target, settled)
            elif folder.documents:
                self._listed(_at(folder, target), target.reason, target.detail, len(folder.documents))

    def _listed(self, at: str, reason: str, detail: str = "", documents: int = 1) -> None:
        self._record.listed(at, reason, detail, documents)
        self._tally.listed(at, reason, detail, documents)

    def _folder(self, folder: OldFolder, target: Target, settled: dict[str, Settled]) -> None:
        assert self._rules is not None
        for name, stamp in folder.documents:
            path = paths.join(folder.path, name)
            old = settled.get(path)
            if old is not None and old.client == self._row.id and _same(old.stamp, stamp):
                self._record.settled(old.sha256)
                self._tally.earlier(old.sha256, online=old.sha256 in self._online)
                continue
            self._gate.passes()
            place = document_of(target, self._rules, name, stamp.size)
            if isinstance(place, Place):
                self._document(path, stamp, place)
            elif place.reason == Reason.UNKNOWN_SUPP:
                self._listed(path, place.reason)
            else:
                self._record.refused(path, place.reason, place.detail, stamp.size)
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
            self._failed(path, Reason.NOT_A_FOLDER, "", stamp)
        except FileNotFoundError:
            self._failed(path, Reason.VANISHED, "", stamp)
        except Changed:
            self._failed(path, Reason.UNSTABLE, "", stamp)
        except OSError as e:
            self._failed(path, Reason.UNREADABLE, e.strerror or str(e), stamp)

    def _failed(self, path: str, reason: str, detail: str, stamp: Stamp) -> None:
        """Another time it may go."""
        self._record.sound = False
        self._tally.refused(path, reason, detail, stamp.size)

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
        self._record.settled(copy.content.sha256)
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
            if no_room(e):
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
        self._record.settled(content.sha256)
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
            self._forget()
            reason = OF_A_NAME.get(why.errno or 0, Reason.FAILED)
            self._tally.refused(one.source, reason, why.strerror or "", one.content.size)

    def _forget(self) -> None:
        """One of those that were on their way got no name, in whichever directory it lies."""
        for record in (self._record, *(record for _, _, record in self._dealt.values())):
            record.sound = False


def _same(was: Stamp, now: Stamp) -> bool:
    """Whether it need not be read again. The inode says nothing: an old tree may be mounted anew."""
    return (was.size, was.mtime_ns, was.ctime_ns) == (now.size, now.mtime_ns, now.ctime_ns)


def _at(folder: OldFolder, listed: Listed) -> str:
    """The place in the old tree that is the reason."""
    root = folder.path[: len(folder.path) - len(folder.below)].rstrip("/")
    return paths.join(root, listed.at) if listed.at else folder.path
