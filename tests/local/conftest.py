"""What is another system's is not asked of Windows: owners and modes, links made at will, ways of opening, disks put in its place."""

from __future__ import annotations

import os

collect_ignore = (
    ["test_ownership.py", "test_caseless.py", "test_reading.py", "test_swaps.py"] if os.name == "nt" else []
)
