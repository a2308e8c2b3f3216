"""Tests of tests/e2e that an engine on Windows cannot be told, or that Wine cannot keep: each with its reason."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e import world

PORTAL = "the portal alone: it runs on Linux"
SYSTEM = "this system's accounts, modes, units or mounts"
CALLS = "the test's hand is in this system's calls"

NOT_TOLD: dict[str, str] = {  # no engine on Windows can be told this
    "test_openapi": PORTAL,
    "test_persons": PORTAL,
    "test_abusive_clients": PORTAL,
    "test_depositor": PORTAL,
    "test_portal_dashboard": PORTAL,
    "test_administering": SYSTEM,
    "test_disks": SYSTEM,
    "test_units": SYSTEM,
    "test_killed": CALLS,
    "test_installed": "an installation of Linux, with its paths",
    "test_watch": "signals and processes of this system; tests/windows/test_watch.py tells it there",
    "test_guard_rows::test_only_one_engine_at_a_time": "the lock is held by another system; tests/windows/test_watch.py",
    "test_doctor::test_all_is_well_and_nothing_is_left_behind": "that the account is root is said on Linux",
    "test_doctor::test_each_fault_has_its_finding_its_mend_and_the_code_a_run_would_end_with": SYSTEM,
    "test_one_client::test_a_service_serves_all_others_whatever_is_in_one_clients_directory": "fifos and names that are no text",
    "test_roots_commands": SYSTEM,
    "test_hazards::test_the_engine_never_listens": "asyncio's own pair of sockets listens on 127.0.0.1 for a moment there",
    "test_hazards::test_64_in_a_session_that_is_not_utf_8_names_are_as_ever_or_nothing_is_done": SYSTEM,
    "test_hazards::test_windows_a_document_another_program_holds_is_locked_never_gone": "tests/windows/test_sharing.py, for real",
    "test_hazards::test_windows_without_exchange_no_replace_and_directory_syncs_a_run_does_the_same": CALLS,
    "test_published_rows::test_names_that_are_no_text_are_reported_with_an_escape": "every name is text on Windows",
    "test_published_rows::test_links_and_special_files_are_reported_not_touched": "links, fifos and sockets of this system",
    "test_recovery::test_a_recovery_that_is_killed_goes_on_where_it_stopped": CALLS,
}
WINE: dict[str, str] = {  # Wine is not Windows here
}
WINE_ROWS: dict[str, str] = {  # the same, of tests/rows
}
OPEN: dict[str, str] = {  # not yet: strict, so whoever mends it takes its line away
}
EVERYTHING = ""


def _stale() -> list[str]:
    """Names above that no test bears any more."""
    found = []
    for key in (*NOT_TOLD, *WINE, *OPEN):
        module, _, name = key.partition("::")
        at = Path(__file__).parents[1] / "e2e" / f"{module}.py"
        if not at.exists() or (f"def {name}(" not in at.read_text(encoding="utf-8") and name):
            found.append(key)
    return found


assert not _stale(), _stale()


def mark(items: list[pytest.Item]) -> None:
    for item in items:
        made = item.function  # type: ignore[attr-defined]
        module = made.__module__.rpartition(".")[2]
        if not made.__module__.startswith("tests.e2e"):
            continue
        for key in (module, f"{module}::{made.__name__}"):
            if why := NOT_TOLD.get(key) or WINE.get(key):
                item.add_marker(pytest.mark.skip(reason=why))
            elif why := OPEN.get(key) or EVERYTHING:
                item.add_marker(pytest.mark.xfail(reason=why, strict=True))


def _told_elsewhere(event: str, args: tuple[object, ...]) -> None:
    """An engine of this system beside one in Wine shares no lock with it, whatever the test then finds."""
    if event == "subprocess.Popen" and world.elsewhere is not None and isinstance(args[1], list):
        words = list(map(str, args[1]))
        assert world.SYNCD[-1] not in words or "portal" in words, f"not told to Windows, use World.started: {words}"


sys.addaudithook(_told_elsewhere)
