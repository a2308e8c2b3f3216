"""A disk without room, or without what this account may have of it: there is room again one day, and then at once."""

from __future__ import annotations

import errno


def no_room(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
