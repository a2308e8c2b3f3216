"""How far the engine has come: the rows of `meta`, each with its type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Unpack

import msgspec

from syncd.core import wire_types
from syncd.core.desk_tasks import HeldTasks
from syncd.core.disk_traits import DiskTraits
from syncd.core.protocol import Cursor
from syncd.ports.state import Changes, HeldJournals, Progress
from syncd.state.clients import LOST
from syncd.state.retry_pauses import RetryPauses


class _Form(msgspec.Struct, frozen=True):
    """How a kind of value is written in `meta`, and read from there."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _disk(text: str) -> DiskTraits | None:
    try:
        return msgspec.json.decode(text, type=DiskTraits) if text else None
    except msgspec.DecodeError:  # of another version: measured anew
        return None


def _tasks(text: str) -> HeldTasks:
    try:
        return msgspec.json.decode(text or "{}", type=HeldTasks, dec_hook=wire_types.check)
    except msgspec.MsgspecError:  # of another version: the portal says them anew
        return HeldTasks()


def _disk_text(disk: DiskTraits | None) -> str:
    return msgspec.json.encode(disk).decode() if disk is not None else ""


_TEXT = _Form(str, str)
_NUMBER = _Form(str, lambda text: int(text or 0))
_TIME = _Form(repr, lambda text: float(text or 0))
_FLAG = _Form(lambda flag: "1" if flag else "", lambda text: text == "1")
_EVENT = _Form(lambda seq: "" if seq is None else str(seq), lambda text: int(text) if text else None)
_TIMES = _Form(lambda times: json.dumps(dict(times)), lambda text: json.loads(text or "{}"))
_HELD = _Form(
    lambda held: msgspec.json.encode(held).decode(), lambda text: msgspec.json.decode(text or "{}", type=HeldJournals)
)
_IDS = _Form(lambda ids: " ".join(sorted(ids)), lambda text: frozenset(text.split()))

# Field of Progress → (its key in `meta`, its form). A key is never renamed: states of older versions have it.
_STORED: Mapping[str, tuple[str, _Form]] = {
    "cabinet": ("cabinet", _TEXT), "root": ("root", _TEXT), "engine": ("engine", _TEXT),
    "generation_started": ("generation_started", _NUMBER), "generation": ("generation", _NUMBER),
    "root_written": ("root_written", _NUMBER), "marker_key": ("marker_key", _TEXT),
    "portal_restored": ("portal_restored", _FLAG), "lost_clients": (LOST, _IDS),
    "damaged": ("damaged", _TEXT),
    "portal_seen": ("portal_seen", _TIME), "next_full": ("next_full", _TIME),
    "resume_at": ("resume_at", _TEXT), "ignored": ("ignored", _TEXT),
    "reports_said": ("reports_said", _TEXT), "reports_unwritten": ("reports_unwritten", _TEXT),
    "journals_held": ("journals left", _HELD), "migration_failed": ("migration_failed", _TEXT),
    "waiting_said": ("waiting_said", _TEXT), "given_up_said": ("given_up_said", _TEXT),
    "batch_bytes": ("batch_bytes", _NUMBER), "disk": ("disk", _Form(_disk_text, _disk)), "swept": ("swept", _TIME),
    "day_ended": ("digest_at", _TIME), "digest_owed": ("digest_owed", _FLAG), "digest_event": ("digest_seq", _EVENT),
    "alarm_at": ("alarm_at", _TIME), "alarm_lately": ("alarm_lately", _TIMES),
    "cabinet_name": ("cabinet_name", _TEXT), "cabinet_colour": ("cabinet_colour", _TEXT), "cabinet_logo": ("cabinet_logo", _FLAG),
    "register_done": ("register_done", _TIME), "register_lines": ("register_lines", _TIMES),
    "tasks_told": ("tasks_told", _NUMBER), "packages_told": ("packages_told", _NUMBER), "link_told": ("link_told", _TEXT),
    "desk_tasks": ("desk_tasks", _Form(lambda held: msgspec.json.encode(held).decode() if held != HeldTasks() else "", _tasks)),
}  # fmt: skip
_FIELDS = {key: (name, form.read) for name, (key, form) in _STORED.items()}
_READ = f"select key, value from meta where key in ({', '.join('?' * len(_FIELDS))})"
_PUT = "insert into meta values (?, ?) on conflict (key) do update set value = excluded.value"


class ProgressRows(RetryPauses):
    def read(self) -> Progress:
        found = {}
        for key, value in self.conn.execute(_READ, tuple(_FIELDS)):
            name, read = _FIELDS[key]
            found[name] = read(str(value))
        return Progress(**found)

    def change(self, **fields: Unpack[Changes]) -> None:
        rows = [(_STORED[name][0], _STORED[name][1].write(value)) for name, value in fields.items()]
        if len(rows) == 1:
            self.run(_PUT, *rows[0])
            return
        with self.atomic():
            self.conn.executemany(_PUT, rows)

    def cursor(self) -> Cursor | None:
        return self._cursor("")

    def set_cursor(self, cursor: Cursor) -> None:
        self._set_cursor("", cursor)

    def seen(self) -> Cursor | None:
        return self._cursor("seen_") or self.cursor()

    def set_seen(self, cursor: Cursor | None) -> None:
        if cursor is None:
            self.run(_PUT, "seen_epoch", "")
            return
        held = self.seen()
        if not cursor.epoch or (held is not None and held.epoch == cursor.epoch and held.seq >= cursor.seq):
            return
        self._set_cursor("seen_", cursor)

    def _cursor(self, prefix: str) -> Cursor | None:
        keys = (f"{prefix}epoch", f"{prefix}seq", f"{prefix}tag")
        found = dict(self.rows("select key, value from meta where key in (?, ?, ?)", *keys))
        epoch, seq, tag = (found.get(key, "") for key in keys)
        return Cursor(epoch, int(seq), tag) if epoch else None

    def _set_cursor(self, prefix: str, cursor: Cursor) -> None:
        with self.atomic():
            self.conn.executemany(
                _PUT,
                [(f"{prefix}epoch", cursor.epoch), (f"{prefix}seq", str(cursor.seq)), (f"{prefix}tag", cursor.tag)],
            )
