"""Markers tell the root and each client's directory apart from an empty mount point or a copy (RULES 4, HAZARDS 1)."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from typing import Any

from syncd.core.errors import MirrorError, UsageError
from syncd.disk import sync
from syncd.local.look import ENGINE as ENGINE
from syncd.ports.local import ClientDirectory, RootMarker

ROOT, CLIENT = "root.json", "client.json"


def write(directory: str, name: str, data: dict[str, Any], *, durable: bool = True) -> str:
    """Replace a marker atomically; the path of the marker's file."""
    own = os.path.join(directory, ENGINE)
    os.makedirs(own, mode=0o777, exist_ok=True)
    path = os.path.join(own, name)
    temp = f"{path}.{secrets.token_hex(4)}"
    with open(temp, "w", encoding="utf-8") as f:
        json.dump(data, f, ensure_ascii=False)
        f.flush()
        if durable:
            os.fsync(f.fileno())
    os.replace(temp, path)
    if durable:
        sync.sync_directory(own)
        sync.sync_directory(directory)
    return path


def read(directory: str, name: str) -> dict[str, Any] | None:
    """The marker, None when there is none. A damaged one raises ValueError: it is not absent."""
    try:
        with open(os.path.join(directory, ENGINE, name), encoding="utf-8") as f:
            data = json.load(f)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not isinstance(data, dict):
        raise ValueError("not a marker")
    return data


def root_marker(root: str) -> RootMarker:
    """Raises MirrorError when the root, or its marker, is missing or unreadable."""
    where = f"'{root}'"
    try:
        device = os.stat(root).st_dev
        data = read(root, ROOT)
    except OSError as e:
        raise MirrorError(
            "stop_root_marker",
            f"The mirror {where} cannot be reached ({e.strerror}).",
            mend="Mount its disk or share again, then run again: no document was touched.",
        ) from None
    except ValueError:
        raise MirrorError(
            "stop_root_marker",
            f"The marker of the mirror {where} is damaged.",
            mend="Put .syncd/root.json back from a backup: no document was touched.",
        ) from None
    if data is None or not data.get("root"):
        raise MirrorError(
            "stop_root_marker",
            f"{where} does not hold this cabinet's marker: the disk or share is not the right one, or is not mounted.",
            mend="Mount the right one, then run again: no document was touched.",
        )
    return RootMarker(str(data.get("cabinet", "")), str(data["root"]), int(data.get("generation", 0)), device)


def init_root(root: str, cabinet: str) -> str:
    """Mark a root for a cabinet; its random id. Refuses another cabinet's, and a root inside a root."""
    above = os.path.dirname(os.path.abspath(root))
    while True:
        if os.path.exists(os.path.join(above, ENGINE, ROOT)):
            raise UsageError(f"'{root}' lies inside another mirror, '{above}'.", mend="Choose a directory outside it.")
        if os.path.dirname(above) == above:
            break
        above = os.path.dirname(above)
    os.makedirs(root, exist_ok=True)
    for entry in os.scandir(root):
        if entry.is_dir(follow_symlinks=False) and os.path.exists(os.path.join(entry.path, ENGINE, ROOT)):
            raise UsageError(
                f"'{entry.path}' inside '{root}' is another mirror.",
                mend="Choose that one, or another directory.",
            )
    try:
        held = read(root, ROOT)
    except ValueError:
        raise UsageError(
            f"the marker in '{root}' is damaged.", mend="Put .syncd/root.json back from a backup."
        ) from None
    if held is not None:
        if held.get("cabinet") != cabinet:
            raise UsageError(
                f"'{root}' bears another cabinet's marker.",
                mend="Choose another root, or the right portal and key.",
            )
        return str(held["root"])
    identity = secrets.token_hex(16)
    write(root, ROOT, {"format": 1, "cabinet": cabinet, "root": identity, "generation": 0})
    return identity


def client_directory(root: str, name: str) -> ClientDirectory:
    """Raises OSError or ValueError when the marker is there but cannot be read."""
    data = read(os.path.join(root, name), CLIENT)
    if data is None:
        return ClientDirectory(name)
    return ClientDirectory(
        name, str(data.get("client", "")), str(data.get("cabinet", "")), int(data.get("generation", 0))
    )


def set_generation(directory: str, name: str, generation: int) -> str | None:
    """Not durable: the caller syncs the whole batch."""
    data: dict[str, Any] | None = None
    with contextlib.suppress(ValueError):
        data = read(directory, name)
    if data is None:
        return None
    data["generation"] = generation
    return write(directory, name, data, durable=False)
