"""One process: the streaming data plane first, everything else Django."""

from __future__ import annotations

import asyncio

from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from syncd.portal import room
from syncd.portal.api import browser, contents, engine
from syncd.portal.api.bridge import Pages
from syncd.portal.api.guard import engine as guarded
from syncd.portal.api.limits import HeaderLimit
from syncd.portal.api.metrics import metrics
from syncd.portal.api.threads import in_thread
from syncd.portal.api.waiting import Heads
from syncd.portal.blobs import store as blob_store
from syncd.portal.models import Cabinet

HEALTHY = 5.0  # seconds within which every part answers


async def healthz(request: Request) -> Response:
    """200 when database, pages and storage answer and the disk has its reserve; nothing about anybody's data."""
    asked = "database"
    try:
        async with asyncio.timeout(HEALTHY):
            await in_thread(lambda: Cabinet.objects.exists())
            asked = "pages"
            await request.app.state.pages.answers()
    except Exception:
        return PlainTextResponse(f"{asked}\n", 503)
    if not blob_store().available():
        return PlainTextResponse("storage\n", 503)
    return PlainTextResponse("disk\n", 503) if room.low() else PlainTextResponse("ok\n")


def application() -> Starlette:
    api = [
        Route("/hello", guarded(engine.hello), methods=["POST"]),
        Route("/trees", guarded(engine.trees), methods=["POST"]),
        Route("/listings", guarded(engine.listings), methods=["POST"]),
        Route("/lookup", guarded(engine.lookup), methods=["POST"]),
        Route("/parity", guarded(engine.parity), methods=["POST"]),
        Route("/heads", guarded(engine.heads), methods=["POST"]),
        Route("/tree-at", guarded(engine.tree_at), methods=["POST"]),
        Route("/versions", guarded(engine.versions), methods=["POST"]),
        Route("/rehash", guarded(engine.rehash), methods=["POST"]),
        Route("/heal", guarded(contents.heal, writes=True), methods=["POST"]),
        Route("/move", guarded(engine.move, writes=True), methods=["POST"]),
        Route("/remove", guarded(engine.remove, writes=True), methods=["POST"]),
        Route("/summary", guarded(engine.summary, writes=True), methods=["POST"]),
        Route("/put", guarded(contents.put, writes=True), methods=["POST"]),
        Route("/get", guarded(contents.get), methods=["POST"]),
        Route("/content/{version}", guarded(contents.content), methods=["GET"]),
        Route("/tus", guarded(contents.tus_create, writes=True), methods=["POST"]),
        Route("/tus/{upload}", guarded(contents.tus_head), methods=["HEAD"]),
        Route("/tus/{upload}", guarded(contents.tus_patch, writes=True), methods=["PATCH"]),
    ]
    deposits = [
        Route("/", browser.guarded(browser.create), methods=["POST"]),
        Route("/", browser.options, methods=["OPTIONS"]),
        Route("/{upload}", browser.guarded(browser.head), methods=["HEAD"]),
        Route("/{upload}", browser.guarded(browser.patch), methods=["PATCH"]),
        Route("/{upload}", browser.guarded(browser.terminate), methods=["DELETE"]),
    ]
    pages = Pages(WSGIHandler())
    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/metrics", metrics),
            Mount("/api/v1", routes=api),
            Mount("/deposit/tus", routes=deposits),
            Mount("/", app=pages),
        ],
        middleware=[Middleware(HeaderLimit)],
    )
    app.state.heads, app.state.pages = Heads(), pages
    app.state.writing = set()  # uploads of browsers that a request is writing to
    return app
