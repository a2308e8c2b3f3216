"""What became of an action, or what was seen: the events that every report is made from (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    if isinstance(action, Record):
        return _of_record(client, action, **extra)
    at = side(action)
    beside = _BESIDE[type(action)](action) if type(action) in _BESIDE else {}
    return Event(client, action.table.name, shown(action.path), at.value if at else "", **beside, **extra)


def _set_aside(action: SetAside) -> dict[str, Any]:
    return {"to": shown(action.to), **_content(action), "by": action.by, "warning": action.edited}


def _keep_both(action: KeepBoth) -> dict[str, Any]:
    version = action.fetch.version if action.fetch else None
    return {"to": shown(action.copy), **_content(action), "version": version, "warning": True}


def _upload(action: Upload) -> dict[str, Any]:
    replaces = action.doc is not None
    return {**_content(action), "version": action.version + 1, "warning": bool(action.lost), "replaces": replaces}


def _download(action: Download) -> dict[str, Any]:
    over = action.expect is not None and not action.emptied
    return {**_content(action), "version": action.version, "replaces": over}


def _restore(action: RestoreSetAside) -> dict[str, Any]:
    return {**_content(action), "version": action.version}


def _content(action: SetAside | KeepBoth | Upload | Download | RestoreSetAside) -> dict[str, Any]:
    return {"size": action.content.size, "sha256": action.content.hex}


def _moved(action: MoveLocal | MoveRemote) -> dict[str, Any]:
    return {"origin": shown(action.source)}


# What is told of an action beside its path and its side.
_BESIDE: dict[type, Callable[[Any], dict[str, Any]]] = {
    SetAside: _set_aside, KeepBoth: _keep_both, Upload: _upload, Download: _download, RestoreSetAside: _restore,
    MoveLocal: _moved, MoveRemote: _moved,
    MoveFolder: lambda action: {"folder": True, "origin": shown(action.source)},
    MakeFolder: lambda action: {"folder": True},
    Forget: lambda action: {"folder": bool(action.folder)},
    Withdraw: lambda action: {"detail": shown(action.where), "warning": True},
    Leave: lambda action: {"detail": action.reason},
}  # fmt: skip


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
