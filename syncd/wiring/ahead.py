"""What begins before the rest of a run is loaded: a second process that looks at the disk (ADR 10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.config import Config
from syncd.local.looks import Looks
from syncd.state.ahead import clean_looks


@contextmanager
def looking(config: Config) -> Iterator[Looks]:
    """At the clients that a run over the whole cabinet will ask about, as far as the state is readable now."""
    exclude = config.mirror.exclude
    before = {name: look for code, name, look in clean_looks(Path(config.mirror.state)) if code not in exclude}
    looks = Looks(config.mirror.root, before)
    try:
        yield looks
    finally:
        looks.close()
