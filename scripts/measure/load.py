"""Load on the portal."""

from __future__ import annotations

from argparse import Namespace


def portal(args: Namespace) -> None:
    raise SystemExit("portal")
