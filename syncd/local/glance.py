"""Whether a client's directory is just as it is remembered: one walk that makes nothing of what it sees."""

from __future__ import annotations

import stat
from collections.abc import Mapping

from syncd.core import paths
from syncd.core.folder_rules import ClientRules, Direction
from syncd.core.ignored import Ignore
from syncd.disk.listing import listing
from syncd.local.markers import ENGINE
from syncd.ports.local import Place, Stat


class Glance:
    """Anything it cannot answer for at once (a new name, a link, a lock, an error) is for the full walk to say."""

    def __init__(self, directory: str, rules: ClientRules, known: Mapping[str, Stat], ignore: Ignore) -> None:
        self.directory, self.rules, self.known, self.ignore = directory, rules, known, ignore
        self.folders: set[Place] = set()
        self.seen = 0

    def same(self, folders: set[Place]) -> bool:
        try:
            return self._tops() and self.seen == len(self.known) and self.folders == folders
        except OSError:
            return False

    def _tops(self) -> bool:
        tops = self.rules.tops()
        with listing(self.directory) as it:
            for entry in it:
                name = entry.name
                if name.startswith(ENGINE):
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    if not self.ignore.path(name):
                        return False
                    continue
                spelling = tops.get(paths.key(paths.nfc(name)))
                if spelling is None:
                    return False
                if self.rules.folder_direction(spelling) is not Direction.NONE and not self._folder(
                    spelling, name, entry.inode()
                ):
                    return False
        return True

    def _folder(self, path: str, disk: str, inode: int) -> bool:
        self.folders.add((disk, inode))
        remembered, below = self.known.get, f"{disk}/"
        with listing(f"{self.directory}/{disk}") as it:
            for entry in it:
                at = below + entry.name
                row = remembered(at)
                if row is not None:
                    st = entry.stat(follow_symlinks=False)
                    if (st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino) != row or not stat.S_ISREG(st.st_mode):
                        return False
                    self.seen += 1
                elif entry.name.startswith(ENGINE):
                    return False  # another client's directory in this one, perhaps
                elif entry.is_dir(follow_symlinks=False):
                    if self.ignore.path(at, folder=True):
                        continue
                    inside = f"{path}/{paths.nfc(entry.name)}"
                    if self.rules.folder_direction(inside) is not Direction.NONE and not self._folder(
                        inside, at, entry.inode()
                    ):
                        return False
                elif not self.ignore.path(at):
                    return False
        return True
