"""What is another system's is not asked of Windows."""

from __future__ import annotations

import os

collect_ignore = ["test_posix.py", "test_renames.py", "test_traits.py"] if os.name == "nt" else []
