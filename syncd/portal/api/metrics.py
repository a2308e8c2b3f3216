"""`/metrics` for Prometheus: counts and ages, no names. Only with the token that the hosting side chose."""

from __future__ import annotations

import hmac
import os
import time
from collections import Counter
from typing import ClassVar

from django.conf import settings
from django.db.models import Count, Max, Min, Sum
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.portal.api.orm_threads import in_thread
from syncd.portal.documents import listing
from syncd.portal.models import Cabinet, Client, Document, EngineToken, Letter, RunReport, Version, WaitingSet
from syncd.portal.storage import disk_reserve

VARIABLE = "SYNCD_PORTAL_METRICS_TOKEN"


class Counted:
    """Counts the answers of this process that are errors of the portal's own, by status."""

    errors: ClassVar[Counter[int]] = Counter()

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 500:
                self.errors[message["status"]] += 1
            await send(message)

        health = scope.get("path") == "/healthz"  # it says of others how they are
        try:
            await self._app(scope, receive, send if health else counted)
        except Exception:
            self.errors[500] += 1
            raise


async def metrics(request: Request) -> Response:
    """404 without a token of its own: behind a proxy every address looks local, so an address proves nothing."""
    wanted = os.environ.get(VARIABLE, "")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        return PlainTextResponse("not found\n", 404)
    return Response(await in_thread(collect), media_type=CONTENT_TYPE_LATEST)


def collect() -> bytes:
    registry = CollectorRegistry()

    def gauge(name: str, help_: str, value: float, **labels: str) -> None:
        made = gauges.get(name)
        if made is None:
            made = gauges[name] = Gauge(f"syncd_{name}", help_, list(labels), registry=registry)
        (made.labels(**labels) if labels else made).set(value)

    gauges: dict[str, Gauge] = {}
    for name, free in disk_reserve.free().items():
        gauge("disk_free_bytes", "Free on the disk of each directory", free, directory=name)
    gauge("disk_reserve_bytes", "What stays free of what comes from outside", settings.RESERVE)
    for status in sorted({500, 503, 507, *Counted.errors}):
        gauge(
            "errors",
            "Answers of this process that were errors, since it began",
            Counted.errors[status],
            status=str(status),
        )
    for cabinet in Cabinet.objects.all():
        own = {"cabinet": cabinet.id}
        gauge(
            "clients",
            "Clients that are not closed",
            Client.objects.filter(cabinet=cabinet, closed=False).count(),
            **own,
        )
        live = Document.objects.filter(client__cabinet=cabinet, tombstone="").aggregate(n=Count("id"), size=Sum("size"))
        gauge("documents", "Live documents", live["n"], **own)
        gauge("documents_bytes", "Bytes of live documents", live["size"] or 0, **own)
        kept = Version.objects.filter(document__client__cabinet=cabinet).aggregate(n=Count("id"), size=Sum("size"))
        gauge("versions", "Versions kept", kept["n"], **own)
        gauge("versions_bytes", "Bytes of all versions kept", kept["size"] or 0, **own)
        waiting = WaitingSet.objects.filter(client__cabinet=cabinet).count()
        gauge("waiting", "Plans that wait for somebody's agreement", waiting, **own)
        unreceived = Document.objects.filter(
            listing.sent_by_company(), client__cabinet=cabinet, tombstone="", received_at__isnull=True
        )
        gauge("not_received", "Deposits that the cabinet has not received yet", unreceived.count(), **own)
        gauge("feed_sequence", "Head of the feed", cabinet.seq, **own)
        letters = Letter.objects.filter(cabinet=cabinet, sent_at__isnull=True).aggregate(
            n=Count("id"), first=Min("queued_at")
        )
        gauge("letters_waiting", "Letters that were not sent yet", letters["n"], **own)
        age = time.time() - letters["first"].timestamp() if letters["first"] else 0.0
        gauge("letters_oldest_seconds", "How long the oldest of them has waited", age, **own)
        seen = EngineToken.objects.filter(cabinet=cabinet).aggregate(last=Max("last_seen"))["last"]
        if seen is not None:
            gauge("engine_silent_seconds", "Since an engine last asked", time.time() - seen.timestamp(), **own)
        last = RunReport.objects.filter(cabinet=cabinet).order_by("-id").first()
        if last is not None:
            gauge(
                "last_run_seconds", "How long the last run that did something took",
                (last.ended_at - last.started_at).total_seconds(), **own,
            )  # fmt: skip
            gauge("last_run_exit_code", "How the last run that did something ended", last.exit_code, **own)
    return generate_latest(registry)
