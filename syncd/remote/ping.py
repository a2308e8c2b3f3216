"""Tells a health check from outside how passes go: silence is an alarm there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from syncd.remote import library


def ping(url: str, outcome: str, body: Mapping[str, Any]) -> None:
    """`outcome`: `start`, `fail`, or '' for success (healthchecks.io and its kin). A check that is away changes nothing."""
    address = url.rstrip("/") + (f"/{outcome}" if outcome else "")
    with contextlib.suppress(library.httpx.HTTPError):
        library.httpx.post(address, content=json.dumps(body, ensure_ascii=False).encode(), timeout=10.0)
