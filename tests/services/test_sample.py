"""A sample of the portal's tests on PostgreSQL, with every `./scripts/test`; all of them: `./scripts/test-services`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
SAMPLE = (
    "tests/portal/test_races.py::test_a_folder_removed_while_a_document_comes_into_it_leaves_no_orphan",
    "tests/portal/test_races.py::test_a_publication_locks_the_cabinets_row_before_anything_else",
    "tests/portal/test_server_database.py",
    "tests/portal/test_turn.py",
    "tests/portal/test_counters.py",
    "tests/portal/test_shared_uploads.py::test_of_two_that_go_on_at_one_place_one_does",
    "tests/portal/test_shared_uploads.py::test_only_one_process_is_at_its_end",
    "tests/services/test_upload_anywhere.py",
    "tests/contracts/test_storage.py::test_what_is_published_is_read_by_its_version",
    "tests/portal/test_full_text.py::test_documents_are_found_by_what_they_say_and_the_place_is_shown",
    "tests/portal/test_busy.py::test_a_form_is_answered_by_a_sentence",
)


@pytest.mark.timeout(1200)
def test_a_sample_passes_on_servers() -> None:
    checked = subprocess.run([HERE / "scripts" / "services", "check"], capture_output=True, text=True)
    if checked.returncode == 77:
        pytest.skip(checked.stderr.strip())
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "SYNCD_"))}
    done = subprocess.run(
        [HERE / "scripts" / "services", "run", HERE / ".venv/bin/pytest", "-q", "-p", "no:cacheprovider", *SAMPLE],
        cwd=HERE, env=own, capture_output=True, text=True, timeout=1100,
    )  # fmt: skip
    if done.returncode == 77:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
