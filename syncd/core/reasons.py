"""Why something was not done, waits, or is to be known: stable codes, each of one family, and what fills its sentence.

The sentences are made in core.words. A code is never renamed: states, portals and journals of older versions have it.
"""

from __future__ import annotations

from enum import Enum, StrEnum

import msgspec

from syncd.core import untrusted_numbers


class Family(Enum):
    """REFUSAL: a document may not go online. PROBLEM: it could not be done, and is tried again. NOTICE: to be known; changes no
    verdict. GUARD: waits for somebody's agreement. STOP: a client, or the root, is left alone. RUN: a run was given up."""

    REFUSAL = "refusal"
    PROBLEM = "problem"
    NOTICE = "notice"
    GUARD = "guard"
    STOP = "stop"
    RUN = "run"


class Reason(StrEnum):
    family: Family

    def __new__(cls, code: str, family: Family) -> Reason:
        made = str.__new__(cls, code)
        made._value_, made.family = code, family
        return made

    TOO_LARGE = "too_large", Family.REFUSAL
    EMPTY = "empty", Family.REFUSAL
    EXTENSION_NOT_ALLOWED = "extension_not_allowed", Family.REFUSAL
    BAD_NAME = "bad_name", Family.REFUSAL
    TOO_LONG = "too_long", Family.REFUSAL
    NAME_COLLISION = "name_collision", Family.REFUSAL
    QUOTA = "quota", Family.REFUSAL
    NO_RIGHT = "no_right", Family.REFUSAL
    PROXY_LIMIT = "proxy_limit", Family.REFUSAL
    PROXY_BARRED = "proxy_barred", Family.REFUSAL
    LINE_CUT = "line_cut", Family.REFUSAL
    UNFINISHED = "unfinished", Family.REFUSAL
    NOT_WHAT_IT_SAYS = "not_what_it_says", Family.REFUSAL
    TAKEN_FROM_MIRROR = "taken_from_mirror", Family.REFUSAL

    UNSTABLE = "unstable", Family.PROBLEM
    LOCKED = "locked", Family.PROBLEM
    VANISHED = "vanished", Family.PROBLEM
    UNREADABLE = "unreadable", Family.PROBLEM
    EMPTIED = "emptied", Family.PROBLEM
    MISSING_FOLDER = "missing_folder", Family.PROBLEM
    RENAMED_TEMPLATE_FOLDER = "renamed_template_folder", Family.PROBLEM
    FAILED = "failed", Family.PROBLEM
    PORTAL_FAILED = "portal_failed", Family.PROBLEM  # of one document, or of all: then the run is given up
    DISK_FULL = "disk_full", Family.PROBLEM
    TAKEN_AWAY = "taken_away", Family.PROBLEM
    NOT_RENAMED = "not_renamed", Family.PROBLEM
    NOT_A_FOLDER = "not_a_folder", Family.PROBLEM

    MOVED_OUT = "moved_out", Family.NOTICE
    DIRECTION = "direction", Family.NOTICE
    WITHDRAWN_RIGHT = "withdrawn_right", Family.NOTICE
    LINK = "link", Family.NOTICE
    UNKNOWN_FOLDER = "unknown_folder", Family.NOTICE
    OUT_OF_SCOPE = "out_of_scope", Family.NOTICE
    NOT_A_CLIENT = "not_a_client", Family.NOTICE
    EXCLUDED = "excluded", Family.NOTICE
    CLOSED = "closed", Family.NOTICE
    UNKNOWN_SUPP = "unknown_supp", Family.NOTICE
    VANISHED_HERE = "vanished_here", Family.NOTICE
    RENAMED_HERE = "renamed_here", Family.NOTICE
    NOT_ASKED = "not_asked", Family.NOTICE
    CLOCK_SKEW = "clock_skew", Family.NOTICE
    REPORTS = "reports", Family.NOTICE
    MIGRATION_FAILED = "migration_failed", Family.NOTICE
    RESTORED_PORTAL = "restored_portal", Family.NOTICE
    RESTORED_STATE = "restored_state", Family.NOTICE
    RESTORED_MIRROR = "restored_mirror", Family.NOTICE
    RESTORED_MARKER = "restored_marker", Family.NOTICE
    GENERATIONS = "generations", Family.NOTICE
    LOST_ONLINE = "lost_online", Family.NOTICE
    UNKNOWN_DOSSIER = "unknown_dossier", Family.NOTICE
    CLOSED_DOSSIER = "closed_dossier", Family.NOTICE
    LOOSE_SCAN = "loose_scan", Family.NOTICE
    ALREADY_RECEIVED = "already_received", Family.NOTICE
    NOT_ONLINE = "not_online", Family.NOTICE
    ASK_DELETION = "ask_deletion", Family.NOTICE
    REGISTER_HELD = "register_held", Family.NOTICE

    GUARD = "guard", Family.GUARD
    GUARD_CHANGES = "guard_changes", Family.GUARD
    GUARD_EMPTIED_SIDE = "guard_emptied_side", Family.GUARD
    GUARD_FIRST_PUBLICATION = "guard_first_publication", Family.GUARD
    GUARD_MANY_NEW = "guard_many_new", Family.GUARD
    GUARD_OTHER_CLIENT = "guard_other_client", Family.GUARD

    STOP_ROOT_MARKER = "stop_root_marker", Family.STOP
    STOP_CLIENT_MARKER = "stop_client_marker", Family.STOP
    STOP_CLIENT_DIRECTORY = "stop_client_directory", Family.STOP
    STOP_CLIENT_NAME = "stop_client_name", Family.STOP
    STOP_NOT_OURS = "stop_not_ours", Family.STOP
    STOP_DISK = "stop_disk", Family.STOP
    STOP_OTHER_DISK = "stop_other_disk", Family.STOP
    STOP_DOUBLED = "stop_doubled", Family.STOP
    STOP_NESTED = "stop_nested", Family.STOP
    STOP_OTHER_CABINET = "stop_other_cabinet", Family.STOP
    STOP_LISTING = "stop_listing", Family.STOP
    STOP_NO_CLIENTS = "stop_no_clients", Family.STOP

    PORTAL_REFUSES = "portal_refuses", Family.RUN
    NOT_THE_PORTAL = "not_the_portal", Family.RUN
    CERTIFICATE_EXPIRED = "certificate_expired", Family.RUN
    CERTIFICATE_EARLY = "certificate_early", Family.RUN
    CERTIFICATE_NAME = "certificate_name", Family.RUN
    CERTIFICATE_UNKNOWN = "certificate_unknown", Family.RUN
    CERTIFICATE = "certificate", Family.RUN
    NO_TLS = "no_tls", Family.RUN
    PORTAL_FULL = "portal_full", Family.RUN
    PROXY_ALONE = "proxy_alone", Family.RUN
    PORTAL_AWAY = "portal_away", Family.RUN
    TOKEN = "token", Family.RUN
    KEY_FILE = "key_file", Family.RUN
    KEY_NONE = "key_none", Family.RUN
    CA_FILE = "ca_file", Family.RUN
    PROXY = "proxy", Family.RUN
    NOT_BOUND = "not_bound", Family.RUN
    STATE_NEWER = "state_newer", Family.RUN
    STATE_UNUSABLE = "state_unusable", Family.RUN
    MAIL_PASSWORD = "mail_password", Family.RUN
    NETWORK = "network", Family.RUN
    HELD = "held", Family.RUN
    DISK_FAILED = "disk_failed", Family.RUN
    STATE_FAILED = "state_failed", Family.RUN
    SHARE_AWAY = "share_away", Family.RUN
    UNEXPECTED = "unexpected", Family.RUN


STORMS = (Reason.VANISHED_HERE, Reason.RENAMED_HERE)  # of a client: many of its documents; told at once
NOBODYS = (Reason.UNKNOWN_DOSSIER, Reason.CLOSED_DOSSIER, Reason.LOOSE_SCAN)  # scans that no client in use is named for
OF_THE_CABINET = (
    Reason.CLOCK_SKEW,
    Reason.GENERATIONS,
    Reason.REGISTER_HELD,
    Reason.SHARE_AWAY,
    *NOBODYS,
)  # of no client: somebody has to set it right
HAPPENED = (
    Reason.NOT_ASKED, Reason.RESTORED_PORTAL, Reason.RESTORED_STATE, Reason.RESTORED_MIRROR, Reason.RESTORED_MARKER,
    Reason.ALREADY_RECEIVED,
)  # fmt: skip  # told once: nothing of it lasts
TECHNICAL = (Reason.FAILED, Reason.UNREADABLE, Reason.DISK_FULL)  # the machine's matter, not an accountant's
_KNOWN: dict[str, Reason] = {reason.value: reason for reason in Reason}


def known(code: str) -> Reason | None:
    """None: of another version, which may have told of what this one does not know."""
    return _KNOWN.get(code)


def family(code: str) -> Family | None:
    reason = _KNOWN.get(code)
    return reason.family if reason is not None else None


class Sizes(msgspec.Struct, frozen=True):
    """Bytes a document has, and may have."""

    have: int
    limit: int

    def __str__(self) -> str:
        return f"{self.have} {self.limit}"


class Disappeared(msgspec.Struct, frozen=True):
    """`strange`: how many files of an unknown type appeared meanwhile."""

    gone: int
    strange: int

    def __str__(self) -> str:
        return f"{self.gone} {self.strange}"


class Several(msgspec.Struct, frozen=True):
    count: int

    def __str__(self) -> str:
        return str(self.count)


class Said(msgspec.Struct, frozen=True):
    """A name, an extension, the system's own words, or a code of words.DETAILS with what follows it."""

    text: str

    def __str__(self) -> str:
        return self.text


Parameters = Sizes | Disappeared | Several | Said


def parameters(code: str, detail: str) -> Parameters:
    """What an event's `detail` is: its text as `str` of the parameters made it. Anything else is Said."""
    numbers = [untrusted_numbers.number(part) for part in detail.split(" ")]
    whole = [n for n in numbers if n is not None]
    if len(whole) == len(numbers):
        match code, whole:
            case Reason.TOO_LARGE, [have, limit]:
                return Sizes(have, limit)
            case Reason.VANISHED_HERE, [gone, strange]:
                return Disappeared(gone, strange)
            case ((Reason.RENAMED_HERE | Reason.NOT_ASKED), [count]):
                return Several(count)
    return Said(detail)
