"""A portal that answers with an error is another matter than one that nobody reaches: people are told which, and where to look."""

from __future__ import annotations

import json

import httpx
import pytest
import stamina

from syncd.core import words
from syncd.core.errors import Unreachable
from syncd.doctor.finding import failed
from tests.remote.test_hostile_answers import ask

OURS = json.dumps({"code": "failed", "message": "Permission denied"})
BUSY = json.dumps({"code": "busy", "message": "The portal is busy."})


def told(status: int, body: str) -> Unreachable:
    with stamina.set_testing(True, attempts=2), pytest.raises(Unreachable) as error:
        ask("hello", lambda request: httpx.Response(status, text=body))
    return error.value


@pytest.mark.parametrize(
    ("status", "body", "reason", "cause"),
    [
        (500, "Internal Server Error", "portal_failed", "500"),
        (500, OURS, "portal_failed", "500 Permission denied"),
        (503, BUSY, "portal_failed", "503 The portal is busy."),
        (503, "<html>maintenance", "portal_failed", "503"),
        (502, "<html>Bad Gateway", "proxy_alone", "502"),
        (504, "", "proxy_alone", "504"),
        (404, "nothing here", "not_the_portal", "status 404"),
    ],
)
def test_an_error_is_told_with_its_number_and_cause(status: int, body: str, reason: str, cause: str) -> None:
    error = told(status, body)
    assert (error.reason, error.cause, error.exit_code) == (reason, cause, 6)
    assert "does not answer" not in str(error)
    said = words.reason(error.reason, error.cause)
    assert cause in said and "ne répond pas" not in said
    finding = failed("portal", error, "fr")
    assert cause in f"{finding.text} {finding.mend}" and finding.code == 6


def test_it_is_said_where_to_look() -> None:
    error = told(500, OURS)
    assert "journalctl -u syncd-portal" in error.mend
    assert "la plateforme a répondu une erreur" in words.reason(error.reason, error.cause)
    assert "voir le journal du portail" in words.reason(error.reason, error.cause)
