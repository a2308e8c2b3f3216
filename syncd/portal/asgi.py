"""One process: the streaming data plane first, everything else Django."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from syncd.portal.api import browser_uploads
from syncd.portal.api.fair_queue import Room
from syncd.portal.api.header_limit import HeaderLimit
from syncd.portal.api.health import Health
from syncd.portal.api.key_limits import KeyLimits
from syncd.portal.api.long_poll import Heads
from syncd.portal.api.metrics import Counted, metrics
from syncd.portal.api.programs import routes as programs
from syncd.portal.api.programs.guard import Door
from syncd.portal.api.routes import routes
from syncd.portal.api.wsgi_bridge import Pages
from syncd.wire.endpoints import PREFIX


def application() -> Starlette:
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
            programs.mounted(),
            Mount(PREFIX, routes=routes()),
            Mount("/deposit/tus", routes=deposits),
            Mount("/", app=pages),
        ],
        middleware=[Middleware(Counted), Middleware(HeaderLimit)],
    )
    app.state.heads, app.state.keys, app.state.pages = Heads(), KeyLimits(), pages
    app.state.uploads = Room[Any]("uploads", browser_uploads.THREADS)
    app.state.programs = Door.opened()
    app.state.writing = set()  # uploads of browsers that a request is writing to
    return app
