"""Why a run was given up is said in the report and in the mail, in the reader's words, with what the network said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.core import words
from syncd.core.alert_timing import Trouble
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.remote import trust
from syncd.report.alarm import alarm
from syncd.report.digest import Day
from syncd.report.run_report import render
from tests.support.mails import plain

AT = datetime(2026, 11, 27, 14, 3, tzinfo=UTC)
CAUSES = {
    "certificate_expired": "expiré",
    "certificate_early": "pas encore valable",
    "certificate_name": "une autre adresse",
    "certificate_unknown": "autorité inconnue",
    "no_tls": "https",
    "not_the_portal": "n'est pas la plateforme",
    "proxy_limit": "serveur intermédiaire",
    "portal_refuses": "refuse la demande",
}


def report(reason: str, cause: str, language: str = "fr") -> str:
    given_up = RunResult(verdict=Verdict.ABANDONED, reason=reason, cause=cause, message="English words.")
    return "".join(render(given_up, [], {}, AT, language))


def mail(reason: str, cause: str) -> str:
    told = Trouble(":abandoned", "", "abandoned", f"{reason} {cause}".strip(), since=1.0)
    message = alarm([told], [], [], Day((), (), (), (), {}, lambda code, path: True, AT))
    return f"{message.subject}\n{plain(message)}"


@pytest.mark.parametrize(("reason", "said"), CAUSES.items())
def test_each_cause_has_its_sentence(reason: str, said: str) -> None:
    assert said in report(reason, "") and "English words" not in report(reason, "")
    assert said in mail(reason, "") and "plateforme ne répond pas" not in mail(reason, "")
    assert words.reason(reason, "", "en") in report(reason, "", "en").replace("\n", " ") or reason in words.REASONS


def test_what_the_network_said_stands_beside_it() -> None:
    assert "(Connection refused)" in report("portal_away", "Connection refused")
    assert "(Connection refused)" in mail("portal_away", "Connection refused")
    assert "(Connection refused)" not in mail("portal_away", "Connection refused").splitlines()[0]  # short: the subject


def test_every_verdict_on_a_certificate_has_words() -> None:
    assert {*trust._REASON.values(), "certificate", "no_tls"} <= set(words.REASONS)


@pytest.mark.parametrize("code", [130, 143])
def test_an_ordinary_stop_is_no_abandon(code: int) -> None:
    stopped = RunResult(verdict=Verdict.ABANDONED, exit_code=code)
    text = "".join(render(stopped, [], {}, AT, "fr"))
    assert text.startswith("Interrompu – ") and "arrêt du service" in text and "Abandon" not in text
    assert words.label(Verdict.ABANDONED, "en", code) == "Stopped" and words.label(Verdict.ABANDONED) == "Abandon"
