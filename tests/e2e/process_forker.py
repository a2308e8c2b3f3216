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
import pkgutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from syncd.cli.group import cli
from syncd.cli.output import failed
from syncd.core.errors import SyncdError
from syncd.portal import bootstrap, environment, portal_file
from tests.support import databases

started = bootstrap.use

EARLY = (
    "django.contrib.auth.hashers", "django.db.backends.sqlite3.base", "django.core.handlers.wsgi", "django.core.management",
    "django.core.management.commands.migrate", "django.contrib.sessions.middleware", "django.middleware.common", "uvicorn", "starlette.applications",
    "starlette.responses", "a2wsgi", "uvicorn.protocols.http.httptools_impl", "uvicorn.loops.uvloop", "argon2", "httpcore",
    "httpcore._async", "anyio._backends._asyncio", "encodings.idna", "cronsim", "jinja2", "structlog", "_strptime",
)  # fmt: skip


def warm() -> None:
    """Everything imported, Django started on a directory of nobody's: a child binds it to its own (`bound`)."""
    os.environ["SYNCD_PORTAL_DIR"] = tempfile.gettempdir()
    os.environ["DJANGO_SETTINGS_MODULE"] = "syncd.portal.settings"
    for name in (*EARLY, *(("django.db.backends.postgresql.base",) if databases.SERVER else ())):
        importlib.import_module(name)
    import django

    import syncd

    django.setup()
    for name in (
        "axes.middleware",
        "axes.backends",
        "axes.handlers.database",
        "whitenoise.middleware",
        "django.contrib.staticfiles.finders",
    ):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(syncd.__path__, "syncd."):
        if ".migrations." not in module.name and ".disk.windows." not in module.name:
            importlib.import_module(module.name)
    from sqlite_utils import Database

    Database(memory=True)
    ZoneInfo("Europe/Paris")
    bootstrap.use = bound


def bound(directory: Path, *, new: bool = False) -> None:
    """`setup.use` where Django has started already: the same checks, then the settings that a directory decides."""
    from django.conf import settings

    directory = directory.resolve()
    server = portal_file.read(directory).database
    if not new and not server and not (directory / bootstrap.DATABASE).exists():
        started(directory, new=new)  # it says what is wrong
    if not new:
        bootstrap.check_secret(directory)
    os.environ["SYNCD_PORTAL_DIR"] = str(directory)
    settings.FILE = portal_file.read(directory)
    settings.DATA, settings.BLOBS, settings.UPLOADS = directory, directory / "blobs", directory / "uploads"
    if server:
        from django.db import connections

        settings.DATABASES["default"] |= portal_file.postgresql(server)
        del connections["default"]
    else:
        settings.DATABASES["default"]["NAME"] = str(directory / bootstrap.DATABASE)
    key = directory / "secret_key"
    settings.SECRET_KEY = key.read_text().strip() if key.exists() else "until init has made one"
    settings.ALLOWED_HOSTS = list(environment.public().hosts)
    settings.PUBLIC_URL = os.environ.get("SYNCD_PORTAL_URL", settings.PUBLIC_URL)
    settings.RESERVE = environment.reserve()
    settings.FULL_TEXT = os.environ.get("SYNCD_PORTAL_FULL_TEXT") == "yes"  # who tests it says so: others need not read
    settings.QUIET = float(os.environ.get("SYNCD_PORTAL_QUIET", settings.QUIET))


def command(args: list[str]) -> int:
    try:
        return int(cli.main(args, standalone_mode=False) or 0)
    except SyncdError as e:
        return failed(e)
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
    warm()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        print(pid, flush=True)


main()
