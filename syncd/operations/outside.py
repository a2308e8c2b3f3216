"""A directory outside of the mirror that a person chose to be written into: may it, and for whom."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.core.words import faults

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.words.phrase import Sentence


def there(to: Path) -> Path:
    """`to`, or what of the way to it is there already."""
    return next(p for p in (to, *to.parents) if p.exists())


def outside(config: Config, to: Path, *, mend: Sentence | None = None, writes: bool = True) -> Path:
    """Absolute. Raises UsageError where it lies in what is the mirror's or syncd's own, by whatever way, or may not be written.
    `writes`: whether anything is to be written there now."""
    from syncd.core.errors import UsageError

    to, mirror = to.absolute(), config.mirror
    for what, own in (("root", mirror.root), ("state", mirror.state), ("logs", mirror.logs)):
        if within(to, own):
            said = (
                faults.IN_MIRROR.of(to=to)
                if what == "root"
                else faults.TO_SYNCDS_OWN.of(to=to, what=f"[mirror] {what}")
            )
            raise UsageError(said, mend=mend or faults.OTHER_TO.of())
    if writes:
        may_write(to)
    return to


def within(to: Path, own: Path | str) -> bool:
    """Whether it lies there, with whatever links on the way."""
    real, held = to.resolve(), Path(own).resolve()
    return real == held or held in real.parents


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
