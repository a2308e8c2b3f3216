"""What leads elsewhere by its name, as this system makes it: a link; on Windows also a junction."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

WINE = False
if sys.platform == "win32":
    import ctypes

    WINE = hasattr(ctypes.windll.ntdll, "wine_get_version")


def to_directory(at: Path, to: Path) -> None:
    """Skips where no such can be made: Wine has none, Windows asks for a right."""
    try:
        if sys.platform == "win32":
            import _winapi

            _winapi.CreateJunction(str(to), str(at))
        else:
            at.symlink_to(to)
    except OSError as e:
        pytest.skip(f"no link can be made here: {e}")
    if not os.path.samefile(at, to):
        pytest.skip("no link can be made here: it does not lead there")


def to_file(at: Path, to: Path) -> None:
    try:
        at.symlink_to(to)
    except OSError as e:
        pytest.skip(f"no link can be made here: {e}")
    if not at.is_symlink():
        pytest.skip("no link can be made here, though that is said")
