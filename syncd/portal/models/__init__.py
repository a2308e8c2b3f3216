"""What the portal remembers. Ids are random 128-bit hexadecimal, never reused (RULES 1)."""

from syncd.portal.models.accounts import EngineToken, User
from syncd.portal.models.activity import FeedRow, RunReport, WaitingSet
from syncd.portal.models.clients import Cabinet, Client, EngineRight, Exercise
from syncd.portal.models.documents import Document, Folder, Past, Version

__all__ = [
    "Cabinet",
    "Client",
    "Document",
    "EngineRight",
    "EngineToken",
    "Exercise",
    "FeedRow",
    "Folder",
    "Past",
    "RunReport",
    "User",
    "Version",
    "WaitingSet",
]
