"""Where the configuration is, and what of it is wanted before it is read whole."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """`SYNCD_CONFIG`, else the system's usual place."""
    if given := environ.get("SYNCD_CONFIG"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.site_config_dir("syncd")) / "syncd.toml"


def mirror_in(path: Path, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """(root, state), unchecked: what `load` will say of them if nothing is wrong. None: it is `load` that says why."""
    try:
        mirror = tomllib.loads(path.read_text(encoding="utf-8"))["mirror"]
        root, state = (environ.get(f"SYNCD_MIRROR_{key.upper()}") or mirror[key] for key in ("root", "state"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (root, state) if isinstance(root, str) and isinstance(state, str) else None
