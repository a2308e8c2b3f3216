"""One pass over the cabinet: open, scan, plan, review, apply, tell (read run.py first, then stages.py)."""

from syncd.engine.context import Ports, Settings
from syncd.engine.run import run_once

__all__ = ["Ports", "Settings", "run_once"]
