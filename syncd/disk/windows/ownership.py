"""Who may use a document on Windows: its access list, in one piece as the system has it.

A document keeps the list that it was made with when it is renamed elsewhere, so what arrived in the engine's own
directory is given that of its folder, or of the document that it replaces.
"""

from __future__ import annotations

from syncd.disk.ownership import Belonging
from syncd.disk.windows import access


def given_by(folder: int) -> Belonging:
    """What a new document would get in an open folder."""
    held = access.described(folder, access.OWNER | access.LIST)
    return Belonging(0, 0, access=access.given_inside(held) if held else b"")


def of(document: int) -> Belonging:
    """What an open document has."""
    return Belonging(0, 0, access=access.described(document, access.LIST))


def put_on(document: int, belonging: Belonging) -> None:
    """Give it to an open file, where its disk keeps such and this account may."""
    if not belonging.access:
        return
    try:
        access.give(document, belonging.access)
    except OSError as e:
        if e.winerror not in access.NOT_KEPT:
            raise
