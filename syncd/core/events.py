"""What became of an action, or what was seen: the events that every report is made from (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.core import paths
from syncd.core.actions import (
    Action,
    Download,
    Forget,
    KeepBoth,
    Leave,
    MakeFolder,
    MoveFolder,
    MoveLocal,
    MoveRemote,
    Record,
    RestoreSetAside,
    SetAside,
    Side,
    Upload,
    Withdraw,
    side,
)

FORM = 1  # of a line; what is of a later one is read as far as it is known here


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename={"origin": "from", "form": "v"}):
    """One line of a run. A `keep_both` tells of the copy (`to`, its size and content); its `version` is the portal's, which
    took the name. `reason` only with refused, problem, waiting, stopped; `notice` lines change no verdict. `replaces`: an
    upload or download that takes the place of another content. `new`: it was not so before (only new ones are recorded).
    `form`: of the line that it was read from."""

    client: str
    action: str
    path: str = ""
    side: str = ""
    folder: bool = False
    origin: str = ""
    to: str = ""
    reason: str = ""
    detail: str = ""
    size: int | None = None
    sha256: str = ""
    version: int | None = None
    by: str = ""
    new: bool = True
    notice: bool = False
    warning: bool = False
    dry_run: bool = False
    replaces: bool = False
    form: int = FORM

    def as_dict(self) -> dict[str, Any]:
        """The JSON line: paths in NFC with `/`, nothing said of what does not apply."""
        told = msgspec.to_builtins(self)
        known = not told.pop("new", True)
        line: dict[str, Any] = {"type": "event", "client": self.client, "action": self.action, "path": self.path}
        line |= told
        line["folder"] = self.folder
        if self.version == 0:
            del line["version"]
        if known and self.reason:
            line["known"] = True
        return line


of_json = msgspec.json.Decoder(Event).decode  # of a line as it is stored
many_of_json = msgspec.json.Decoder(tuple[Event, ...]).decode


def of_line(line: Mapping[str, Any]) -> Event:
    """The event that `as_dict` made the line from. Raises msgspec.ValidationError where it is none."""
    return msgspec.convert(line, Event)


def shown(path: str) -> str:
    """A path fit for people and JSON: NFC, bytes that are no text escaped."""
    return paths.printable(paths.nfc(path))


def of_action(client: str, action: Action, **extra: Any) -> Event | None:
    """The event a done (or planned) action is reported by. None for what only writes down a set-aside or folder."""
    name = action.table.name
    at = side(action)
    where = at.value if at else ""
    match action:
        case Record():
            return _of_record(client, action, **extra)
        case Forget():
            return Event(client, name, shown(action.path), folder=bool(action.folder), **extra)
        case MakeFolder():
            return Event(client, name, shown(action.path), where, folder=True, **extra)
        case MoveFolder():
            return Event(client, name, shown(action.path), where, folder=True, origin=shown(action.source), **extra)
        case MoveLocal() | MoveRemote():
            return Event(client, name, shown(action.path), where, origin=shown(action.source), **extra)
        case SetAside():
            return Event(
                client, name, shown(action.path), where, to=shown(action.to), size=action.content.size,
                sha256=action.content.hex, by=action.by, warning=action.edited, **extra,
            )  # fmt: skip
        case KeepBoth():
            return Event(
                client, name, shown(action.path), where, to=shown(action.copy), size=action.content.size,
                sha256=action.content.hex, version=action.fetch.version if action.fetch else None, warning=True, **extra,
            )  # fmt: skip
        case Upload():
            return Event(
                client, name, shown(action.path), where, size=action.content.size, sha256=action.content.hex,
                version=action.version + 1, warning=bool(action.lost), replaces=action.doc is not None, **extra,
            )  # fmt: skip
        case Download() | RestoreSetAside():
            over = isinstance(action, Download) and action.expect is not None and not action.emptied
            return Event(
                client, name, shown(action.path), where, size=action.content.size, sha256=action.content.hex,
                version=action.version, replaces=over, **extra,
            )  # fmt: skip
        case Withdraw():
            return Event(client, name, shown(action.path), where, detail=shown(action.where), warning=True, **extra)
        case Leave():
            return Event(client, name, shown(action.path), where, detail=action.reason, **extra)
        case _:
            return Event(client, name, shown(action.path), where, **extra)


def _of_record(client: str, action: Record, **extra: Any) -> Event | None:
    name, folder, doc, old = action.table.name, action.folder, action.doc, action.moved_from
    if folder is not None and old:
        return Event(client, name, shown(folder.path), folder=True, origin=shown(old), **extra)
    if doc is None or action.quiet:
        return None
    return Event(
        client, name, shown(doc.path), size=doc.content.size, sha256=doc.content.hex, version=doc.version, **extra
    )


__all__ = ["Event", "Side", "of_action", "of_json", "of_line", "shown"]
