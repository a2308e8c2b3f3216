"""Whatever is sent to the JSON endpoints, within their description or far out of it, no answer is a 5xx."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import sqlite3
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from syncd.wire.endpoints import ENDPOINTS
from syncd.wire.openapi import document
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
WRITES = {e.path for e in ENDPOINTS if e.writes}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3),
    max_leaves=8,
)


class Sender:
    """Speaks with the engine's key, and with its lease."""

    def __init__(self, world: World) -> None:
        self.port, self.key = world.port, world.token.read_text().strip()
        self.turns = itertools.count(1)
        caller = {"engine": "tests", "machine": "tests", "instance": "tests", "lease": True, "seen": None}
        status, answer = self.post("/hello", json.dumps({"protocol": 1, "caller": caller}).encode(), lease="")
        assert status == 200, answer
        self.lease = str(json.loads(answer)["lease"])
        self.clients = [c["id"] for c in json.loads(answer)["clients"]]

    def post(self, path: str, body: bytes, *, lease: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if lease is None and path in WRITES:
            headers |= {"Syncd-Lease": self.lease, "Syncd-Request": str(next(self.turns))}
        connection.request("POST", "/api/v1" + path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


@pytest.fixture
def sender(world: World) -> Sender:
    world.put("Achats/a.pdf", "one")
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db", timeout=30)) as portal, portal:
        portal.execute("update portal_cabinet set lease_until = 0")
    sender = Sender(world)
    assert sender.clients and CODE
    return sender


def patient(body: Any) -> Any:
    """No long-poll in a test."""
    if isinstance(body, dict) and isinstance(body.get("wait"), int | float):
        body["wait"] = 0
    return body


def test_no_answer_is_a_failure_of_ours(sender: Sender) -> None:
    described = schemathesis.openapi.from_dict(document())
    for endpoint in ENDPOINTS:
        if endpoint.spoken:
            try_out(sender, described, endpoint.path)


def try_out(sender: Sender, described: Any, path: str) -> None:
    operation = described["/api/v1" + path]["POST"]

    def tried(body: object) -> None:
        status, answer = sender.post(path, json.dumps(patient(body)).encode())
        assert status < 500, (path, body, answer)

    quick = settings(
        max_examples=int(os.environ.get("SYNCD_REQUESTS", "12")),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )

    @quick
    @given(case=operation.as_strategy())
    def within(case: Any) -> None:
        tried(case.body)

    @quick
    @given(body=JSON)
    def outside(body: Any) -> None:
        tried(body)

    within()
    outside()
    for raw in (b"", b"{", b"\xff\xfe", b"[" * 3000, b'{"items": [' + b"{}," * 50 + b"{}]}"):
        assert sender.post(path, raw)[0] < 500, raw[:30]
