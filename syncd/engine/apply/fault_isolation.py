"""What one client's directory does to a call that is about many stays with that client."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from typing import TypeVar

from syncd.ports.local import Stale

# What is wrong at a place, and not with the disk that holds everybody's.
_PLACE = {
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.EXDEV, errno.ENXIO,
    errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTEMPTY,
}  # fmt: skip

Name = TypeVar("Name", bound=str)  # of a temporary file, or a path on the disk


def of_a_place(error: OSError) -> bool:
    """Whether it is one directory's matter: else the disk fails, and with it the run."""
    return error.errno in _PLACE or error.errno is None


def synced(sync: Callable[[Sequence[tuple[str, Name]]], None], batch: Sequence[tuple[str, Name]]) -> dict[str, str]:
    """Sync a batch of (client, name) that becomes durable together; where that fails, each client's by itself.

    Why not, by client. Raises OSError when it is the disk that fails: nothing of the batch may count as done.
    """
    try:
        sync(batch)
        return {}
    except (OSError, Stale) as e:
        if isinstance(e, OSError) and not of_a_place(e):
            raise
    faults: dict[str, str] = {}
    for client in dict.fromkeys(client for client, _ in batch):
        try:
            sync([one for one in batch if one[0] == client])
        except Stale as e:
            faults[client] = str(e)
        except OSError as e:
            if not of_a_place(e):
                raise
            faults[client] = e.strerror or str(e)
    return faults
