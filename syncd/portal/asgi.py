"""One process: the streaming data plane first, everything else Django."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from syncd.portal.api import browser, contents, engine
from syncd.portal.api.bridge import Pages
from syncd.portal.api.guard import engine as guarded
from syncd.portal.api.health import Health
from syncd.portal.api.limits import HeaderLimit
from syncd.portal.api.metrics import Counted, metrics
from syncd.portal.api.waiting import Heads


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
