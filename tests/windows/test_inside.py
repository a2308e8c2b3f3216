"""The suites of `disk` and `local` in the Windows Python itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.windows import wine

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(600)
@pytest.mark.skipif(not os.environ.get("SYNCD_EVERY"), reason="minutes: ./scripts/test-windows")
@pytest.mark.parametrize("part", ["tests/disk", "tests/local"])
def test_suite(windows: wine.Windows, part: str, tmp_path: Path) -> None:
    done = wine.wine(
        str(wine.PYTHON), "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", f"--basetemp={wine.outward(str(tmp_path / 't'))}", part,
        timeout=580, env=wine.ELSEWHERE,
    )  # fmt: skip
    assert done.code == 0, done.out[-6000:] + done.err[-500:]
