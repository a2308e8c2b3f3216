"""The desk's planned tasks over HTTP (ports/task_desk.py)."""

from __future__ import annotations

from syncd.core.desk_tasks import TaskReport, Tasks
from syncd.remote.session import Session
from syncd.wire import endpoints


class HttpTaskDesk:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def exchange(self, told: TaskReport) -> Tasks:
        return await self._session.ask(endpoints.TASKS, told)

    async def close(self) -> None:
        await self._session.close()
