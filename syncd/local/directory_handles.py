"""The directories of the mirror that a batch works in, each opened once, from the root down (ADR 13)."""

from __future__ import annotations

import errno
import threading
import time

from syncd.core.paths import DiskPath
from syncd.disk.directory import Directory
from syncd.disk.ownership import Belonging
from syncd.local.directory_fingerprint import ENGINE

TEMP, REPLACED = "tmp", "replaced"
MOST = 200  # open at a time: a process may have a thousand files
LINK_IN_THE_WAY = (errno.ELOOP, errno.ENOTDIR)


class Rooms:
    """Whoever was given a directory may go on with it after `forget`: it is closed when nobody holds it any more.

    What is opened is kept until `forget`, so that a disk which is to go away is not held for long; `passing`: for no
    longer than that many seconds, after which a folder may lie elsewhere.
    """

    def __init__(self, root: str, passing: float = 0.0) -> None:
        self._root, self._passing, self._since = root, passing, 0.0
        self._open: dict[tuple[str, ...], Directory] = {}
        self._gives: dict[tuple[str, str], Belonging] = {}
        self._lock = threading.Lock()

    def forget(self) -> None:
        with self._lock:
            self._open, self._gives = {}, {}

    def root(self) -> Directory:
        if self._passing and self._open and time.monotonic() - self._since > self._passing:
            self.forget()
        return self._open.get(()) or self._keep((), Directory.at(self._root))

    def client(self, client: str) -> Directory:
        return self._open.get((client,)) or self._keep((client,), self.root().open(client))

    def folder(self, client: str, disk: DiskPath) -> Directory:
        """A folder of a client's; '': the client's own directory."""
        if self._passing:
            self.root()
        if not disk:
            return self.client(client)
        return self._open.get((client, disk)) or self._keep((client, disk), self.client(client).open(disk))

    def own(self, client: str, name: str, *, make: bool = True) -> Directory:
        """One of the engine's directories in a client's. FileNotFoundError: there is no such client, and none is made."""
        key = (client, ENGINE, name)
        return self._open.get(key) or self._keep(key, self._own(client, name, make))

    def _own(self, client: str, name: str, make: bool) -> Directory:
        """FileNotFoundError: there is no such client, and none is made."""
        return self.root().own(f"{client}/{ENGINE}", narrow=True).own(name, make=make, narrow=True)

    def gives(self, client: str, disk: DiskPath) -> Belonging:
        """What a document that is made in a folder gets."""
        found = self._gives.get((client, disk))
        if found is None:
            found = self._gives[client, disk] = self.folder(client, disk).gives()
        return found

    def _keep(self, key: tuple[str, ...], found: Directory) -> Directory:
        with self._lock:
            if len(self._open) >= MOST:
                self._open = {}
            if not self._open:
                self._since = time.monotonic()
            return self._open.setdefault(key, found)
