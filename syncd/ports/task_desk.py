"""The tasks that people planned at the portal's desk, as the service sees them."""

from __future__ import annotations

from typing import Protocol

from syncd.core.desk_tasks import TaskReport, Tasks


class TaskDesk(Protocol):
    """Raises Unreachable when the portal is away, Refused when the key is, AlreadyRunning when another engine has the lease."""

    async def exchange(self, told: TaskReport) -> Tasks:
        """What is planned now. Repeating it changes nothing more."""
        ...

    async def close(self) -> None: ...
