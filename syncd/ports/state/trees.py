"""The three trees of each client (what is here, what is online, what both agreed on), and whose contents are whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, Known, RemoteDoc, RemoteFolder
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.snapshot import Base, Remote


class LocalTreeStore(Protocol):
    """Documents as the last scan saw them."""

    def known(self, client: str) -> dict[DiskPath, Known]:
        """By the name on disk."""
        ...

    def observe(self, client: str, changed: Mapping[DiskPath, Known | None]) -> None:
        """By the name on disk; None: nothing is known of it any more."""
        ...

    def find_inode(self, inode: int, size: int, not_client: str) -> list[tuple[str, DiskPath, bytes]]:
        """(client directory, disk, SHA-256) of documents seen in other clients' directories."""
        ...


class RemoteTreeStore(Protocol):
    """Documents and folders as the portal last said them."""

    def load(self, client: str, but: Collection[str] = ()) -> Remote:
        """`but`: ids of documents that are not wanted."""
        ...

    def put(self, client: str, doc: RemoteDoc) -> None: ...

    def put_folder(self, client: str, folder: RemoteFolder, live: bool) -> None: ...

    def replace(self, client: str, docs: Iterable[RemoteDoc], folders: Iterable[RemoteFolder]) -> None:
        """A complete listing takes the place of all that was observed of the client."""
        ...

    def keys(self, client: str) -> set[str]:
        """Keys of the paths of the client's documents online, as far as observed."""
        ...

    def live_contents(self, client: str) -> set[bytes]:
        """SHA-256 of the client's live documents as they are now, as far as observed."""
        ...

    def contents(self, client: str) -> set[bytes]:
        """SHA-256 of every version of the client's live documents, as far as observed."""
        ...


class BaseTreeStore(Protocol):
    """What both sides agreed on."""

    def load(self, client: str, but: Collection[str] = ()) -> Base:
        """`but`: ids of documents that are not wanted."""
        ...

    def put(self, client: str, doc: BaseDoc, *, over: str = "") -> None:
        """`over`: id of a document whose place this one takes."""
        ...

    def forget(self, client: str, doc: str) -> None: ...

    def ending(self, endings: Sequence[str]) -> list[tuple[str, BaseDoc]]:
        """(client, document) of those here and online whose names end so, in lower or upper case; of every client."""
        ...

    def left(self) -> frozenset[str]:
        """Ids of documents that were left online."""
        ...

    def wanted_again(self, client: str, doc: str) -> bool:
        """A document that was left online and is asked for has no base any more. Whether it is one."""
        ...

    def put_folder(self, client: str, folder: BaseFolder) -> None: ...

    def forget_folder(self, folder: str) -> None: ...

    def folder_places(self, client: str) -> set[tuple[DiskPath, int]]:
        """(disk, inode) of the base's folders."""
        ...

    def totals(self) -> dict[str, int]:
        """How many documents are here and online, by client."""
        ...


class ContentStore(Protocol):
    """Whose contents are whose: the memory of the guard `other_client` (RULES 5)."""

    def add(self, client: str, content: Content) -> None:
        """The client had this content: `elsewhere` says so of it for a long time, whatever becomes of it."""
        ...

    def elsewhere(self, contents: Iterable[bytes], not_client: str) -> set[bytes]:
        """Which of these SHA-256 are another client's: held now, set aside, or lately held."""
        ...

    def had(self, client: str, contents: Iterable[bytes]) -> set[bytes]:
        """Which of these SHA-256 the client has online, or had lately."""
        ...

    def agreed(self, client: str, content: Content) -> bool:
        """Whether both sides hold this content as a document of the client's: the portal has answered for it."""
        ...

    def doubt(self, client: str, contents: Iterable[bytes]) -> None:
        """These SHA-256 were held back as another client's."""
        ...

    def doubted(self, client: str) -> frozenset[bytes]:
        """Those that were held back, and did not go online since."""
        ...

    def undoubt(self, client: str, sha256: bytes) -> None: ...

    def forget(self, days: float = 400.0) -> None:
        """What clients had, or what was doubted, longer ago."""
        ...


class TreeStore(Protocol):
    @property
    def local(self) -> LocalTreeStore: ...

    @property
    def remote(self) -> RemoteTreeStore: ...

    @property
    def base(self) -> BaseTreeStore: ...

    @property
    def contents(self) -> ContentStore: ...

    def settled(self, client: str) -> Iterator[tuple[str, DiskPath, ClientPath]]:
        """(id, name on disk, path) of documents that are as agreed on both sides, as far as was ever seen."""
        ...

    def unlisted(self, client: str) -> list[str]:
        """Ids of base documents that the portal said nothing of."""
        ...

    def move_folder(self, client: str, folder: str, new: ClientPath, new_disk: DiskPath, *, online: ClientPath) -> None:
        """Base, local observations and set-asides below a moved folder follow it. `online`: where it was online until our
        own move, so what was observed there follows too; '' for a move *followed* here, which was observed already."""
        ...

    def awaits(self, client: str, disk: DiskPath, stamp: Stamp) -> bool:
        """Whether a document that is new at `disk` may be one that is known: by its place, its inode or its size, of
        what was seen or agreed here, set aside, or is online. May be asked in a thread."""
        ...
