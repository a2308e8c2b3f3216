"""What begins before anything else is loaded: a second process that looks at the disk (ADR 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.local.directory_fingerprint_worker import Looks as Looks


@contextmanager
def looking(args: Sequence[str], environ: Mapping[str, str]) -> Iterator[Looks | None]:
    """Looks at what a run will most likely ask about, if the command line is one over the whole cabinet."""
    looks = _begun(args, environ)
    try:
        yield looks
    finally:
        if looks is not None:
            looks.close()


def _begun(args: Sequence[str], environ: Mapping[str, str]) -> Looks | None:
    given = _config_of_run(args)
    if given is None:
        return None
    from pathlib import Path  # no other command waits for these

    from syncd.config.location import default_path, mirror_in
    from syncd.local.directory_fingerprint_worker import Looks
    from syncd.state.prescan_reader import clean_looks

    mirror = mirror_in(Path(given) if given else default_path(environ), environ)
    if mirror is None:
        return None
    root, state = mirror
    try:
        return Looks(root, dict(clean_looks(Path(state))))
    except OSError:  # a right that is missing is said by the run itself
        return None


def _config_of_run(args: Sequence[str]) -> str | None:
    """PATH of `[--config PATH] run [OPTION]...`, or ''; None for any other command, or one that names clients."""
    words = iter(args)
    path = ""
    for word in words:
        if word == "--config":
            path = next(words, "")
        elif word.startswith("--config="):
            path = word.removeprefix("--config=")
        else:
            whole = word == "run" and all(option.startswith("--") and option != "--help" for option in words)
            return path if whole else None
    return None
