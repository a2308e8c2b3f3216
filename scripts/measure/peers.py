"""The tools a user would pick instead, each at its best settings and with a server of its own; those that are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measure.figures import Figure, cpu_of, timed
from measure.ports import answers, free_port

NOTHING = "nothing is synced"


def tool(name: str) -> str | None:
    """What `scripts/bench` installed (PyPI's rclone is newer than Debian's), else on the PATH."""
    beside = Path(__file__).parents[2] / ".bench" / "bin" / name
    return str(beside) if beside.exists() else shutil.which(name)


def missing() -> list[str]:
    return [name for name in ("rsync", "rclone", "unison", "syncthing") if tool(name) is None]


class Server:
    """A peer's other end. `reach`: the port its client is given, that of a slow line in between, say."""

    def __init__(self, command: Sequence[object], port: int, env: dict[str, str] | None = None) -> None:
        self.port = self.reach = port
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env
        )
        answers(port)

    def timed(self, command: Sequence[object], env: dict[str, str] | None = None, **extra: Any) -> Figure:
        before = cpu_of(self.process.pid)
        figure = timed(command, env, **extra)
        figure.server = cpu_of(self.process.pid) - before
        return figure

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class Rsync(Server):
    """A daemon over `tree`; what is named is relative to it."""

    def __init__(self, tree: Path) -> None:
        port = free_port()
        config = tree.parent / f"rsyncd-{port}.conf"
        config.write_text(f"use chroot = no\nreverse lookup = no\n[tree]\npath = {tree}\nread only = no\n")
        if os.getuid() == 0:
            config.write_text("uid = 0\ngid = 0\n" + config.read_text())
        super().__init__(
            [tool("rsync"), "--daemon", "--no-detach", f"--config={config}", f"--port={port}", "--address=127.0.0.1"],
            port,
        )

    def push(self, source: Path, inside: str, *options: str) -> Figure:
        return self.timed(
            [tool("rsync"), "-rtW", *options, f"{source}/", f"rsync://127.0.0.1:{self.reach}/tree/{inside}"]
        )

    def pull(self, inside: str, target: Path, *options: str) -> Figure:
        return self.timed(
            [tool("rsync"), "-rtW", *options, f"rsync://127.0.0.1:{self.reach}/tree/{inside}/", f"{target}/"]
        )


class Rclone(Server):
    """A WebDAV server over `tree`."""

    def __init__(self, tree: Path) -> None:
        port = free_port()
        self.env = {**os.environ, "RCLONE_CONFIG": str(tree.parent / "rclone.conf")}
        (tree.parent / "rclone.conf").touch()
        super().__init__(
            [tool("rclone"), "serve", "webdav", tree, "--addr", f"127.0.0.1:{port}"],
            port,
            self.env,
        )

    def best(self, transfers: int = 16) -> list[object]:
        return ["--transfers", transfers, "--checkers", 16, "--webdav-pacer-min-sleep", "0", "--webdav-url", f"http://127.0.0.1:{self.reach}"]  # fmt: skip

    def push(self, source: Path, inside: str, transfers: int = 16) -> Figure:
        return self.timed([tool("rclone"), "copy", source, f":webdav:{inside}", *self.best(transfers)], self.env)

    def pull(self, inside: str, target: Path, transfers: int = 16) -> Figure:
        return self.timed([tool("rclone"), "copy", f":webdav:{inside}", target, *self.best(transfers)], self.env)

    def bisync(self, local: Path, inside: str, work: Path, *options: str) -> Figure:
        return self.timed(
            [tool("rclone"), "bisync", local, f":webdav:{inside}", "--workdir", work, *options, *self.best()], self.env
        )


class Unison:
    """Two roots on this disk: it has no server worth naming."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.env = {**os.environ, "UNISON": str(home), "HOME": str(home)}

    def sync(self, one: Path, other: Path) -> Figure:
        return timed([tool("unison"), one, other, "-batch", "-ui", "text", "-silent", "-times"], self.env)


def find(tree: Path) -> Figure:
    """The walk that nobody can be much faster than."""
    return timed(["sh", "-c", f"find '{tree}' -printf '%p %s %T@ %C@ %i\\n' > /dev/null"])
