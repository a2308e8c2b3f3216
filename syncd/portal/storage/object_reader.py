"""Reading what lies in an object storage: one object, or pieces of an upload, one behind the other."""

from __future__ import annotations

import bisect
import contextlib
import errno
import io
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from syncd.portal.storage.port import Away, Gone, Staged

if TYPE_CHECKING:
    from obstore.store import AzureStore, S3Store

    Store = S3Store | AzureStore

AHEAD = 4 * 1024 * 1024  # bytes that are fetched at a time
_PIECES = "pieces "


@dataclass(frozen=True, slots=True)
class Piece:
    """An object of which the first `size` bytes count."""

    name: str
    size: int


def staged_as(pieces: Sequence[Piece]) -> Staged:
    """Staged bytes that lie in the storage already, and stay there."""
    return Staged(_PIECES + " ".join(f"{p.size}:{p.name}" for p in pieces))


def pieces_of(staged: Staged) -> list[Piece] | None:
    """None: a file on this disk."""
    if not staged.startswith(_PIECES):
        return None
    parts = (said.partition(":") for said in staged.removeprefix(_PIECES).split())
    return [Piece(name, int(size)) for size, _, name in parts]


def reading(store: Store, pieces: Sequence[Piece], lost: Callable[[], None] | None = None) -> BinaryIO:
    """At the beginning, and seekable; whoever opens it closes it. `lost`: told before Gone is raised of an object that is not there."""
    return io.BufferedReader(_Joined(store, [p for p in pieces if p.size], lost), AHEAD)


class _Joined(io.RawIOBase):
    """Fetched piece by piece, from wherever one seeks to."""

    def __init__(self, store: Store, pieces: Sequence[Piece], lost: Callable[[], None] | None) -> None:
        self._store, self._pieces, self._lost, self._at = store, pieces, lost, 0
        self._begins = list(itertools.accumulate((p.size for p in pieces), initial=0))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._begins[-1])[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, into: Any) -> int:
        import obstore

        n = bisect.bisect_right(self._begins, self._at) - 1
        count = min(len(into), self._begins[n + 1] - self._at) if n < len(self._pieces) else 0
        if count <= 0:
            return 0
        name = self._pieces[n].name
        try:
            with told(name):
                data = obstore.get_range(self._store, name, start=self._at - self._begins[n], length=count)
        except FileNotFoundError:
            if self._lost is None:
                raise
            self._lost()
            raise Gone from None
        into[: len(data)] = memoryview(data)
        self._at += len(data)
        return len(data)


@contextlib.contextmanager
def told(name: str = "") -> Iterator[None]:
    """What the store says is an OSError, as of a disk; that a name is taken passes as it is."""
    from obstore.exceptions import (
        AlreadyExistsError,
        BaseError,
        NotFoundError,
        PermissionDeniedError,
        UnauthenticatedError,
    )

    try:
        yield
    except AlreadyExistsError:
        raise
    except (NotFoundError, FileNotFoundError):  # with pages of what it was asked
        raise FileNotFoundError(errno.ENOENT, "the storage holds no such object", name) from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise PermissionError(errno.EACCES, "the storage refuses the key it was given") from None
    except BaseError as e:
        raise Away(type(e).__name__) from e
