"""Names in a client's folders: how a folder is spelled there, which names are taken, and by what."""

from __future__ import annotations

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.paths import NOWHERE, ClientPath, DiskPath
from syncd.ports.migration import MirrorCopies

MOST = 500  # folders whose names are held


class ClientFolders:
    """`online`: keys of the paths that documents have online, which are as little free as those on disk."""

    def __init__(self, copies: MirrorCopies, client_dir: str, online: set[str]) -> None:
        self._copies, self._dir, self._online = copies, client_dir, online
        self._names: dict[str, dict[str, str]] = {}

    def on_disk(self, path: ClientPath) -> DiskPath:
        """A path with its folders as they are spelled on disk, as far as they are there."""
        at = NOWHERE
        for part in paths.parent(path).split("/"):
            at = paths.join(at, self._of(at).get(paths.key(part), part))
        return paths.join(at, paths.name(path))

    def name_for(self, disk: DiskPath, content: Content) -> tuple[DiskPath, bool]:
        """The first name made of this one (`…`, `… (2)`) that is free, or that holds this very content already, and whether
        it does: what a killed migration had placed is found so."""
        names = self._of(paths.parent(disk))
        held = NOWHERE

        def taken(candidate: DiskPath) -> bool:
            nonlocal held
            there = names.get(paths.key(paths.name(candidate)))
            if there is None:
                return paths.key(candidate) in self._online
            at = paths.join(paths.parent(candidate), there)
            if self._copies.size(self._dir, at) == content.size and self._copies.content(self._dir, at) == content:
                held = at
            return not held

        found = naming.second_name(disk, taken) if taken(disk) else disk
        return held or found, bool(held)

    def add(self, disk: DiskPath) -> None:
        """A document has that name now, or is about to."""
        at = NOWHERE
        for part in disk.split("/"):
            self._of(at).setdefault(paths.key(part), part)
            at = paths.join(at, part)

    def forget(self, disk: DiskPath) -> None:
        """Somebody else wrote there: its folder is looked at again."""
        self._names.pop(paths.parent(disk), None)

    def _of(self, folder: str) -> dict[str, str]:
        found = self._names.get(folder)
        if found is None:
            if len(self._names) >= MOST:
                self._names.clear()
            found = {paths.key(paths.nfc(n)): n for n in self._copies.names(self._dir, folder)}
            self._names[folder] = found
        return found


def canonical(disk: DiskPath, spelled: ClientPath) -> ClientPath:
    """The path as a scan of the mirror has it: composed, its first folder as the portal spells it."""
    rest = disk.partition("/")[2]
    return paths.join(paths.top(spelled), paths.nfc(rest))
