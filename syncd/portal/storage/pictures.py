"""Pictures of documents on a local disk, at most so many bytes of them."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import threading
import time
from collections.abc import Iterator

from syncd.core.time_units import DAY
from syncd.portal.storage import disk_reserve

MOST = 2_000_000_000  # bytes: some hundred thousand small pictures
AGAIN = DAY  # seconds until what could not be made is tried again
TOUCHED = 3600.0  # seconds within which a further use is not written down
_AT_HAND = MOST // 20  # bytes written until it is looked whether they are too many


class LocalPictures:
    """Keeps to `port.PictureStore`. What uses one says so by its file's time."""

    def __init__(self, root: str, most: int = MOST) -> None:
        self._root, self._most = root, most
        self._written, self._counting = 0, threading.Lock()

    def get(self, key: str) -> bytes | None:
        try:
            with open(self._path(key), "rb") as f:
                used = os.fstat(f.fileno())
                data = f.read()
        except OSError:
            return None
        if not data and time.time() - used.st_mtime > AGAIN:
            return None
        if data and time.time() - used.st_mtime > TOUCHED:
            with contextlib.suppress(OSError):
                os.utime(self._path(key))
        return data

    def put(self, key: str, data: bytes) -> None:
        path = self._path(key)
        temp = f"{path}.{secrets.token_hex(8)}~"
        try:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            disk_reserve.admit(self._root, len(data))
            with open(temp, "xb", opener=disk_reserve.private) as f:
                f.write(data)
            os.replace(temp, path)  # not synced: torn by a loss of power it is no picture, and made again
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temp)
            return
        with self._counting:
            self._written += len(data) + 512
            enough = self._written > min(_AT_HAND, self._most // 4)
            if enough:
                self._written = 0
        if enough:
            self.sweep()

    def sweep(self) -> None:
        files, now = sorted(self._files()), time.time()
        held = sum(size for _, size, _ in files)
        for used, size, path in files:
            if held > self._most or (not size and now - used > AGAIN) or (path.endswith("~") and now - used > AGAIN):
                with contextlib.suppress(OSError):
                    os.unlink(path)
                held -= size

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """(last used, size, path) of each."""
        with contextlib.suppress(OSError):
            for folder in os.listdir(self._root):
                with os.scandir(os.path.join(self._root, folder)) as entries:
                    for entry in entries:
                        with contextlib.suppress(OSError):
                            found = entry.stat(follow_symlinks=False)
                            yield found.st_mtime, found.st_size, entry.path

    def _path(self, key: str) -> str:
        return f"{self._root}/{key[:2]}/{key}"


@functools.lru_cache(maxsize=8)
def pictures_in(root: str) -> LocalPictures:
    return LocalPictures(root)
