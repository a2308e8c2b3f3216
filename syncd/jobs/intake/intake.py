"""One pass over the scanners' share: what is whole is claimed, placed in the mirror, and put away once the portal has it.

A source is removed by nothing but the portal's answer for its very bytes. A file that cannot be taken stays where it is,
is looked at again, and is put away with a note after the third time; nothing is concluded from a share that is away.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from syncd.core import completeness, paths, words
from syncd.core import intake as core
from syncd.core.content import Content, Stamp
from syncd.core.errors import SyncdError
from syncd.core.events import Event, shown
from syncd.core.intake import Dossier, Place, Unplaced
from syncd.core.origins import Origin
from syncd.core.reasons import Reason
from syncd.disk.hashing import Changed
from syncd.engine.context import Context
from syncd.engine.open.discover import check_root
from syncd.jobs.intake.export_to_accounting import Export
from syncd.jobs.intake.placing import MOST, Batch, Ready
from syncd.jobs.intake.proofs import Proofs
from syncd.jobs.intake.share import DOUBLES, REJECTED, REPORTS, TREATED, Found, NotADocument, Share, pieces
from syncd.jobs.intake.strays import HELD, Strays
from syncd.ports.local import in_use
from syncd.ports.state import Arrival, Attempt, ClientRow

if TYPE_CHECKING:
    from syncd.ports.local import ClientDirectory

PAUSE = 5  # times the settling of a document: a scanner pauses between two pages
OVERDUE = 3600.0  # seconds after which a document that is not online yet is said
_OF_BYTES = (Reason.UNFINISHED, Reason.NOT_WHAT_IT_SAYS)


class Options(msgspec.Struct, frozen=True):
    """`month`: of a moment in the cabinet's time zone, `2026-11`; `said`: that moment as people read it. `delete`: a source is
    removed once its bytes are online, instead of kept in `.traites`. `language`: of the notes beside what was put away. `export`: where entries that came from the portal are handed over."""

    root: str
    quarantine: str
    month: Callable[[float], str]
    said: Callable[[float], str]
    delete: bool = False
    language: str = "fr"
    export: str = ""


class Done(msgspec.Struct, frozen=True):
    """`placed`: ids of clients that have something to be published. `young`: seconds until something is to be looked at
    again, 0 for nothing. `waiting`: ids of clients whose sources wait for the portal."""

    placed: frozenset[str] = frozenset()
    young: float = 0.0
    waiting: frozenset[str] = frozenset()


class Intake:
    """Made once per service or command; remembers between passes what it saw being written."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._seen: dict[str, tuple[Stamp, float]] = {}

    def tops(self) -> list[str]:
        """The dossiers' directories. Raises OSError."""
        return Share(self.options.root, self.options.quarantine, "").tops()

    def __call__(self, ctx: Context, *, counts: bool = True) -> Done:
        """One pass, in a thread. `counts`: it is one of the looks after which a file that cannot be taken is put away; what an
        event began is none. Raises SyncdError where the share cannot be reached, MirrorError for the mirror's root."""
        work = _Pass(self.options, ctx, self._seen, counts=counts)
        try:
            return work.run()
        except OSError as e:
            said = Event("", "problem", reason=Reason.SHARE_AWAY, detail=e.strerror or "", notice=True, warning=True)
            ctx.recorder.record(said, REPORTS)
            raise SyncdError(
                f"The scanners' share '{self.options.root}' cannot be read ({e.strerror or e}): no file was touched.",
                mend="Check [intake] root, and that this account may read and write there.", reason=Reason.SHARE_AWAY.value,
                cause=e.strerror or "",
            ) from None  # fmt: skip


class _Pass:
    def __init__(
        self, options: Options, ctx: Context, seen: dict[str, tuple[Stamp, float]], *, counts: bool
    ) -> None:  # fmt: skip
        robot = hashlib.sha256(ctx.settings.engine.encode()).hexdigest()[:8]
        self._options, self._ctx, self._counts = options, ctx, counts
        self._share = Share(options.root, options.quarantine, robot)
        self._before, self._seen = seen, dict[str, tuple[Stamp, float]]()
        self._remembers = seen
        self._window = PAUSE * ctx.settings.settle
        self._batch, self._proofs = Batch(ctx, self._share), Proofs(ctx)
        self._away: list[tuple[Found, ClientRow, Arrival]] = []
        self._ahead = self._young = 0.0
        self._left, self._shown = set[str](), set[tuple[str, Content]]()
        self._strays = Strays(ctx, self._share, self._settled)
        self._dirs: Mapping[str, ClientDirectory] | None = None

    def run(self) -> Done:
        ctx = self._ctx
        check_root(ctx)
        tops = self._share.tops()
        if not ctx.settings.dry_run:
            self._ahead = self._share.ahead()
        self._rows = {r.code: r for r in ctx.state.clients.all()}
        self._attempts = ctx.state.arrivals.attempts()
        self._arrivals = {a.source: a for a in ctx.state.arrivals.open(Origin.SCANNER.value)}
        self._strays.loose()
        for top in tops:
            self._dossier(top, waits=False)
        for top in self._share.tops(waiting=True):
            self._dossier(top, waits=True)
        self._batch.flush()
        if self._away:
            self._put_all_away()
        if self._options.export:
            sound = {code: r for code, r in self._rows.items() if self._has_place(r) and self._is_sound(r)}
            Export(ctx, self._options.export)(sound)
        self._remembers.clear()
        self._remembers.update(self._seen)
        if not ctx.settings.dry_run:
            ctx.recorder.forget_resolved(REPORTS)
        placed = frozenset(self._batch.placed)
        return Done(placed, self._young, placed | self._left)

    # -- whose it is -----------------------------------------------------------------------------------------------------

    def _dossier(self, top: str, *, waits: bool) -> None:
        told = core.dossier(top, self._rows)
        row = self._rows[told.code] if told is not None else None
        self._ctx.recorder.between(row.code if row is not None else "")
        if row is not None and row.code in self._ctx.settings.exclude:
            return  # another engine's
        if told is None or row is None or row.closed:
            self._strays.directory(top, waits, Reason.UNKNOWN_DOSSIER if row is None else Reason.CLOSED_DOSSIER)
            return
        if not self._has_place(row) or not self._is_sound(row):
            return  # the next pass asks for its tree, or makes its directory, or says what is wrong with it
        for found in self._strays.files(top, waits):
            self._ctx.recorder.between(row.code)
            try:
                self._file(found, told, row)
            except OSError as e:
                self._stayed(found, row, e)
            if len(self._away) >= MOST:
                self._put_all_away()

    def _stayed(self, found: Found, row: ClientRow, why: OSError) -> None:
        """Raises what is no fault of the one file."""
        if isinstance(why, FileNotFoundError):  # somebody else took it, or took it away
            return
        if why.errno not in HELD and not in_use(why):
            raise why
        self._problem(row.code, found, Reason.LOCKED)

    def _has_place(self, row: ClientRow) -> bool:
        return row.rules is not None and bool(row.dir) and not row.closed and row.code not in self._ctx.settings.exclude

    def _is_sound(self, row: ClientRow) -> bool:
        """Whether its directory is its own by the marker: nothing is brought into another client's."""
        if self._dirs is None:
            self._dirs = {d.name: d for d in self._ctx.mirror.clients()}
        held = self._dirs.get(row.dir)
        return held is not None and held.client == row.id and not held.fault

    # -- one file --------------------------------------------------------------------------------------------------------

    def _file(self, found: Found, told: Dossier, row: ClientRow) -> None:
        arrival = self._arrivals.get(found.place)
        if arrival is not None and arrival.client == row.id:
            self._brought(found, row, arrival)
            return
        if not self._settled(found):
            return
        assert row.rules is not None
        to = core.place(row.rules.rules(row.code), told, found.parts, found.given, found.stamp.size)
        if isinstance(to, Unplaced):
            self._tried(found, row, to.reason, to.detail)
        elif (fault := self._known_fault(found) or self._fault(found)) is not None:
            self._tried(found, row, fault)
        elif self._ctx.settings.dry_run:
            self._show(found, row, to)
        else:
            self._take(found, row, to)

    def _settled(self, found: Found) -> bool:
        """Whether nothing of it changed for so long as a scanner pauses, by the share's clock or by our own eyes. A claim was
        settled when it was claimed, and its name is of that moment."""
        st, now = found.stamp, time.time() + self._ahead
        times = [t / 1e9 for t in ((st.mtime_ns,) if found.mine else (st.mtime_ns, st.ctime_ns))]
        past = [t for t in times if t <= now + 1]  # a clock that runs wrong is no sign of youth
        if past and now - max(past) >= self._window:
            return True
        before, tick = self._before.get(found.place), time.monotonic()
        if before is not None and before[0] == st and tick - before[1] >= self._window:
            return True
        self._seen[found.place] = before if before is not None and before[0] == st else (st, tick)
        self._young = self._window
        return not self._window

    def _known_fault(self, found: Found) -> str | None:
        """What was found of these very bytes by an earlier look: they are not read again."""
        before = self._attempts.get(found.shown)
        alike = before is not None and before.stamp == found.stamp
        return before.reason if before is not None and alike and before.reason in _OF_BYTES else None

    def _fault(self, found: Found) -> str | None:
        try:
            fd = self._share.open(found)
        except NotADocument:
            return Reason.UNREADABLE.value
        try:
            return completeness.fault(pieces(fd), found.stamp.size, paths.split_ext(found.given)[1].lower())
        finally:
            os.close(fd)

    def _take(self, found: Found, row: ClientRow, to: Place) -> None:
        """From here on it bears this robot's mark: another one, and the scanner's next file, pass it by."""
        looked = found.stamp
        if not found.mine:
            found = self._share.claim(found)
        now = found.stamp
        if (now.size, now.mtime_ns, now.inode) != (looked.size, looked.mtime_ns, looked.inode):
            self._young = self._window  # it was written to at the very moment
            return
        try:
            content, stamp = self._share.content(found)
        except Changed:
            self._young = self._window
            return
        self._ctx.state.arrivals.drop_attempt(found.shown)
        before = self._ctx.state.arrivals.find(row.id, content)
        undone = before if before is not None and self._is_cut_short(found, before) else None
        if undone is not None and self._proofs.came_after(row, undone, stamp, self._ahead):
            self._ctx.state.arrivals.finish(row.id, content, self._ctx.clock.now())
            before, undone = self._ctx.state.arrivals.find(row.id, content), None
        if undone is not None:
            undone = replace(undone, source=found.place)  # the very scan, whose claim a power cut undid
            self._ctx.state.arrivals.put(undone)
            self._brought(found, row, undone)
        elif self._is_here(row, content, before):
            self._double(found, row, content, before)
        elif self._ctx.mirror.free_bytes() - content.size < self._ctx.settings.reserve:
            self._problem(row.code, found, Reason.DISK_FULL)
        else:
            self._batch.add(Ready(found, row, to, content, stamp))

    def _is_cut_short(self, found: Found, before: Arrival) -> bool:
        return not before.done and before.source != found.place and not self._share.there(before.source)

    def _show(self, found: Found, row: ClientRow, to: Place) -> None:
        """What would be done with it. Nothing is written: each that a plan named so far is held in memory."""
        try:
            content, _ = self._share.content(found)
        except (Changed, NotADocument):
            return
        before = self._ctx.state.arrivals.find(row.id, content)
        if (row.id, content) in self._shown or self._is_here(row, content, before):
            self._tell_double(found, row, content, before)
            return
        self._shown.add((row.id, content))
        origin, size = shown(found.shown), found.stamp.size
        self._ctx.recorder.record(Event(row.code, "intake", shown(to.path), "local", origin=origin, size=size))

    def _is_here(self, row: ClientRow, content: Content, before: Arrival | None) -> bool:
        """Online, on its way, or brought by a migration a moment ago."""
        if self._batch.holds(row.id, content) or self._proofs.online(row, content):
            return True
        return before is not None and (not before.done or self._proofs.lies(row, before))

    def _double(self, found: Found, row: ClientRow, content: Content, before: Arrival | None) -> None:
        self._share.put(found, (DOUBLES,))
        self._tell_double(found, row, content, before)

    def _tell_double(self, found: Found, row: ClientRow, content: Content, before: Arrival | None) -> None:
        at = before.at or before.done if before is not None else 0.0
        self._ctx.recorder.record(
            Event(
                row.code, "problem", self._inside(found), origin=shown(found.shown), reason=Reason.ALREADY_RECEIVED,
                detail=self._options.said(at) if at else "", size=content.size, sha256=content.hex, notice=True,
            )
        )  # fmt: skip

    # -- what lies in the mirror already -----------------------------------------------------------------------------------

    def _brought(self, found: Found, row: ClientRow, arrival: Arrival) -> None:
        """Its document was about to be placed, or was, by an earlier pass, or a moment before the power went."""
        ctx = self._ctx
        if ctx.settings.dry_run:
            return
        if self._proofs.online(row, arrival.content):
            self._put_away(found, row, arrival)
        elif not self._proofs.lies(row, arrival, found.stamp):
            if arrival.at and self._proofs.answered(row, arrival):
                self._put_away(found, row, arrival, deletes=False)  # a portal put back since would not have it any more
            else:
                self._gone(found, row, arrival)
        elif not arrival.at:
            with ctx.state.atomic():
                self._batch.tell(found, row, arrival)
        else:
            self._left.add(row.id)
            if ctx.clock.now() - arrival.at > OVERDUE:
                self._problem(row.code, found, Reason.NOT_ONLINE, self._options.said(arrival.at))

    def _gone(self, found: Found, row: ClientRow, arrival: Arrival) -> None:
        """Never placed: once more. Placed, and taken away by somebody before it was online: said, and put away."""
        if arrival.at:
            self._tried(found, row, Reason.TAKEN_FROM_MIRROR)
            return
        self._ctx.state.arrivals.drop(row.id, arrival.content)
        self._arrivals.pop(found.place, None)
        self._ctx.recorder.between(row.code)
        told = core.dossier(found.top, self._rows)
        assert told is not None
        self._file(found, told, row)

    def _put_away(self, found: Found, row: ClientRow, arrival: Arrival, *, deletes: bool = True) -> None:
        """The portal has answered for these bytes: the source may go, if it holds them still."""
        ctx = self._ctx
        try:
            content, _ = self._share.content(found)
        except Changed:
            return
        if content != arrival.content:  # a scanner that had it open went on: what it holds now is another document
            ctx.state.arrivals.finish(row.id, arrival.content, ctx.clock.now())
            self._arrivals.pop(found.place, None)
            self._young = self._window
            return
        if self._options.delete and deletes:
            self._share.remove(found)
            ctx.state.arrivals.finish(row.id, arrival.content, ctx.clock.now())
            return
        self._away.append((found, row, arrival))

    def _put_all_away(self) -> None:
        """Their names are durable before they count as done; many at a time, since each is five directories to sync."""
        ctx, (away, self._away) = self._ctx, (self._away, [])
        now = ctx.clock.now()
        stayed = self._share.put_all([found for found, _, _ in away], (TREATED, self._options.month(now)))
        with ctx.state.atomic():
            for found, row, arrival in away:
                if found not in stayed:
                    ctx.state.arrivals.finish(row.id, arrival.content, now)
        for found, row, _ in away:
            if (why := stayed.get(found)) is not None:
                self._stayed(found, row, why)

    # -- what is not taken -------------------------------------------------------------------------------------------------

    def _tried(self, found: Found, row: ClientRow, reason: str, detail: str = "") -> None:
        """It stays for now; after the third look at the very same bytes it is put away with a note beside it."""
        ctx, now = self._ctx, found.stamp
        before = self._attempts.get(found.shown)
        alike = before is not None and (before.stamp.size, before.stamp.mtime_ns) == (now.size, now.mtime_ns)
        tries = (before.tries if before is not None and alike else 0) + self._counts
        if tries < core.TRIES or ctx.settings.dry_run:
            self._problem(row.code, found, reason, detail)
            if not ctx.settings.dry_run:
                since = before.since if before is not None and alike else ctx.clock.now()
                ctx.state.arrivals.put_attempt(Attempt(found.shown, now, tries, reason, since))
            return
        note = words.reason(reason, detail, self._options.language)
        self._share.put(found, (REJECTED,), f"{found.shown}\r\n{self._options.said(ctx.clock.now())}\r\n{note}\r\n")
        at = self._inside(found)
        with ctx.state.atomic():
            ctx.state.arrivals.drop_attempt(found.shown)
            if (arrival := self._arrivals.get(found.place)) is not None:
                ctx.state.arrivals.finish(row.id, arrival.content, ctx.clock.now())
            ctx.recorder.record(Event(row.code, "refused", at, origin=shown(found.shown), reason=reason, detail=detail))

    def _problem(self, code: str, found: Found, reason: str, detail: str = "") -> None:
        """It is looked at again; said once for as long as it lasts."""
        said = Event(
            code, "problem", self._inside(found), origin=shown(found.shown), reason=reason, detail=detail, notice=True
        )
        self._ctx.recorder.record(said, REPORTS)

    @staticmethod
    def _inside(found: Found) -> str:
        return shown("/".join((*found.parts, found.given)))
