"""What a database or a disk says when it is busy or full, told apart from faults of ours."""

from __future__ import annotations

from django.db import DatabaseError, OperationalError

from syncd.core.no_room import no_room
from syncd.portal.storage.port import Away

_BUSY = ("locked", "busy")
_FULL = "is full"
MOVED = "this portal has moved"  # said by the database itself (operations/moved)
# PostgreSQL's codes (SQLSTATE): another one holds it, two waited for each other, too many connections, being stopped or started
_BUSY_CODES = ("55P03", "40P01", "40001", "53300", "57P0", "08", "25P03")
_FULL_CODES = ("53100",)


def busy(fault: BaseException | None) -> bool:
    """Another program holds the database, or the storage does not answer: the same request goes through in a moment."""
    if isinstance(fault, Away) or (isinstance(fault, DatabaseError) and MOVED in str(fault)):
        return True
    if not isinstance(fault, OperationalError):
        return False
    return any(word in str(fault) for word in _BUSY) or _lost(fault) or _says(fault, _BUSY_CODES)


def full(fault: BaseException | None) -> bool:
    """No room where the portal writes."""
    if isinstance(fault, OSError):
        return no_room(fault)
    return isinstance(fault, OperationalError) and (_FULL in str(fault) or _says(fault, _FULL_CODES))


def _says(fault: OperationalError, codes: tuple[str, ...]) -> bool:
    return str(getattr(fault.__cause__, "sqlstate", None) or "").startswith(codes)


def _lost(fault: OperationalError) -> bool:
    """A database server that is not reached, or that went away in the middle: whoever asks again may find it there."""
    return type(fault.__cause__).__module__.startswith("psycopg") and not getattr(fault.__cause__, "sqlstate", None)
