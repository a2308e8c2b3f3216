"""How the places of a mirror are reached: by directories opened from the root down, never out of a client's own (ADR 13)."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from syncd.core import paths
from syncd.core.disk_traits import DiskTraits
from syncd.core.ignore_patterns import Ignore
from syncd.core.paths import NOWHERE, DiskPath
from syncd.disk import durability, traits
from syncd.disk.directory import Directory, NotOurs, OtherDisk
from syncd.local.directory_fingerprint_worker import Looks
from syncd.local.directory_handles import LINK_IN_THE_WAY, Rooms
from syncd.ports.local import ClientStopped, Stale

PASSING = 0.25  # seconds for which folders that documents are read from are held open
LONGEST = 4095  # bytes of a whole path that a program may open
P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound="MirrorAccess")


def of_one_client(
    do: Callable[Concatenate[M, str, P], T],
) -> Callable[Concatenate[M, str, P], T]:
    """What is not as it should be in a client's directory is that client's fault, and said of it."""

    @wraps(do)
    def told(self: M, client: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return do(self, client, *args, **kwargs)
        except OtherDisk as e:
            raise ClientStopped("stop_other_disk", self._said(e), e.strerror or "") from None
        except NotOurs as e:
            raise ClientStopped("stop_not_ours", self._said(e), e.strerror or "") from None

    return told


_NO_PARTS = {"", ".", ".."}


def inside(disk: paths.P) -> tuple[paths.P, str]:
    """Folder and name of something inside a client."""
    if "\0" in disk or not _NO_PARTS.isdisjoint(disk.split("/")):
        raise Stale(f"'{disk}' is not inside the client")
    return paths.parent(disk), paths.name(disk)


class MirrorAccess:
    """`settle`: seconds a document must have been unchanged to be taken. `ahead`: looks that somebody began already."""

    def __init__(self, root: str, ignore: Iterable[str] = (), settle: float = 2.0, ahead: Looks | None = None) -> None:
        self._root, self._ahead = os.path.abspath(root), ahead
        self._ignore = Ignore(ignore)
        self._settle_ns = int(settle * 1e9)
        self._rooms, self._looked = Rooms(self._root), Rooms(self._root, PASSING)
        self._not_synced: set[tuple[str, str]] = set()
        self._named_in: set[tuple[str, str]] = set()  # clients' own directories whose names are to be synced
        self._disk: DiskTraits | None = None

    def _can(self, root: Directory) -> DiskTraits:
        """By its name alone where nobody has asked for it."""
        if self._disk is None:
            self._disk = traits.assumed(root)
        return self._disk

    def _said(self, error: OSError) -> str:
        """Where, from the root down."""
        return os.path.relpath(str(error.filename), self._root).replace(os.sep, "/")

    def rest(self) -> None:
        self._named_in.clear()
        self._not_synced.clear()
        self._rooms.forget()
        self._looked.forget()

    def _make_directories(self, client: str, disk: DiskPath) -> list[Directory]:
        """Every directory on the way, made where missing; those above them."""
        at, way, done = self._rooms.client(client), [], NOWHERE
        for part in disk.split("/"):
            way.append(at)
            with contextlib.suppress(FileExistsError):
                at.make(part)
            done = paths.join(done, part)
            try:
                at = self._rooms.folder(client, done)
            except OSError as e:
                if e.errno in LINK_IN_THE_WAY:
                    raise Stale(f"'{done}' is no directory") from None
                raise
        return way

    def _there(self, client: str, disk: DiskPath) -> tuple[Directory, str]:
        """The folder of something that is there, and its name in it."""
        up, name = inside(disk)
        try:
            return self._rooms.folder(client, up), name
        except FileNotFoundError:
            raise Stale(f"'{disk}' is gone") from None
        except OSError as e:
            if e.errno in LINK_IN_THE_WAY:
                raise Stale(f"'{disk}' lies behind a link, or a document") from None
            raise

    def _to_be(self, client: str, disk: DiskPath) -> tuple[Directory, str]:
        """The folder that something is about to be named in, made durably where it is missing; and the name."""
        up, name = inside(disk)
        self._nameable(client, disk)
        try:
            return self._rooms.folder(client, up), name
        except FileNotFoundError:
            durability.sync_names(self._make_directories(client, up))
        except OSError as e:
            if e.errno not in LINK_IN_THE_WAY:
                raise
        return self._there(client, disk)

    def _nameable(self, client: str, disk: DiskPath) -> None:
        """What people's programs could not open by its whole path is not made, though the engine could."""
        if len(disk) > 500 and len(os.fsencode(f"{self._root}/{client}/{disk}")) > LONGEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), disk)

    def _engines(self, client: str, name: str) -> Directory:
        """One of the engine's directories, in which a name is about to change."""
        self._named_in.add((client, name))
        return self._rooms.own(client, name)
