"""A directory outside of the mirror that a person chose to be written into: may it, and for whom."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from syncd.core.words import faults


def there(to: Path) -> Path:
    """`to`, or what of the way to it is there already."""
    return next(p for p in (to, *to.parents) if p.exists())


def may_write(to: Path) -> None:
    """Raises UsageError before anything is fetched."""
    from syncd.core.errors import UsageError
    from syncd.operations import drop_privileges

    found = there(to)
    if os.access(found, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        return
    name = drop_privileges.name()
    raise UsageError(
        faults.MAY_NOT_WRITE.of(account=name, place=found),
        mend=faults.OWN_DIRECTORY.of(account=name, to=to) if os.name == "posix" else faults.OTHER_TO.of(),
    )


@contextlib.contextmanager
def closed(to: Path | None) -> Iterator[None]:
    """What is written into `to` is this account's alone, and its group's where the directory hands its group on."""
    if to is None:
        yield
        return
    shared = there(to).stat().st_mode & stat.S_ISGID
    before = os.umask(0o007 if shared else 0o077)
    try:
        yield
    finally:
        os.umask(before)
