"""A process that has imported everything once and forks real processes on demand: a test need not wait for imports.

Reads lines of JSON on standard input: {"in": FIFO, "out": FIFO, "serve": [args] | null}; answers with the child's pid.
A child with `serve` runs that one command; another runs commands one after the other (console).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import signal
import sys
import traceback
from pathlib import Path

import click

from syncd.cli import cli
from syncd.core.errors import SyncdError

EARLY = (
    "syncd.cli.run", "syncd.cli.verify", "syncd.cli.portal", "syncd.cli.report", "syncd.wiring", "syncd.engine.verify",
    "django", "django.contrib.auth.hashers", "django.db.backends.sqlite3.base", "django.db.models",
    "django.core.handlers.wsgi", "django.core.management", "django.contrib.sessions.middleware", "uvicorn",
    "starlette.applications", "starlette.responses", "a2wsgi", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.loops.uvloop", "argon2",
)  # fmt: skip


def command(args: list[str]) -> int:
    try:
        return int(cli.main(args, standalone_mode=False) or 0)
    except SyncdError as e:
        print(f"syncd: {e}", file=sys.stderr)
        return e.exit_code
    except click.ClickException as e:
        e.show(file=sys.stderr)
        return e.exit_code
    except SystemExit as e:
        return int(e.code or 0)
    except Exception:
        traceback.print_exc()
        return 70


def console(source: str, target: str) -> None:
    with Path(target).open("w") as out, Path(source).open() as requests:
        for request in requests:
            asked = json.loads(request)
            for name in [n for n in os.environ if n.startswith("SYNCD_") and n != "SYNCD_PORTAL_DIR"]:
                del os.environ[name]
            os.environ.update(asked["env"])
            said, warned = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
                code = command(asked["args"])
            out.write(json.dumps({"code": code, "out": said.getvalue(), "err": warned.getvalue()}) + "\n")
            out.flush()


def child(asked: dict[str, object]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    if asked["serve"] is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        console(str(asked["in"]), str(asked["out"]))
        os._exit(0)
    os.dup2(os.open(str(asked["out"]), os.O_WRONLY), 1)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    os.environ.update(asked.get("env") or {})  # type: ignore[call-overload]
    exec(str(asked.get("hook") or ""), {})  # what a test puts its hand into, in this process alone
    code = command(list(asked["serve"]))  # type: ignore[call-overload]
    sys.stdout.flush()
    os._exit(code)


def main() -> None:
    for name in EARLY:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        print(pid, flush=True)


main()
