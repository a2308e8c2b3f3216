"""How far the engine has come: whose mirror this is, what was said to whom, what is due, which transfers rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypedDict, Unpack

import msgspec

from syncd.core.desk_tasks import HeldTasks
from syncd.core.disk_traits import DiskTraits
from syncd.core.protocol import Cursor


class Pause(msgspec.Struct, frozen=True):
    """A document that is not fetched again before `until` (seconds since 1970), after so many `tries`. `what`: the version
    and the place it is about; another one is tried at once. `reason`, `detail`: what is said of it meanwhile."""

    doc: str
    what: str
    tries: int
    until: float
    reason: str
    detail: str = ""


class HeldJournals(msgspec.Struct, frozen=True):
    """Journals that could not be written: `since` when, `said` in words, the codes of their clients by month."""

    since: float = 0.0
    said: str = ""
    months: dict[str, list[str]] = {}


NOTHING: Mapping[str, float] = {}


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since 1970, 0 for never; '' is nothing yet.

    `cabinet`, `root`, `engine`: ids, since `init`. `generation_started`, `generation`, `root_written`: the generation that was begun,
    the one the portal confirmed, the one in the root's marker (RULES 7); `marker_key`: what markers are sealed with.
    `portal_restored`: the portal was put back, and nobody was told yet. `lost_clients`: ids of those
    that it does not name any more. `damaged`: the file a damaged state was kept as.
    `portal_seen`: when the portal last answered. `next_full`: when the next full pass is due. `resume_at`: code of the client whose
    turn it was when a run was stopped. `ignored`: the patterns of the last run. `reports_said`, `waiting_said`: digests of
    the reports and of the waiting sets that the portal has whole; `given_up_said`: why the last run that it was told of was
    given up. `reports_unwritten`: why the last reports could not be written, until
    some were again; `journals_held`: those that could not. `migration_failed`: why the last migration of the calendar was
    given up, until one goes well. `batch_bytes`: how much went into one request, 0: nothing
    is known. `disk`: what the mirror's disk can do. `swept`: when replaced copies were last looked through. `day_ended`: when
    the day of the guards and the digest last ended; `digest_owed`: its digest did not go out yet; `digest_event`: up to which
    event of the stream the digest told, None before the first. `alarm_at`: when trouble was last mailed; `alarm_lately`:
    which troubles were, by key, and when. `cabinet_name`, `cabinet_colour`, `cabinet_logo`: as the portal last said it, for mails.
    `register_done`: when the accounting software's files of clients were last dealt with; `register_lines`: how many lines each had. `tasks_told`: the revision of the desk's planned
    tasks that the portal last named, 0 where it knows none; `desk_tasks`: those that are held here. `packages_told`: the
    revision of the orders of exchange packages, as `tasks_told`. `link_told`: the portal's address that
    clients' links lead to.
    """

    cabinet: str = ""
    root: str = ""
    engine: str = ""
    generation_started: int = 0
    generation: int = 0
    root_written: int = 0
    marker_key: str = ""
    portal_restored: bool = False
    lost_clients: frozenset[str] = frozenset()
    damaged: str = ""
    portal_seen: float = 0.0
    next_full: float = 0.0
    resume_at: str = ""
    ignored: str = ""
    reports_said: str = ""
    reports_unwritten: str = ""
    journals_held: HeldJournals = HeldJournals()
    migration_failed: str = ""
    waiting_said: str = ""
    given_up_said: str = ""
    batch_bytes: int = 0
    disk: DiskTraits | None = None
    swept: float = 0.0
    day_ended: float = 0.0
    digest_owed: bool = False
    digest_event: int | None = None
    alarm_at: float = 0.0
    alarm_lately: Mapping[str, float] = NOTHING
    cabinet_name: str = ""
    cabinet_colour: str = ""
    cabinet_logo: bool = False
    register_done: float = 0.0
    register_lines: Mapping[str, float] = NOTHING
    tasks_told: int = 0
    desk_tasks: HeldTasks = HeldTasks()
    packages_told: int = 0
    link_told: str = ""

    def generations(self) -> tuple[int, int, int]:
        """The three that this state has written somewhere."""
        return self.generation_started, self.generation, self.root_written


class Changes(TypedDict, total=False):
    """The fields of Progress, each as it is to be from now on."""

    cabinet: str
    root: str
    engine: str
    generation_started: int
    generation: int
    root_written: int
    marker_key: str
    portal_restored: bool
    lost_clients: frozenset[str]
    damaged: str
    portal_seen: float
    next_full: float
    resume_at: str
    ignored: str
    reports_said: str
    reports_unwritten: str
    journals_held: HeldJournals
    migration_failed: str
    waiting_said: str
    given_up_said: str
    batch_bytes: int
    disk: DiskTraits | None
    swept: float
    day_ended: float
    digest_owed: bool
    digest_event: int | None
    alarm_at: float
    alarm_lately: Mapping[str, float]
    cabinet_name: str
    cabinet_colour: str
    cabinet_logo: bool
    register_done: float
    register_lines: Mapping[str, float]
    tasks_told: int
    desk_tasks: HeldTasks
    packages_told: int
    link_told: str


class ProgressStore(Protocol):
    def read(self) -> Progress: ...

    def change(self, **fields: Unpack[Changes]) -> None:
        """Together, or not at all; the other fields stay."""
        ...

    def cursor(self) -> Cursor | None:
        """Where in the portal's feed everything before was observed."""
        ...

    def set_cursor(self, cursor: Cursor) -> None: ...

    def seen(self) -> Cursor | None:
        """The furthest place in the feed that any answer of the portal named."""
        ...

    def set_seen(self, cursor: Cursor | None) -> None:
        """Keeps the further one; another epoch begins anew. None: what was named before says nothing any more."""
        ...

    def pauses(self, client: str) -> dict[str, Pause]:
        """By document."""
        ...

    def pause(self, client: str, pause: Pause) -> None: ...

    def end_pause(self, client: str, doc: str) -> None: ...

    def forget_pauses(self, before: float) -> None:
        """Those that were over by then."""
        ...
