"""One process: the streaming data plane first, everything else Django."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from syncd.portal.api import browser_uploads, endpoints, transfer
from syncd.portal.api.auth import engine as guarded
from syncd.portal.api.header_limit import HeaderLimit
from syncd.portal.api.health import Health
from syncd.portal.api.long_poll import Heads
from syncd.portal.api.metrics import Counted, metrics
from syncd.portal.api.wsgi_bridge import Pages


def application() -> Starlette:
    api = [
        Route("/hello", guarded(endpoints.hello), methods=["POST"]),
        Route("/trees", guarded(endpoints.trees), methods=["POST"]),
        Route("/listings", guarded(endpoints.listings), methods=["POST"]),
        Route("/lookup", guarded(endpoints.lookup), methods=["POST"]),
        Route("/parity", guarded(endpoints.parity), methods=["POST"]),
        Route("/heads", guarded(endpoints.heads), methods=["POST"]),
        Route("/tree-at", guarded(endpoints.tree_at), methods=["POST"]),
        Route("/versions", guarded(endpoints.versions), methods=["POST"]),
        Route("/rehash", guarded(endpoints.rehash), methods=["POST"]),
        Route("/heal", guarded(transfer.heal, writes=True), methods=["POST"]),
        Route("/move", guarded(endpoints.move, writes=True), methods=["POST"]),
        Route("/remove", guarded(endpoints.remove, writes=True), methods=["POST"]),
        Route("/summary", guarded(endpoints.summary, writes=True), methods=["POST"]),
        Route("/put", guarded(transfer.put, writes=True), methods=["POST"]),
        Route("/get", guarded(transfer.get), methods=["POST"]),
        Route("/content/{version}", guarded(transfer.content), methods=["GET"]),
        Route("/tus", guarded(transfer.tus_create, writes=True), methods=["POST"]),
        Route("/tus/{upload}", guarded(transfer.tus_head), methods=["HEAD"]),
        Route("/tus/{upload}", guarded(transfer.tus_patch, writes=True), methods=["PATCH"]),
    ]
    deposits = [
        Route("/", browser_uploads.guarded(browser_uploads.create), methods=["POST"]),
        Route("/", browser_uploads.options, methods=["OPTIONS"]),
        Route("/{upload}", browser_uploads.guarded(browser_uploads.head), methods=["HEAD"]),
        Route("/{upload}", browser_uploads.guarded(browser_uploads.patch), methods=["PATCH"]),
        Route("/{upload}", browser_uploads.guarded(browser_uploads.terminate), methods=["DELETE"]),
    ]
    pages = Pages(WSGIHandler())
    app = Starlette(
        routes=[
            Route("/healthz", Health(pages).answer),
            Route("/metrics", metrics),
            Mount("/api/v1", routes=api),
            Mount("/deposit/tus", routes=deposits),
            Mount("/", app=pages),
        ],
        middleware=[Middleware(Counted), Middleware(HeaderLimit)],
    )
    app.state.heads, app.state.pages = Heads(), pages
    app.state.writing = set()  # uploads of browsers that a request is writing to
    return app
