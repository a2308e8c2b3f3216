"""One portal on servers (scripts/services), served by several real processes, each with a directory of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx

from syncd.core.protocol import Caller
from syncd.wire.messages import HelloRequest, decode, encode
from tests.e2e.world import SYNCD
from tests.support import databases

SIGN_IN, PASSWORD = "direction@cabinet-martin.fr", "une phrase assez longue"


def syncd(*args: object, env: dict[str, str] | None = None) -> str:
    """What it printed."""
    done = subprocess.run(
        [*SYNCD, *map(str, args)], env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{args}: {done.stdout}{done.stderr}"
    return done.stdout


class Portals:
    """`urls`: of the processes; any of them may be killed, and served again."""

    def __init__(self, base: Path, count: int) -> None:
        self.first, self._base, self._count = base / "portal-0", base, count
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self.urls: dict[int, str] = {}

    def __enter__(self) -> Portals:
        (self._base / "password").write_text(PASSWORD)
        self.database = databases.create()
        syncd(
            "portal", "init", self.first, "--cabinet", "Cabinet Martin", "--admin-email", SIGN_IN,
            "--admin-password-file", self._base / "password", env=databases.environment(self.database),
        )  # fmt: skip
        for n in range(1, self._count):
            directory = self._base / f"portal-{n}"
            for part in ("blobs", "uploads"):
                (directory / part).mkdir(parents=True)
            for name in ("portal.toml", "secret_key"):
                shutil.copy2(self.first / name, directory / name)
        for n in range(self._count):
            self.serve(n)
        return self

    def serve(self, n: int) -> None:
        serving = [*SYNCD, "portal", "serve", str(self._base / f"portal-{n}"), "--port", "0"]
        process = subprocess.Popen(serving, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        self._processes[n], self.urls[n] = process, process.stdout.readline().strip()
        assert self.urls[n].startswith("http"), self.urls[n]

    def kill(self, n: int) -> None:
        self._processes[n].kill()
        self._processes[n].wait()
        del self.urls[n]

    def pid(self, n: int) -> int:
        return self._processes[n].pid

    def most_memory(self) -> int:
        """Bytes that the largest process alive held at most."""
        held = []
        for n in self.urls:
            said = Path(f"/proc/{self._processes[n].pid}/status").read_text()
            held.append(int(said.partition("VmHWM:")[2].split()[0]) * 1024)
        return max(held)

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()
        databases.drop(self.database)

    def headers(self) -> dict[str, str]:
        """Of an engine that has said hello, to whichever process."""
        key = syncd("portal", "engine-token", self.first).strip()
        said = encode(HelloRequest(1, Caller("engine", "machine", "instance"), None))
        known = {"Authorization": f"Bearer {key}"}
        done = httpx.post(f"{self.urls[0]}/api/v1/hello", content=said, headers=known)
        assert done.status_code == 200, done.text
        from syncd.core.protocol import Hello

        return {**known, "Syncd-Lease": str(decode(done.content, Hello).lease), "Syncd-Request": "1"}


@contextmanager
def portals(base: Path, count: int) -> Iterator[Portals]:
    with Portals(base, count) as made:
        yield made
