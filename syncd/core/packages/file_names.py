"""What a package is called: `007868-20261121140300.syncpkg`."""

from __future__ import annotations

import re
from datetime import datetime

from syncd.core import naming

ENDING, SEALED = ".syncpkg", ".syncpkg.age"
_NAME = re.compile(r".+-\d{14}(?: \(\d+\))?\.syncpkg(?:\.age|\.zip)?\Z")


def file_name(code: str, at: datetime, *, sealed: bool) -> str:
    """`at`: in the reader's own time."""
    return naming.windows_safe(f"{code}-{at:%Y%m%d%H%M%S}") + (SEALED if sealed else ENDING)


def is_package(name: str) -> bool:
    return _NAME.match(name) is not None
