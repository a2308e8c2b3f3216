"""Exchange packages on a local disk, each under its id, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from syncd.core.time_units import DAY
from syncd.disk import durability
from syncd.portal.storage import disk_reserve
from syncd.portal.storage.local import CHUNK

_ID, NEW = re.compile(r"[0-9a-f]{32}"), "new-"


class LocalPackages:
    """Keeps to `port.PackageStore`; its directory is made by what comes first."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, name: str, source: BinaryIO, size: int) -> None:
        target = self._path(name)
        self._directory.mkdir(mode=0o700, exist_ok=True)
        disk_reserve.admit(self._directory, size)
        part = self._directory / f"{NEW}{secrets.token_hex(8)}"
        try:
            with open(part, "xb", opener=disk_reserve.private) as into:
                shutil.copyfileobj(source, into, CHUNK)
            durability.sync_files([str(part)])
            part.replace(target)
            durability.sync_directories([str(self._directory)])
        finally:
            part.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        return self._path(name).open("rb")

    def drop(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def held(self) -> Iterator[tuple[str, float]]:
        with contextlib.suppress(FileNotFoundError), os.scandir(self._directory) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if _ID.fullmatch(entry.name):
                        yield entry.name, entry.stat().st_mtime

    def sweep(self) -> None:
        with contextlib.suppress(FileNotFoundError), os.scandir(self._directory) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.name.startswith(NEW) and entry.stat().st_mtime < time.time() - DAY:
                        Path(entry.path).unlink()

    def _path(self, name: str) -> Path:
        if not _ID.fullmatch(name):
            raise FileNotFoundError(name)
        return self._directory / name
