"""A World whose mirror lies on a disk of somebody's choice; state, logs and portal stay where they were."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.world import World


class OnDisk(World):
    """`root`: a directory that is made on that disk. `mounting`, `unmounting`: commands, where it can be taken away."""

    def __init__(
        self, base: Path, pristine: Path, root: Path, mounting: Sequence[str] = (), unmounting: Sequence[str] = ()
    ) -> None:
        self._mounting, self._unmounting = mounting, unmounting
        super().__init__(base, pristine)
        _copied(self.root, root)
        shutil.rmtree(self.root)
        self.config.write_text(self.config.read_text().replace(str(self.root), str(root)))
        self.root = root

    def mount(self) -> None:
        subprocess.run(self._mounting, check=True, stdout=subprocess.DEVNULL)

    def unmount(self) -> None:
        subprocess.run(self._unmounting, check=True, stdout=subprocess.DEVNULL)


def _copied(source: Path, target: Path) -> None:
    """Names and bytes alone: many disks keep no modes."""
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*")):
        at = target / path.relative_to(source)
        at.mkdir() if path.is_dir() else at.write_bytes(path.read_bytes())
