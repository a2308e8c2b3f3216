"""A version whose bytes are gone, or cut, is said of that version alone: the portal itself is well, and its log names it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.portal.plane import Engine

DATA = b"a document of some length"
HURTS: dict[str, Callable[[str], None]] = {"missing": os.unlink, "cut": lambda path: os.truncate(path, 7)}


@pytest.mark.parametrize("hurt", HURTS)
def test_one_version_that_is_not_there_is_answered_apart(
    office_there: Any, shared: Path, caplog: pytest.LogCaptureFixture, hurt: str
) -> None:
    from syncd.portal.storage.local import store

    engine = Engine(office_there.cabinet)
    bad, good = asyncio.run(engine.put(office_there.one, {"Achats/bad.pdf": DATA, "Achats/good.pdf": DATA}))
    HURTS[hurt](store().path(bad.doc.version_id))

    async def ask(version: str) -> Any:
        async with engine.line() as line:
            return await line.get(f"/content/{version}")

    said = asyncio.run(ask(bad.doc.version_id))
    assert (said.status_code, json.loads(said.content)["code"]) == (
        404,
        "rotten",
    )  # what an older engine understands, too
    (line,) = [r.getMessage() for r in caplog.records if bad.doc.version_id in r.getMessage()]
    assert bad.doc.id in line and ("missing" if hurt == "missing" else "7 of its 25 bytes") in line
    given = asyncio.run(ask(good.doc.version_id))
    assert (given.status_code, given.content) == (200, DATA)
