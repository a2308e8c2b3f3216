"""What neither side ever carries: lock, temporary and system files, and the cabinet's own patterns (RULES 4)."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from syncd.core import paths

if TYPE_CHECKING:
    import pathspec

PATTERNS = (
    "~$*", ".~lock.*#", "*.tmp", "*.temp", "~*.tmp", "*.part", "*.partial", "*.crdownload", "*.download", "*.swp", "*.swo",
    ".~*", "*.lock", "*.bak~", "*~", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".DS_Store", ".AppleDouble",
    ".LSOverride", "._*", ".Spotlight-V100", ".Trashes", ".fseventsd", ".TemporaryItems", "@eaDir", "#recycle", "@Recycle",
    "$RECYCLE.BIN", "System Volume Information", ".Trash-*", "lost+found", ".nfs*", ".fuse_hidden*", ".goutputstream-*",
    ".syncd*", ".git", "4913", "*.sb-????????-??????", ".stfolder", ".sync_*", ".owncloudsync.log", "*.wbk", "~wr*.tmp",
)  # fmt: skip
_OFFICE = re.compile(r"(?=[0-9]*[A-F])[0-9A-F]{8}")  # what Office writes first of all; a number of a day has no letter


@functools.cache  # most runs look at no name
def _builtin() -> Callable[[str], re.Match[str] | None]:
    return re.compile("|".join(fnmatch.translate(p.lower()) for p in PATTERNS)).match


class Ignore:
    """Built-in patterns plus gitignore patterns of the configuration; a match hides everything below it."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        lines = [p for p in patterns if p.strip()]
        self._own: pathspec.GitIgnoreSpec | None = None
        if lines:
            import pathspec

            self._own = pathspec.GitIgnoreSpec.from_lines(lines)

    def name(self, name: str) -> bool:
        """One name, by the built-in patterns alone."""
        return _builtin()(name.lower()) is not None or _OFFICE.fullmatch(name) is not None

    def path(self, path: str, *, folder: bool = False) -> bool:
        """One entry whose parents are known not to be ignored."""
        if self.name(paths.name(path)):
            return True
        return self._own is not None and self._own.match_file(path + "/" if folder else path)

    def anywhere(self, path: str) -> bool:
        """A path as the portal gives it: ignored itself or below something ignored."""
        return any(self.path(f, folder=True) for f in paths.ancestors(path)) or self.path(path)


BUILTIN = Ignore()
