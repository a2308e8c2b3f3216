"""The state as `status` reads it: a view of its own, which opens no store and loads no engine."""

from syncd.state.file_name import FILE
from syncd.state.overview import ClientOverview, LastRun, Overview, Unreadable, overview

__all__ = ["FILE", "ClientOverview", "LastRun", "Overview", "Unreadable", "overview"]
