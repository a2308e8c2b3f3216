"""A cabinet and its portal as real processes, with the verbs a scenario is told in."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

from tests.support import databases

SYNCD = [sys.executable, "-c", "from syncd.cli import main; main()"]
EARLY = (
    "syncd.cli.run", "syncd.cli.verify", "syncd.operations.run", "syncd.operations.verify", "syncd.operations.service_request", "syncd.wiring.prescan", "syncd.wiring.report_writing", "syncd.wiring.service_parts", "syncd.engine.maintenance.verify", "syncd.engine.run", "encodings.idna", "importlib.metadata", "httpcore", "httpcore._async",
    "anyio._backends._asyncio", "syncd.report", "zoneinfo", "sqlite_utils.db", "_strptime", "syncd.service.notifier",
)  # fmt: skip
CODE, NAME = "007868", "SARL Dupont"


@dataclass
class Outcome:
    code: int
    out: str
    err: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)

    def actions(self, *names: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e["action"] in names]

    @property
    def reasons(self) -> set[str]:
        return {e["reason"] for e in self.events if e.get("reason")}

    @property
    def idle(self) -> bool:
        return not [e for e in self.events if e["action"] not in ("refused", "problem", "waiting", "stopped")]


class Elsewhere(Protocol):
    """Another system that the engine's commands are given to (tests/windows); what it is told and says is in our paths."""

    def ask(self, args: list[str], env: dict[str, str]) -> Outcome:
        """In a process that has imported everything already."""
        ...

    def fresh(self, args: list[str], env: dict[str, str], *, prelude: str = "", timeout: float = 120) -> Outcome:
        """In a process of its own, after `prelude`."""
        ...

    def start(self, args: list[str], env: dict[str, str], *, stdout: int, stderr: int) -> subprocess.Popen[str]:
        """The same, not waited for; SIGINT is its Ctrl-C."""
        ...


elsewhere: Elsewhere | None = None


def syncd(*args: object, env: dict[str, str] | None = None, timeout: float = 120) -> Outcome:
    if elsewhere is not None and "portal" not in args[:3]:  # after --config, too: it serves from here
        return elsewhere.fresh([str(a) for a in args], env or {}, timeout=timeout)
    done = subprocess.run(
        [*SYNCD, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


class Nursery:
    """Forks processes that have imported everything already (process_forker.py); one per test worker."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.process_forker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2], start_new_session=True,
        )  # fmt: skip

    def fork(self, base: Path, serve: list[str] | None, hook: str = "", env: dict[str, str] | None = None) -> Child:
        names = [base / f".fifo-{secrets.token_hex(4)}" for _ in "io"]
        for name in names:
            os.mkfifo(name)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"in": str(names[0]), "out": str(names[1]), "serve": serve, "hook": hook, "env": env}) + "\n"
        )
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        out = names[1].open()
        child = Child(pid, out, names[0].open("w") if serve is None else None)
        for name in names:
            name.unlink()
        return child

    def end(self) -> None:
        """It ends with its standard input."""
        self._process.communicate()


class Child:
    """What a test does with a process that is not its own child."""

    def __init__(self, pid: int, out: TextIO, into: TextIO | None) -> None:
        self.pid, self.stdout, self.stdin = pid, out, into

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > end:
                raise TimeoutError(f"process {self.pid} goes on")
            time.sleep(0.005)

    def close(self) -> None:
        if self.stdin is not None:
            self.stdin.close()
        elif self.poll() is None:
            self.send_signal(signal.SIGKILL)
        self.wait()
        self.stdout.close()


_nursery: list[Nursery] = []


def nursery() -> Nursery:
    if not _nursery:
        _nursery.append(Nursery())
    return _nursery[0]


def end_nursery() -> None:
    while _nursery:
        _nursery.pop().end()


def _parsed(done: Outcome) -> Outcome:
    lines = [json.loads(x) for x in done.out.splitlines() if x.startswith("{")]
    done.events = [x for x in lines if x["type"] == "event"]
    done.summary = lines[-1] if lines and lines[-1]["type"] == "summary" else {}
    return done


class World:
    """`base`: a directory of the test's own. Settling is off unless a test turns it on."""

    def __init__(self, base: Path, pristine: Path, *, first_publication: str = "allow", clone: bool = True) -> None:
        self.base = base
        self.portal_dir, self.root, self.state, self.logs = (
            base / "portal",
            base / "clients",
            base / "state",
            base / "logs",
        )
        self.config, self.token = base / "syncd.toml", base / "token"
        if clone:
            for part in pristine.iterdir():
                shutil.copytree(part, base / part.name) if part.is_dir() else shutil.copy(part, base / part.name)
            old = self.config.read_text().replace(str(pristine), str(base))
            self.config.write_text(
                old.replace('first_publication = "allow"', f'first_publication = "{first_publication}"')
            )
        else:
            shutil.copytree(pristine / "portal", self.portal_dir)
        self.env = {"SYNCD_SCHEDULE_SETTLE": "0s"}
        self.database = contextlib.ExitStack()
        if databases.SERVER:
            databases.copied_for(self.portal_dir, self.database)
        self._console: Child | None = None
        self.server: Child | None = None
        self.url = ""
        self.port = 0
        self.serve()
        self.env["SYNCD_PORTAL_URL"] = self.url
        if clone:
            return
        self.token.write_text(self.portal("engine-token").out)
        done = syncd(
            "init", "--root", self.root, "--state", self.state, "--logs", self.logs, "--portal", self.url,
            "--token-file", self.token, "--out", self.config, "--first-publication", first_publication,
        )  # fmt: skip
        assert done.code == 0, done.err
        self.client(CODE, NAME)

    # -- the portal -----------------------------------------------------------------------------------------------

    def serve(self, hook: str = "") -> None:
        serving = ["portal", "serve", str(self.portal_dir), "--port", str(self.port)]
        if self.server is not None:
            self.server.stdout.close()
        self.server = nursery().fork(self.base, serving, hook)
        self.url = self.server.stdout.readline().strip()
        assert self.url.startswith("http"), self.url
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop_portal(self, number: int = signal.SIGTERM) -> None:
        assert self.server is not None
        self.server.send_signal(number)
        self.server.wait()
        self.server.stdout.close()

    def portal(self, *args: object, check: bool = True) -> Outcome:
        """`syncd portal …`, DIR put where it belongs: after the last command word."""
        words = [str(a) for a in args]
        depth = 2 if words[0] in ("client", "folder", "document", "person") else 1
        command = ["portal", *words[:depth], str(self.portal_dir), *words[depth:]]
        outcome = self._ask(command, {})
        assert not check or outcome.code == 0, f"{command}: {outcome.out}{outcome.err}"
        return outcome

    def _ask(self, args: list[str], env: dict[str, str]) -> Outcome:
        if elsewhere is not None and args[0] != "portal":
            return elsewhere.ask(args, env)
        if self._console is None:
            self._console = nursery().fork(self.base, None)
        assert self._console.stdin is not None
        self._console.stdin.write(json.dumps({"args": args, "env": env}) + "\n")
        self._console.stdin.flush()
        answer = json.loads(self._console.stdout.readline())
        return Outcome(answer["code"], answer["out"], answer["err"])

    def client(self, code: str, name: str, *options: str) -> None:
        self.portal("client", "add", code, name, *options)

    def put(
        self, path: str, data: bytes | str, *, code: str = CODE, company: bool = True, check: bool = True
    ) -> Outcome:
        file = self.base / "deposit"
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return self.portal(
            "document", "put", code, path, str(file), *(["--as-company"] if company else []), check=check
        )

    def remove(self, path: str, code: str = CODE) -> None:
        self.portal("document", "remove", code, path)

    def online(self, code: str = CODE, *, deleted: bool = False) -> dict[str, dict[str, Any]]:
        out = self.portal("document", "list", code, "--json", *(["--deleted"] if deleted else [])).out
        return {row["path"]: row for row in map(json.loads, out.splitlines())}

    def bytes_online(self, path: str, version: int | None = None, code: str = CODE) -> bytes:
        target = self.base / "got"
        target.unlink(missing_ok=True)
        self.portal("document", "get", code, path, str(target), *(["--version", str(version)] if version else []))
        return target.read_bytes()

    # -- the cabinet ----------------------------------------------------------------------------------------------

    def dir(self, code: str = CODE) -> Path:
        return next(p for p in self.root.iterdir() if p.name.startswith(f"{code} - "))

    def path(self, path: str, code: str = CODE) -> Path:
        return self.dir(code) / path

    def write(self, path: str, data: bytes | str, code: str = CODE) -> Path:
        target = self.path(path, code)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
        return target

    def here(self, code: str = CODE) -> dict[str, bytes]:
        top = self.dir(code)
        return {
            str(p.relative_to(top)): p.read_bytes()
            for p in sorted(top.rglob("*"))
            if p.is_file() and ".syncd" not in p.parts
        }

    def syncd(self, *args: object, env: dict[str, str] | None = None) -> Outcome:
        """In the test's long-lived process; `fresh` starts one for this command alone."""
        return self._ask(["--config", str(self.config), *map(str, args)], {**self.env, **(env or {})})

    def fresh(self, *args: object, env: dict[str, str] | None = None) -> Outcome:
        return syncd("--config", self.config, *args, env={**self.env, **(env or {})})

    def started(
        self,
        *args: object,
        env: dict[str, str] | None = None,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[str]:
        """A command that goes on by itself."""
        asked, given = ["--config", str(self.config), *map(str, args)], {**self.env, **(env or {})}
        if elsewhere is not None:
            return elsewhere.start(asked, given, stdout=stdout, stderr=stderr)
        return subprocess.Popen(
            [*SYNCD, *asked], env={**os.environ, **given}, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True
        )  # fmt: skip

    def ended(self, process: subprocess.Popen[str]) -> int:
        """Ask it to end, as its system does: the exit code that is right then."""
        process.send_signal(signal.SIGINT if elsewhere is not None else signal.SIGTERM)
        return 130 if elsewhere is not None else 143

    def hooked(self, prelude: str, *args: object, user: int | None = None) -> Outcome:
        """A command in a process of its own, after `prelude` has put its hand into it; `user`: as that uid."""
        if elsewhere is not None:
            asked = ["--config", str(self.config), *map(str, args)]
            return _parsed(elsewhere.fresh(asked, self.env, prelude=textwrap.dedent(prelude)))
        script = f"import os, sys, json\nfrom pathlib import Path\nfrom importlib import import_module\nfor name in {EARLY!r}:\n    import_module(name)\n"
        warm = (  # what is imported at its first use: another user may not be able to read it
            "from sqlite_utils import Database; Database(memory=True); from zoneinfo import ZoneInfo; ZoneInfo('Europe/Paris')\n"
            "from syncd.remote import http_library; http_library.httpx\n"
        )
        script += (
            warm
            + textwrap.dedent(prelude)
            + (
                f"\nos.setgroups([]); os.setresgid({user}, {user}, {user}); os.setresuid({user}, {user}, {user})"
                if user
                else ""
            )
        )
        script += "\nfrom syncd.cli import main\nmain()\n"
        done = subprocess.run(
            [sys.executable, "-c", script, "--config", str(self.config), *map(str, args)], capture_output=True, text=True,
            timeout=120, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        return _parsed(Outcome(done.returncode, done.stdout, done.stderr))

    def forked(self, hook: str, *args: str) -> list[dict[str, Any]]:
        """A command in a process of its own, begun at once, after `hook`; the JSON lines it said before it ended."""
        assert elsewhere is None, "forked here, while the commands are given to another system"
        env = {**{k: v for k, v in os.environ.items() if k == "PATH"}, **self.env}
        child = nursery().fork(self.base, ["--config", str(self.config), *args], textwrap.dedent(hook), env)
        said = child.stdout.read()
        child.wait(60)
        child.stdout.close()
        return [json.loads(x) for x in said.splitlines() if x.startswith("{") and x.endswith("}")]

    def run(self, *args: object, env: dict[str, str] | None = None) -> Outcome:
        return _parsed(self.syncd("run", "--json", *args, env=env))

    def same(self) -> None:
        """Both sides are provably the same, and a run has nothing to do."""
        again = self.run()
        assert again.idle, again.events
        assert again.summary["requests"] <= 2
        proof = self.syncd("verify", "--json")
        assert proof.code == 0, proof.out + proof.err

    def close(self) -> None:
        for process in (self._console, self.server):
            if process is not None and not process.stdout.closed:
                process.close()
        self._console = self.server = None
        self.database.close()


def make_pristine(base: Path) -> None:
    """`base`/world: what each test copies."""
    (base / "world").mkdir(parents=True)
    password = base / "password"
    password.write_text("une phrase assez longue")
    made = databases.create() if databases.SERVER else ""  # it goes with its server
    done = syncd(
        "portal",
        "init",
        base / "portal",
        "--cabinet",
        "Cabinet Martin",
        "--admin-email",
        "direction@cabinet-martin.fr",
        "--admin-password-file",
        password,
        env=databases.environment(made) if made else {},
    )
    assert done.code == 0, done.err
    first = World(base / "world", base, clone=False)
    assert first.run().code == 0
    first.stop_portal()
    first.database.pop_all()  # it stays: each test's is a copy of it
    first.close()
    (first.base / "deposit").unlink(missing_ok=True)
