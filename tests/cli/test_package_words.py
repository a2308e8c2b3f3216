"""A company reads why a package is refused in the language of the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("asked", "said"), [("", "n'est pas un dossier d'échange"), ("en", "is no exchange directory")]
)
def test_a_refusal_at_a_company_is_in_its_language(asked: str, said: str, tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")} | (
        {"SYNCD_LANGUAGE": asked} if asked else {}
    )
    done = subprocess.run(
        [sys.executable, "-m", "syncd", "package", "key", "--at", tmp_path],
        env=env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2 and said in done.stderr, done.stderr
