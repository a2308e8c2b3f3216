"""How ids, digests and numbers stand in the trees' columns."""

from __future__ import annotations

import json
from collections.abc import Collection

BUT = " and id not in (select value from json_each(?))"


def listed(ids: Collection[str]) -> list[str]:
    return [json.dumps(list(ids))] if ids else []


def digests(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[n : n + 32] for n in range(0, len(joined), 32)) if joined else ()
