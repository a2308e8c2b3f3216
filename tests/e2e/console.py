"""Runs `syncd` commands one after the other in one real process, so that Python and Django start once per test."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback

import click

from syncd.cli import cli
from syncd.core.errors import SyncdError


def main() -> None:
    for request in sys.stdin:
        asked = json.loads(request)
        args = asked["args"]
        for name in [n for n in os.environ if n.startswith("SYNCD_") and n != "SYNCD_PORTAL_DIR"]:
            del os.environ[name]
        os.environ.update(asked["env"])
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli.main(args, standalone_mode=False) or 0
            except SyncdError as e:
                print(f"syncd: {e}", file=sys.stderr)
                code = e.exit_code
            except click.ClickException as e:
                e.show(file=err)
                code = e.exit_code
            except Exception:
                traceback.print_exc()
                code = 70
            except SystemExit as e:
                code = int(e.code or 0)
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), flush=True)


main()
