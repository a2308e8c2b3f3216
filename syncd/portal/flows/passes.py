"""One look at a client's approved platform: what is new is listed, then fetched and deposited. By the clock, in the company's name.

Every flow of a page is written down before the page counts as seen, so none is skipped; what its document's version will be called is
written down before there is one, so none is deposited twice, wherever the power goes.
"""

from __future__ import annotations

import random
import time as time_now
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from django.db.models import Max, Q, QuerySet

from syncd.core import flows, web_address
from syncd.core.flows import Failure, Page, Reason
from syncd.portal.flows.arrivals import State, arrive, behind
from syncd.portal.flows.service import FlowService
from syncd.portal.flows.transport import Failed, Line
from syncd.portal.models import Flow, FlowConnection
from syncd.portal.records.feed import writing
from syncd.portal.storage.port import NoRoom

PAGES, AT_ONCE = 50, 20  # of one pass; flows that are fetched before it is another client's turn
SECONDS = 60.0  # after which it is another client's turn
SPREAD = 60.0  # seconds: not all of them at the same moment
OF_THE_PLATFORM = (
    Failure.BUSY, Failure.UNREACHABLE, Failure.ADDRESS, Failure.CERTIFICATE, Failure.CREDENTIALS, Failure.REDIRECTED,
)  # fmt: skip
OK = "ok"
WANTED = "wanted"


def due(now: datetime) -> list[FlowConnection]:
    """Those to look at, the longest waiting first; none of a client that is switched off."""
    wanted = Q(on=True, next_at__lte=now) | Q(test=WANTED)
    found = FlowConnection.objects.filter(wanted, client__closed=False).order_by("next_at")
    return list(found.select_related("client__cabinet")[:100])


def host_of(connection: FlowConnection) -> str:
    return web_address.parse(connection.address).host


def look(connection: FlowConnection, line: Line, over: Callable[[], bool]) -> Failure | None:
    """What of the platform failed, None where all is well; kept with the connection, as is when to look again."""
    if connection.test == WANTED:
        _try(connection, line)
        if not connection.on:
            return None
    now, service = datetime.now(UTC), FlowService(connection, line)
    try:
        came = _waiting(connection, now).exists() or _list(connection, service, now, over)  # what is known comes first
        more = _fetch(connection, service, over) if came else bool(connection.cursor)
    except Failed as e:
        _failed(connection, e)
        return e.failure
    later = now if more or over() else now + flows.EVERY + timedelta(seconds=random.uniform(0, SPREAD))  # noqa: S311
    _keep(connection, next_at=later, passed_at=now, failures=0, failure="", deep_at=connection.deep_at)
    return None


def put_off(connection: FlowConnection, seconds: float) -> None:
    """Not its turn yet, through no fault of its own."""
    _keep(connection, next_at=datetime.now(UTC) + timedelta(seconds=seconds))


def _try(connection: FlowConnection, line: Line) -> None:
    """Whether it answers, and nothing else."""
    try:
        FlowService(connection, line).search(datetime.now(UTC))
        said: str = OK
    except Failed as e:
        said = e.failure
    _keep(connection, test=said, tested_at=datetime.now(UTC))


def _keep(connection: FlowConnection, **fields: object) -> None:
    """Of these columns alone: somebody may change the others meanwhile."""
    with writing(connection.cabinet_id):
        FlowConnection.objects.filter(pk=connection.pk, at=connection.at).update(**fields)
    for name, value in fields.items():
        setattr(connection, name, value)


def _failed(connection: FlowConnection, failed: Failed) -> None:
    now, failures = datetime.now(UTC), connection.failures + 1
    pause = flows.wait(failures, flows.retry_after(failed.after, now) if failed.after else None)
    _keep(connection, next_at=now + pause, failures=failures, failure=failed.failure.value, failed_at=now)


# -- what is there -----------------------------------------------------------------------------------------------------


def _list(connection: FlowConnection, service: FlowService, now: datetime, over: Callable[[], bool]) -> bool:
    """Whether anything came. Pages, each kept with its flows before the next is asked for. A cursor that comes again ends it: what
    lies behind is found by its date in the next pass."""
    deep = connection.deep_at is None or now - connection.deep_at > flows.DEEP
    start = datetime.combine(connection.start, time.min, UTC)
    since = flows.since(start, connection.seen, deep)
    cursor, met, came = connection.cursor, {connection.cursor}, False
    for _ in range(PAGES):
        try:
            page = service.search(since, cursor)
        except Failed as e:
            if e.failure is not Failure.CURSOR:
                raise
            deep, since = True, flows.since(start, connection.seen, True)
            _keep(connection, cursor="", deep_at=None)  # forgotten there: by date, from before the last that was seen
            cursor = ""
            page = service.search(since)
        ended, again = not page.cursor, page.cursor in met
        cursor = "" if again else page.cursor
        met.add(cursor)
        came = _note(connection, page, cursor, now, ended) or came
        if ended:
            connection.deep_at = now if deep else connection.deep_at
        if ended or again or over():
            break
    return came


def _seen(connection: FlowConnection, host: str, page: Page, now: datetime) -> datetime | None:
    """Of the whole listing, at its end: until then every page is asked for with the same words."""
    found = flows.seen(connection.seen, page.flows, now)
    if connection.cursor and (latest := connection.flows.filter(host=host).aggregate(at=Max("updated_at"))["at"]):
        latest = min(latest, now + flows.AHEAD)
        found = latest if found is None else max(found, latest)
    return found


def _note(connection: FlowConnection, page: Page, cursor: str, now: datetime, ended: bool) -> bool:
    """The page's new flows and its cursor, in one transaction; whether any may be fetched now. A page of nothing new writes nothing."""
    host = host_of(connection)
    seen = _seen(connection, host, page, now) if ended else connection.seen
    ids = [f.id for f in page.flows]
    known = {f.flow_id: f.reason for f in connection.flows.filter(host=host, flow_id__in=ids)} if ids else {}
    new = {f.id: f for f in page.flows if f.id not in known}.values()  # one process writes them: what is known stays so
    taken_in = [f.id for f in page.flows if not f.pending and known.get(f.id) == Reason.PENDING]
    if not new and not taken_in and (cursor, seen) == (connection.cursor, connection.seen):
        return False
    with writing(connection.cabinet_id):
        Flow.objects.bulk_create(
            Flow(connection=connection, host=host, flow_id=f.id, name=f.name, digest=f.digest, updated_at=f.updated, at=now, next_at=now,
                 state=State.WAITING, reason=Reason.PENDING if f.pending else "")
            for f in new
        )  # fmt: skip
        if taken_in:
            waits = connection.flows.filter(host=host, state=State.WAITING, reason=Reason.PENDING)
            waits.filter(flow_id__in=taken_in).update(reason="", next_at=now)
        FlowConnection.objects.filter(pk=connection.pk, at=connection.at).update(cursor=cursor, seen=seen)
    connection.cursor, connection.seen = cursor, seen
    return bool(taken_in) or any(not f.pending for f in new)


# -- fetched -----------------------------------------------------------------------------------------------------------


def _fetch(connection: FlowConnection, service: FlowService, over: Callable[[], bool]) -> bool:
    """Whether more of them wait for their turn. Raises Failed where the platform, and not one flow, is the matter."""
    now, until = datetime.now(UTC), time_now.monotonic() + SECONDS
    for flow in _waiting(connection, now).order_by("updated_at", "id")[:AT_ONCE]:
        if over() or time_now.monotonic() > until:
            return True
        if not FlowConnection.objects.filter(pk=connection.pk, at=connection.at, on=True).exists():
            return False  # switched off, or said anew
        try:
            arrive(connection, flow, service)
        except Exception as e:
            if not isinstance(e, NoRoom) and not (isinstance(e, Failed) and e.failure in OF_THE_PLATFORM):
                behind(flow)  # it may be this one's matter: the others come first next time
            raise
    return _there_are(connection)


def _there_are(connection: FlowConnection) -> bool:
    return bool(connection.cursor) or _waiting(connection, datetime.now(UTC)).exists()


def _waiting(connection: FlowConnection, now: datetime) -> QuerySet[Flow]:
    """Those that can be fetched now."""
    return connection.flows.filter(state=State.WAITING, next_at__lte=now).exclude(reason=Reason.PENDING)
