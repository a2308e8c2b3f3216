"""What the portal remembers. Ids are random 128-bit hexadecimal, never reused (RULES 1).

The private space's and the sales' are not named here: `private_space` and `invoicing` alone ask for them.
"""

from syncd.portal.models import private_space as _private_space  # noqa: F401
from syncd.portal.models import sales as _sales  # noqa: F401
from syncd.portal.models.accounts import EngineToken, Grant, Invitation, Knock, Portfolio, RecoveryCode, SignedIn, User
from syncd.portal.models.activity import FeedRow, Letter, OpenReport, RunLine, RunReport, WaitingLines, WaitingSet
from syncd.portal.models.calendar import CalendarAlert, CalendarChange, CalendarEntry, CalendarTick, CalendarTold
from syncd.portal.models.clients import Cabinet, Client, EngineRight, Exercise, OwnTemplate
from syncd.portal.models.deposits import Audit, DeletionRequest, Deposit, DepositLine, Opened, PendingNotice
from syncd.portal.models.document_requests import (
    DocumentRequest,
    ItemAnswer,
    OwnRequestList,
    RequestedItem,
    RequestNotice,
    RequestSeries,
)
from syncd.portal.models.documents import Document, Folder, Past, Version
from syncd.portal.models.flows import Flow, FlowConnection
from syncd.portal.models.invoices import InvoiceFacts, InvoiceReading
from syncd.portal.models.packages import ExchangePackage, PackageKey
from syncd.portal.models.programs import EntryReference, ProgramKey, ProgramRequest
from syncd.portal.models.tasks import EngineCalendar, PlannedTask
from syncd.portal.models.threads import Thread, ThreadEntry, ThreadReader, ThreadReading
from syncd.portal.models.uploads import Upload, UploadPiece

__all__ = [
    "Audit",
    "Cabinet",
    "CalendarAlert",
    "CalendarChange",
    "CalendarEntry",
    "CalendarTick",
    "CalendarTold",
    "Client",
    "DeletionRequest",
    "Deposit",
    "DepositLine",
    "Document",
    "DocumentRequest",
    "EngineCalendar",
    "EngineRight",
    "EngineToken",
    "EntryReference",
    "ExchangePackage",
    "Exercise",
    "FeedRow",
    "Flow",
    "FlowConnection",
    "Folder",
    "Grant",
    "Invitation",
    "InvoiceFacts",
    "InvoiceReading",
    "ItemAnswer",
    "Knock",
    "Letter",
    "OpenReport",
    "Opened",
    "OwnRequestList",
    "OwnTemplate",
    "PackageKey",
    "Past",
    "PendingNotice",
    "PlannedTask",
    "Portfolio",
    "ProgramKey",
    "ProgramRequest",
    "RecoveryCode",
    "RequestNotice",
    "RequestSeries",
    "RequestedItem",
    "RunLine",
    "RunReport",
    "SignedIn",
    "Thread",
    "ThreadEntry",
    "ThreadReader",
    "ThreadReading",
    "Upload",
    "UploadPiece",
    "User",
    "Version",
    "WaitingLines",
    "WaitingSet",
]
