"""What the disk of a mirror can do: which rules hold there in full, and which in a weaker way (RULES 6)."""

from __future__ import annotations

import msgspec

_COARSE_NS = 10**9
_FIRST_NS, _SPREAD_NS = 3 * 86_400 * 10**9, 3 * 86_400 * 10**9


class DiskTraits(msgspec.Struct, frozen=True):
    """As measured at `at` (seconds since 1970; 0.0: by its name alone) on `mounted`, which says disk and options.

    `name`: as people call the file system, '' where the system does not say. `no_replace`, `exchange`: the renames of
    that kind. `links`: hard links. `exclusive`: of two who make a name one is refused. `inodes`: kept while nothing
    happens. `grain_ns`: of a modification time. `change_times`: a change of any kind moves one that nobody can put back.
    `case`, `forms`: names that differ by it alone are two; forms: of accents. `accents`: é can be written at all.
    """

    mounted: str = ""
    name: str = ""
    at: float = 0.0
    no_replace: bool = True
    exchange: bool = True
    links: bool = True
    exclusive: bool = True
    inodes: bool = True
    grain_ns: int = 1
    change_times: bool = True
    case: bool = True
    forms: bool = True
    accents: bool = True

    @property
    def refused(self) -> bool:
        """Nothing of it gives a new name without the risk of replacing what bears it: no document may be placed there."""
        return not (self.no_replace or self.links or self.exclusive)

    @property
    def placeholder(self) -> bool:
        """A new name is taken by an empty file first: for a moment what is saved at that very name could be replaced."""
        return not self.no_replace and not self.links

    def racy_ns(self, least: int) -> int:
        """What was read sooner after its change than this may have changed again, and look the same."""
        return least if self.change_times else max(least, 2 * self.grain_ns)

    def races(self, since_ns: int) -> bool:
        """Whether a document read `since_ns` after its modification may have been edited since within the same grain."""
        return self.grain_ns >= _COARSE_NS and since_ns < 2 * self.grain_ns

    def reads_again(self, disk: str, since_ns: int) -> bool:
        """Whether a document that looks as it did is read all the same, `since_ns` after it was: where change times lie,
        an edit may not show. Each has a moment of its own in the week, so that they do not come together."""
        if self.change_times:
            return False
        share = sum(disk.encode("utf-8", "surrogatepass")) * 2_654_435_761 % 65_536
        return since_ns >= _FIRST_NS + _SPREAD_NS * share // 65_536


TRUE = DiskTraits()
