"""Runs `syncd portal …` commands one after the other in one real process, so that Django starts once per test."""

from __future__ import annotations

import contextlib
import io
import json
import sys

import click

from syncd.cli import cli
from syncd.core.errors import SyncdError


def main() -> None:
    for request in sys.stdin:
        args = json.loads(request)
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
            except SystemExit as e:
                code = int(e.code or 0)
        print(json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()}), flush=True)


main()
