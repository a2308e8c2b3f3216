"""The one place where the HTTP library is named: its continuation is a change of these lines.

Imported at its first use: a run looks at the disk before it asks the portal. Its command line comes along with every
import of it, and costs a run more than its first request; here it does not.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    import stamina

__all__ = ["httpx", "stamina"]


def __getattr__(name: str) -> Any:
    global httpx, stamina
    if name == "httpx":
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # "not there", as the library provides for
        import httpx
    elif name == "stamina":
        import stamina

        stamina.instrumentation.set_on_retry_hooks([])  # a retry is no news; giving up is said once, in words
    else:
        raise AttributeError(name)
    return globals()[name]
