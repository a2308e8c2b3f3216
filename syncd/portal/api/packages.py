"""Bytes of exchange packages: those that were handed in go to the engine, those that it made come from it."""

from __future__ import annotations

import json

from starlette.responses import Response

from syncd.core import untrusted_numbers
from syncd.portal.api.auth import Call, error
from syncd.portal.api.orm_threads import in_reading_thread, in_thread
from syncd.portal.api.ranged_download import RangedDownload
from syncd.portal.api.upload_stream import Arriving, Beyond, alone, receive
from syncd.portal.exchange import engine_orders
from syncd.portal.exchange.engine_orders import LARGEST
from syncd.portal.exchange.orders import upload_key
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import Elsewhere, Gone


async def fetch(call: Call) -> Response:
    """By ranges."""
    found = await in_reading_thread(0, engine_orders.content, call.engine, call.request.path_params["package"])
    if found is None:
        return error(404, "unknown", "No such package.")
    return RangedDownload(call, *found, {})


async def head(call: Call) -> Response:
    """Nothing has come of what is not begun."""
    package = call.request.path_params["package"]
    if await in_thread(engine_orders.awaited, call.engine, package) is None:
        return error(404, "unknown", "No such package is ordered.")
    try:
        arrived = await in_thread(upload_store().arrived, upload_key(package))
    except Gone:
        arrived = 0
    return Response(headers={"Upload-Offset": str(arrived), "Cache-Control": "no-store"})


async def bring(call: Call) -> Response:
    """Append from the offset both sides agree on."""
    package = call.request.path_params["package"]
    size = untrusted_numbers.number(call.request.headers.get("upload-length", ""), LARGEST)
    ordered = await in_thread(engine_orders.awaited, call.engine, package)
    if not size:
        return error(400, "malformed", "Upload-Length is missing, or none.")
    if ordered is None:
        return error(404, "unknown", "No such package is ordered.")
    key, about = upload_key(package), json.dumps({"client": ordered.client_id, "size": size}).encode()
    try:
        with alone(call.request.app.state.writing, key) as own:
            if not own:
                return error(503, "busy", "This upload is being written to.")
            await in_thread(upload_store().begin, key, "", ordered.client_id, size, about)
            arriving = await receive(call.request, key, size, Arriving)
    except Gone:
        return error(404, "unknown", "Nothing of it is left.")
    except Elsewhere as e:
        return error(409, "offset", f"The upload is at {e.offset}.")
    except Beyond:
        return error(413, "too_large", "More bytes than announced.")
    return Response(status_code=204, headers={"Upload-Offset": str(arriving.offset)})
