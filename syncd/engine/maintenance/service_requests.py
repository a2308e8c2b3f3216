"""What the service does for somebody besides passes: between two of them, so that nobody has to stop it."""

from __future__ import annotations

from collections.abc import Callable

from syncd.core.errors import UsageError
from syncd.engine.context import Context
from syncd.engine.maintenance.restore import Wish, restore
from syncd.engine.maintenance.verify import repair
from syncd.ports.state import Request

RESTORE, REPAIR = "restore", "repair"
Told = Callable[[int, int], None]


async def carry_out(ctx: Context, request: Request, told: Told) -> int:
    """The documents it was about. `told`: (done, of how many). Raises UsageError for what is not known, or goes for no client."""
    if request.kind == REPAIR:
        return await repair(ctx, told)
    if request.kind == RESTORE:
        wish = Wish(
            request.clients[0], tuple(request.wish.get("places", ())),
            float(request.wish.get("at") or ctx.clock.now()), request.wish.get("run"),
        )  # fmt: skip
        return await restore(ctx, wish, told)
    raise UsageError(f"the service does not know '{request.kind}'.", mend="Restart it: it is of an older version.")
