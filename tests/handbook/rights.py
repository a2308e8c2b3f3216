"""Runs commands of the installed program as accounts, each in a process of its own forked from a warm one.

Standard input: a JSON list of lists of {"args": […], "uid": N}: one list after the other, the lists side by side. Standard
output: the same with {"code", "out", "err"}.
A command that still works after its time is ended: its code is -14.
"""

from __future__ import annotations

import json
import os
import pkgutil
import signal
import sys
import tempfile
from importlib import import_module
from pathlib import Path

LONG, LIVES, SIDE_BY_SIDE = 180, 3, 3  # seconds, seconds of what goes on until it is ended, lists


def warm() -> None:
    """Everything imported, Django started on nobody's directory; the child's own is bound as `setup.use` would."""
    os.environ["SYNCD_PORTAL_DIR"] = tempfile.gettempdir()
    os.environ["DJANGO_SETTINGS_MODULE"] = "syncd.portal.settings"
    import django

    import syncd
    from syncd.portal import bootstrap

    django.setup()
    for module in pkgutil.walk_packages(syncd.__path__, "syncd."):
        if not {"migrations", "windows"} & set(module.name.split(".")):
            import_module(module.name)
    import_module("django.db.backends.sqlite3.base")
    import_module("django.core.management.commands.migrate")
    del os.environ["SYNCD_PORTAL_DIR"]

    def bind(set_prefix: bool = True) -> None:
        from django.conf import settings

        if "SYNCD_PORTAL_DIR" not in os.environ:
            return  # for what needs no portal
        directory = Path(os.environ["SYNCD_PORTAL_DIR"])
        settings.DATA, settings.BLOBS, settings.UPLOADS = directory, directory / "blobs", directory / "uploads"
        settings.DATABASES["default"]["NAME"] = str(directory / bootstrap.DATABASE)
        key = directory / "secret_key"
        settings.SECRET_KEY = key.read_text().strip() if key.exists() else "until init has made one"

    django.setup = bind


def run(asked: dict[str, object]) -> dict[str, object]:
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        code = 70
        try:
            uid = int(str(asked["uid"]))
            os.chdir("/")
            os.umask(0o022)
            if uid:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            sys.argv = ["syncd", *asked["args"]]  # type: ignore[misc]
            from syncd.cli import main

            signal.alarm(LIVES if {"watch", "serve"} & set(sys.argv) else LONG)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            main()
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    said = []
    for file in (out, err):
        file.seek(0)
        said.append(file.read().decode(errors="replace"))
        file.close()
    return {"code": os.waitstatus_to_exitcode(status), "out": said[0][-3000:], "err": said[1][-3000:]}


def side_by_side(lists: list[list[dict[str, object]]]) -> list[list[dict[str, object]]]:
    files = [tempfile.TemporaryFile() for _ in lists]  # noqa: SIM115
    running: list[int] = []
    for number, asked in enumerate(lists):
        if len(running) == SIDE_BY_SIDE:
            os.waitpid(running.pop(0), 0)
        child = os.fork()
        if child == 0:
            files[number].write(json.dumps([run(one) for one in asked]).encode())
            files[number].flush()
            os._exit(0)
        running.append(child)
    for child in running:
        os.waitpid(child, 0)
    done = []
    for file in files:
        file.seek(0)
        done.append(json.loads(file.read()))
    return done


if __name__ == "__main__":
    warm()
    print(json.dumps(side_by_side(json.loads(sys.stdin.read()))))
