"""The one place where the HTTP library is named: its continuation is a change of this line.

Its command line comes along with every import of it, and costs a run more than its first request; here it does not.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # "not there", as the library provides for

import httpx  # noqa: E402

__all__ = ["httpx"]
