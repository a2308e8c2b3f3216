"""How many clients look, by two processes where that is worth a start: a walk in Python keeps one processor busy."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from subprocess import DEVNULL, PIPE

from syncd.local import directory_fingerprint

WORTH = 3000  # folders: what starting another process costs is a tenth of looking at these


class Looks:
    """The other process begins at once, with the last client; `same` looks at what the other has not come to yet.

    So nobody waits for the other, and when it cannot start, or is killed, the first does it all. `before`: how each
    client looked, by name of its directory in `root`.
    """

    def __init__(self, root: str, before: Mapping[str, bytes], worth: int = WORTH) -> None:
        self._root, self._known = os.path.abspath(root), before
        self._before = {client: directory_fingerprint.remembered(how) for client, how in before.items()}
        self._now: dict[str, bytes] = {}
        self._other: subprocess.Popen[bytes] | None = None
        many = sum(len(folders) for _, folders in self._before.values()) >= worth
        if many and directory_fingerprint.DESCRIPTORS and (os.cpu_count() or 1) > 1:
            try:
                self._other = subprocess.Popen(
                    [sys.executable, "-I", "-S", directory_fingerprint.__file__],
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                )
            except OSError:
                return
            self._listener = threading.Thread(target=self._listen, args=(self._other,), daemon=True)
            self._listener.start()

    def _listen(self, other: subprocess.Popen[bytes]) -> None:
        assert other.stdin is not None and other.stdout is not None
        try:
            with other.stdin as into:
                into.write(
                    directory_fingerprint.asked(
                        (self._at(client), self._before[client][1]) for client in reversed(self._before)
                    )
                )
            for client, line in zip(reversed(self._before), other.stdout, strict=False):
                self._now[client] = bytes.fromhex(line.decode())
        except (OSError, ValueError):  # it was killed: by `close`, by hand, for want of memory
            pass

    def about(self, root: str, before: Mapping[str, bytes]) -> bool:
        """Whether it is of these clients as they looked, and perhaps of others."""
        return os.path.abspath(root) == self._root and before.items() <= self._known.items()

    def same(self, clients: Iterable[str]) -> set[str]:
        return {
            client for client in clients if client in self._before and self._digest(client) == self._before[client][0]
        }

    def _digest(self, client: str) -> bytes:
        now = self._now.get(client)
        return directory_fingerprint.digest(self._at(client), self._before[client][1]) if now is None else now

    def _at(self, client: str) -> str:
        return os.path.join(self._root, client)

    def close(self) -> None:
        if self._other is not None:
            self._other.kill()
            self._listener.join()
            with self._other:
                self._other = None
