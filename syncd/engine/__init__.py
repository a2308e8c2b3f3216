"""One pass over the cabinet: observe, scan, plan, review, carry out, tell (read run.py first)."""

from syncd.engine.context import Parts, Settings
from syncd.engine.run import run_once

__all__ = ["Parts", "Settings", "run_once"]
