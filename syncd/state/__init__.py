"""The engine's memory: one SQLite file, one writer (RULES 8)."""

from syncd.state.store import Store, faults, open_copy, open_store, set_damaged_aside

__all__ = ["Store", "faults", "open_copy", "open_store", "set_damaged_aside"]
