"""The engine's command line on Windows, told over standard input: a process that has imported everything already.

Reads lines of JSON: {"args": [...], "env": {...}}; answers each with {"code": …, "out": …, "err": …}. What it is told and
says is in Windows' own paths. It imports the product alone, as it is installed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback

import click

from syncd.cli.group import cli
from syncd.cli.output import failed
from syncd.core.errors import SyncdError

EARLY = ("run", "verify", "status", "approve", "doctor", "init", "restore")


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


def main() -> None:
    for name in EARLY:
        __import__(f"syncd.cli.{name}")
    __import__("syncd.wiring.report_writing")
    __import__("syncd.engine.run")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        for name in [n for n in os.environ if n.startswith("SYNCD_")]:
            del os.environ[name]
        os.environ.update(asked["env"])
        said, warned = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(warned):
            code = command(asked["args"])
        print(json.dumps({"code": code, "out": said.getvalue(), "err": warned.getvalue()}), file=answers, flush=True)


main()
