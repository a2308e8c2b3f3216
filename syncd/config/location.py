"""Where the configuration is, and what of it is wanted before it is read whole."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from syncd.core.plain_text import decoded

ETC = Path("/etc/syncd/syncd.toml")


class Usual(msgspec.Struct, frozen=True):
    """Where `init` proposes to put things."""

    root: str
    state: str
    token: str
    configuration: str


def usual(environ: Mapping[str, str] = os.environ) -> Usual:
    if os.name == "posix":
        return Usual("/srv/cabinet/clients", "/var/lib/syncd", "/etc/syncd/token", str(ETC))
    own = environ.get("PROGRAMDATA", r"C:\ProgramData") + "\\syncd"
    return Usual(r"D:\Clients", rf"{own}\memoire", rf"{own}\cle.txt", rf"{own}\syncd.toml")


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """`SYNCD_CONFIG`, else where one is: `/etc/syncd` (what the handbook and `init` say), then the system's other place."""
    if given := environ.get("SYNCD_CONFIG"):
        return Path(given)
    if ETC.exists():
        return ETC
    import platformdirs

    other = Path(platformdirs.site_config_dir("syncd", appauthor=False)) / "syncd.toml"
    return other if other.exists() or os.name != "posix" else ETC


def mirror_in(path: Path, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """(root, state), unchecked: what `load` will say of them if nothing is wrong. None: it is `load` that says why."""
    try:
        mirror = tomllib.loads(decoded(path.read_bytes()))["mirror"]
        root, state = (environ.get(f"SYNCD_MIRROR_{key.upper()}") or mirror[key] for key in ("root", "state"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return (root, state) if isinstance(root, str) and isinstance(state, str) else None
