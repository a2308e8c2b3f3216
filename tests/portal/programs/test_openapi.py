"""The description is served and complete, and schemathesis, which reads it, finds no answer that is not in it.

In the run a sample; the whole: `SYNCD_REQUESTS=400 .venv/bin/pytest tests/portal/programs/test_openapi.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.portal.programs.program import Caller

EVERY = ("read", "deposit", "reference", "cards")
EXAMPLES = int(os.environ.get("SYNCD_REQUESTS", "4"))
# A request that fits its types may still be of a folder or a number that is not possible: 422, which this check calls a fault.
NOT_ASKED = [positive_data_acceptance]


@pytest.fixture
def program(caller: Callable[..., Caller], office_there: Any) -> Caller:
    from tests.portal.conftest import deposited

    found = caller(*EVERY)
    for limit in (found.app.state.programs.rate, found.app.state.programs.wrong):
        limit._rate = limit._most = 1e9
    found.document = deposited(office_there.one, "Achats/a.pdf", b"%PDF- a").id
    return found


def test_every_endpoint_is_described_and_every_description_is_an_endpoint(portal: object) -> None:
    from syncd.portal.api.programs.openapi import document
    from syncd.portal.api.programs.routes import ANSWERED, routes
    from syncd.portal.api.programs.table import ENDPOINTS, PREFIX

    described = document()
    told = {(method.upper(), path.removeprefix(PREFIX)) for path, of in described["paths"].items() for method in of}
    assert told == {(e.method, e.path) for e in ENDPOINTS} and set(ANSWERED) == {e.name for e in ENDPOINTS}
    assert {r.path for r in routes()} == {e.path for e in ENDPOINTS} | {"/openapi.json"}
    assert described["openapi"].startswith("3.1") and all(e.about for e in ENDPOINTS)
    for of in described["paths"].values():
        for operation in of.values():
            assert operation["security"] == [{"key": operation["security"][0]["key"]}]
            assert "429" in operation["responses"] and "Retry-After" in operation["responses"]["429"]["headers"]


def test_it_is_served_to_anybody_and_says_nothing_of_anybody(office: Any, inline: None) -> None:
    answer = Caller("").get("/openapi.json")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert office.one.code not in answer.text and "Martin" not in answer.text


def test_schemathesis_finds_nothing(program: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/programs/openapi.json", program.app)
    asked = 0
    for found in schema.get_all_operations():
        assert not isinstance(found, Err), found
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            asked += try_out(program, operation, mode)
    assert asked > 20


def try_out(program: Any, operation: Any, mode: GenerationMode) -> int:
    asked = 0
    there = {"code": "000001", "document": program.document}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        derandomize=True,
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        nonlocal asked
        asked += 1
        if mode is GenerationMode.POSITIVE and asked % 2:  # what there is, else what there is not
            for name in set(case.path_parameters or {}) & there.keys():
                case.path_parameters[name] = there[name]
        answer = case.call(headers=program.headers)
        case.validate_response(answer, excluded_checks=NOT_ASKED, headers=program.headers)

    tried()
    return asked
