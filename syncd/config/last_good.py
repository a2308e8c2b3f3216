"""The configuration that the service last worked with, kept in its state.

Whom to tell stands in the file that cannot be read when it is wrong: a service that a mistake keeps from starting would
otherwise tell nobody.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from syncd.config.load import load
from syncd.config.location import usual
from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.core.plain_text import decoded
from syncd.disk import private

NAME, TOLD = "last_good.toml", "last_good.told"
_STATE = re.compile(r"""^\s*state\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.MULTILINE)


def keep(path: Path, state: Path) -> None:
    """Once the service works with it. What cannot be kept keeps nobody from working."""
    with contextlib.suppress(OSError, UsageError):
        (state / TOLD).unlink(missing_ok=True)
        text, kept = path.read_bytes(), state / NAME
        if kept.exists() and kept.read_bytes() == text:
            return
        new = state / f"{NAME}.new"
        new.unlink(missing_ok=True)
        with open(new, "xb", opener=private.owned) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(kept)


def find(path: Path, environ: Mapping[str, str] = os.environ) -> tuple[Config, Path] | None:
    """The one kept for the service of the configuration at `path`, which is wrong; and its state. None: there is none."""
    for state in _states(path, environ):
        kept = state / NAME
        with contextlib.suppress(OSError):
            if not kept.exists():
                continue
        for variables in (environ, {}):  # a variable may be what is wrong
            with contextlib.suppress(UsageError):
                config = load(kept, variables)
                if Path(config.mirror.state) == state:
                    return config, state
    return None


def first_time(state: Path, fault: str) -> bool:
    """Whether that was not told yet since the service last worked."""
    digest = hashlib.sha256(fault.encode("utf-8", "replace")).hexdigest()
    told = state / TOLD
    try:
        if told.exists() and told.read_text(encoding="ascii") == digest:
            return False
        told.unlink(missing_ok=True)
        with open(told, "x", encoding="ascii", opener=private.owned) as file:
            file.write(digest)
    except (OSError, ValueError, UsageError):
        return True
    return True


def _states(path: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Where the state may be: as the service manager says, as far as the file can be read, where it usually is."""
    for given in (environ.get("SYNCD_MIRROR_STATE", ""), *environ.get("STATE_DIRECTORY", "").split(":")):
        if given:
            yield Path(given)
    text = ""
    with contextlib.suppress(OSError, ValueError):
        text = decoded(path.read_bytes())
    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
        yield Path(str(tomllib.loads(text)["mirror"]["state"]))
    for found in _STATE.finditer(text):
        yield Path(found[1] or found[2])
    yield Path(usual(environ).state)
