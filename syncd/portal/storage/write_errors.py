"""What a database or a disk says when it is busy or full, told apart from faults of ours."""

from __future__ import annotations

import errno

from django.db import OperationalError

_BUSY = ("locked", "busy")
_FULL = "is full"


def busy(fault: BaseException | None) -> bool:
    """Another program holds the database: the same request goes through in a moment."""
    return isinstance(fault, OperationalError) and any(word in str(fault) for word in _BUSY)


def full(fault: BaseException | None) -> bool:
    """No room where the portal writes."""
    if isinstance(fault, OSError):
        return fault.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(fault, OperationalError) and _FULL in str(fault)
