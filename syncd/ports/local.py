"""The cabinet's file server as the engine sees it. Paths are inside a client's directory unless said otherwise."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from syncd.core.content import Content, Stamp
from syncd.core.disk_traits import DiskTraits
from syncd.core.entry import Known, LocalDoc, LocalFolder, Problem
from syncd.core.folder_rules import ClientRules, Refusal
from syncd.core.paths import NOWHERE, ClientPath, DiskPath
from syncd.ports.remote import Sink, Source

RACY_NS = 2_000_000_000  # what was read sooner after its change may have changed again within the clock's grain


class Stale(Exception):
    """What is there is not what the plan saw, or the name is taken: nothing was done; plan anew."""


class ClientStopped(OSError):
    """Something in a client's directory is not as the engine may use it: that client stops, and nothing was touched.

    `reason`: `stop_not_ours` (a link, or another account's, where the engine's own should be) or `stop_other_disk`.
    `where`: the place, from the root down. An OSError, so that whoever takes one document's failure takes this.
    """

    def __init__(self, reason: str, where: str, why: str) -> None:
        super().__init__(errno.EPERM, why, where)
        self.reason, self.where = reason, where

    def __str__(self) -> str:
        return f"{self.where}: {self.strerror}"


Awaited = Callable[[ClientPath, DiskPath, Stamp], bool]  # path, disk, stamp


def always(path: ClientPath, disk: DiskPath, stamp: Stamp) -> bool:
    """Every document is awaited: read, however large."""
    return True


def never() -> bool:
    """Nobody asks for an end."""
    return False


class Interrupted(Exception):
    """A walk ended early because the run is to end. `changed`: what was read until then, to remember."""

    def __init__(self, changed: dict[DiskPath, Known | None]) -> None:
        self.changed = changed


class Young(msgspec.Struct, gc=False):
    """A document that may still be written to: looked at again after `settle`."""

    path: ClientPath
    disk: DiskPath
    stamp: Stamp


class Scan(msgspec.Struct):
    """One client's directory as it is. `changed` holds what to remember from now on, by `disk`; None: nothing any
    more. `strays`: stats of what lies out of reach.

    `nested`: directories below this client that bear a client's marker. `held`: places of links, of special files, and of
    documents refused unread.
    `locked`: key of a document that somebody has open → who, '' when unknown. `look`: a digest of all that was seen,
    b"" when it must be seen again.
    """

    docs: list[LocalDoc] = msgspec.field(default_factory=list)
    folders: list[LocalFolder] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)
    refusals: list[Refusal] = msgspec.field(default_factory=list)
    notices: list[Refusal] = msgspec.field(default_factory=list)
    young: list[Young] = msgspec.field(default_factory=list)
    changed: dict[DiskPath, Known | None] = msgspec.field(default_factory=dict)
    strays: list[tuple[int, int, DiskPath]] = msgspec.field(default_factory=list)
    nested: list[DiskPath] = msgspec.field(default_factory=list)
    held: list[ClientPath] = msgspec.field(default_factory=list)
    locked: dict[str, str] = msgspec.field(default_factory=dict)
    look: bytes = b""


class ClientDirectory(msgspec.Struct, frozen=True):
    """A directory under the root; `client` is the id its marker bears, '' without marker. `seal`: what the generation
    counts by (core.restored_backups). `fault`: why the marker that is there cannot be read, and the
    `reason` code to stop it by, where there is a better one than its marker; `ignored`: by its name, a directory
    that nobody asks about (`lost+found`), unless it bears a marker.
    """

    name: str
    client: str = ""
    cabinet: str = ""
    generation: int = 0
    seal: str = ""
    fault: str = ""
    reason: str = ""
    ignored: bool = False


class RootMarker(msgspec.Struct, frozen=True):
    cabinet: str
    root: str
    generation: int
    device: int
    seal: str = ""


class ClientMarker(msgspec.Struct, frozen=True):
    """What is written into a client's directory."""

    client: str
    cabinet: str
    code: str
    generation: int = 0
    seal: str = ""


def in_use(error: OSError) -> bool:
    """Windows: another program has the document open (a sharing or lock violation)."""
    return getattr(error, "winerror", None) in (32, 33)


class Placed(msgspec.Struct, frozen=True):
    """A document in place. `kept`: where a save that came in between was kept (a conflict copy), '' if none."""

    stamp: Stamp
    kept: DiskPath = NOWHERE


class Looks(Protocol):
    """How clients' directories look at some moment since it was begun."""

    def same(self, clients: Iterable[str]) -> set[str]:
        """Those of them that look as they did before. Blocks."""
        ...

    def close(self) -> None: ...


class Mirror(Protocol):
    """Never deletes and never renames over a document, and is never led out of a client's directory.

    Raises Stale, OSError (ClientStopped: the whole client's), or MirrorError for the root.
    """

    def root(self, *, any_number: bool = False) -> RootMarker:
        """`any_number`: the ids of a marker whose generation is none, which is 0 then."""
        ...

    def disk(self, known: DiskTraits | None, *, now: float, measure: bool = True) -> DiskTraits:
        """What the root's disk can do, and scans go by from now on: `known`, as long as it is the same disk mounted in the
        same way and was measured within a week; else measured with files of the engine's own, or (not `measure`, or
        nothing can be made there) assumed by its name. Raises MirrorError for the root."""
        ...

    def set_generation(self, root: RootMarker | None, clients: Mapping[str, ClientMarker]) -> dict[str, str]:
        """Write the root's marker (None: it stays as it is) and those of client directories, by name; durable.

        Why not, for each client's that could not be written, or is no longer that client's. OSError: the root's.
        """
        ...

    def clients(self, *, any_number: bool = False) -> list[ClientDirectory]:
        """Every directory below the root, by name; what is wrong with one is said in it. `any_number`: as of the root."""
        ...

    def make_client(self, name: str, marker: ClientMarker, instead: str = "") -> None:
        """Make the directory (or take the existing one, unmarked or marked for `instead`) and mark it. Stale: it is another
        client's.
        """
        ...

    def scan(
        self,
        client: str,
        rules: ClientRules,
        known: dict[DiskPath, Known],
        awaited: Awaited = always,
        stopping: Callable[[], object] = never,
    ) -> Scan:
        """`known`, by `disk`, is used up. `awaited`: asked of a new document too large to be published, whether somebody
        may know it all the same; else it is refused by its size, unread, and its place is `held`.
        `stopping`: asked every few hundred entries, and before each large document. Raises Interrupted once it is true."""
        ...

    def looks(self, before: Mapping[str, bytes]) -> Looks:
        """Begin to look at clients' directories; `before`: how each looked, by its name. To be closed."""
        ...

    def settle(self, client: str, scan: Scan, stopping: Callable[[], object] = never) -> None:
        """Look again at the young documents: unchanged ones are read, the others are `unstable`. Raises Interrupted."""
        ...

    def content(self, client: str, disk: DiskPath) -> Content: ...

    def make_folder(self, client: str, disk: DiskPath) -> int:
        """Make a directory and those above it; its inode. An existing one is fine. Durable after `sync_names`."""
        ...

    def move_folder(self, client: str, disk: DiskPath, to: DiskPath, inode: int) -> int: ...

    def rename(self, client: str, disk: DiskPath, to: DiskPath, expect: Stamp) -> Stamp: ...

    def put_aside(self, client: str, disk: DiskPath, expect: Stamp, content: Content) -> None:
        """Move a document that the portal holds into the engine's own keeping, freeing its name."""
        ...

    def temp(self, client: str, data: bytes, modified: float | None = None, to: DiskPath | None = None) -> str:
        """Write a temporary file of the engine's; not durable before `sync_temps`. `modified`: the date it bears, as far as
        it can be one (core.modified_dates); before it gets its name, so that no edit is ever dated back. `to`: where it is
        to be placed, if nothing is replaced there: what that folder gives it is given while it is open."""
        ...

    def sync_temps(self, temps: Sequence[tuple[str, str]]) -> None:
        """One sync for a batch of (client, temp)."""
        ...

    def place(self, client: str, temp: str, disk: DiskPath) -> Stamp: ...

    def replace(self, client: str, temp: str, disk: DiskPath, expect: Stamp, content: Content, copy: str) -> Placed:
        """Exchange; what comes out is kept, and is checked: not `content` means a save came in between."""
        ...

    def link(self, client: str, disk: DiskPath, to: DiskPath, expect: Stamp) -> None:
        """A second name for a document (its conflict copy)."""
        ...

    def sync_names(self, disks: Sequence[tuple[str, DiskPath]]) -> None:
        """Make the names of a batch of (client, disk) durable."""
        ...

    def drop_temps(self, client: str) -> None: ...

    def drop_temp(self, client: str, temp: str, content: Content) -> None:
        """Drop what arrived and got no name, when nothing of the client's is about to be named; only what holds `content`."""
        ...

    def export(self, client: str, temp: str, to: str, path: ClientPath) -> None:
        """Give a temporary file's bytes the `path` below a directory of somebody's choice, outside the mirror; never over
        anything, never through a link."""
        ...

    def exported(self, to: str, path: ClientPath) -> Content | None:
        """What lies at `path` below that directory; None: nothing."""
        ...

    def kept(self, client: str, older: float) -> list[tuple[str, Stamp, Content]]:
        """The engine's copies of what was replaced, not touched for `older` seconds: name, stamp, what they hold."""
        ...

    def drop_kept(self, client: str, name: str, expect: Stamp) -> None:
        """Drop one such copy, if it is still as it was read."""
        ...

    def stat(self, client: str, disk: DiskPath) -> Stamp | None: ...

    def read(self, client: str, disk: DiskPath, expect: Stamp) -> bytes: ...

    def source(self, client: str, disk: DiskPath, expect: Stamp) -> Source: ...

    def sink(self, client: str, version_id: str) -> tuple[Sink, str]:
        """A resumable temporary file for one version, and its name as `temp` gives it."""
        ...

    def free_bytes(self) -> int: ...

    def rest(self) -> None:
        """A pass has ended: nothing of the disk is held open until the next call, so that it may be taken away."""
        ...
