"""What became of an action, or what was seen: the events that every report is made from (DESIGN 4)."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.core import paths
from syncd.core.actions import (
    NAMES,
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

REFUSALS = (
    "too_large",
    "empty",
    "extension_not_allowed",
    "bad_name",
    "too_long",
    "name_collision",
    "quota",
    "no_right",
    "proxy_limit",
    "proxy_barred",
    "line_cut",
)
PROBLEMS = (
    "unstable",
    "locked",
    "vanished",
    "unreadable",
    "emptied",
    "too_long",
    "missing_folder",
    "renamed_template_folder",
    "failed",
)

NOT_ASKED = "not_asked"  # what waited for agreement is not to be done any more
VANISHED = "vanished_here"  # of a client: many of its documents disappeared at the cabinet
RENAMED = "renamed_here"  # … or bear names there of a type that is not accepted
STORMS = (VANISHED, RENAMED)


class Event(msgspec.Struct, frozen=True, gc=False):
    """One line of a run. A `keep_both` tells of the copy (`to`, its size and content); its `version` is the portal's, which
    took the name. `reason` only with refused, problem, waiting, stopped; `notice` lines change no verdict. `replaces`: an
    upload or download that takes the place of another content."""

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

    def as_dict(self) -> dict[str, Any]:
        """The JSON line: paths in NFC with `/`, nothing said of what does not apply."""
        line: dict[str, Any] = {
            "type": "event",
            "client": self.client,
            "action": self.action,
            "path": self.path,
        }
        for name, value in (
            ("side", self.side), ("from", self.origin), ("to", self.to), ("reason", self.reason), ("detail", self.detail),
            ("sha256", self.sha256), ("by", self.by),
        ):  # fmt: skip
            if value:
                line[name] = value
        line["folder"] = self.folder
        if self.size is not None:
            line["size"] = self.size
        if self.version:
            line["version"] = self.version
        for name, flag in (
            ("notice", self.notice),
            ("warning", self.warning),
            ("dry_run", self.dry_run),
            ("replaces", self.replaces),
        ):
            if flag:
                line[name] = True
        if self.reason and not self.new:
            line["known"] = True
        return line


def shown(path: str) -> str:
    """A path fit for people and JSON: NFC, bytes that are no text escaped."""
    return paths.printable(paths.nfc(path))


def of_action(client: str, action: Action, **extra: Any) -> Event | None:
    """The event a done (or planned) action is reported by. None for what only writes down a set-aside or folder."""
    name = NAMES[type(action)]
    at = side(action)
    where = at.value if at else ""
    match action:
        case Record(folder=folder, moved_from=old) if folder is not None and old:
            return Event(client, name, shown(folder.path), folder=True, origin=shown(old), **extra)
        case Record(doc=None) | Record(quiet=True):
            return None
        case Record(doc=doc) if doc is not None:
            return Event(
                client,
                name,
                shown(doc.path),
                size=doc.content.size,
                sha256=doc.content.hex,
                version=doc.version,
                **extra,
            )
        case Forget():
            return Event(client, name, shown(action.path), folder=bool(action.folder), **extra)
        case MakeFolder():
            return Event(client, name, shown(action.path), where, folder=True, **extra)
        case MoveFolder():
            return Event(client, name, shown(action.path), where, folder=True, origin=shown(action.from_path), **extra)
        case MoveLocal() | MoveRemote():
            return Event(client, name, shown(action.path), where, origin=shown(action.from_path), **extra)
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
            return Event(client, name, shown(getattr(action, "path", "")), where, **extra)


__all__ = ["PROBLEMS", "REFUSALS", "Event", "Side", "of_action", "shown"]
