"""What a disk says of a thing, and of a name in a directory: the same words mean the same on every system.

The names are those of `os.stat_result`, which is one where it is true of it, at no cost. A system on which it is not
gives another value: on Windows `os.stat` calls the time of birth `st_ctime`, and a listing of it knows no `st_ino`.
"""

from __future__ import annotations

from typing import Protocol


class Status(Protocol):
    """Listing, name and open document give it from one source: equal as long as nothing changed."""

    @property
    def st_mode(self) -> int:
        """What kind of thing it is, as the `stat` module tells. A link is whatever leads elsewhere by its name."""
        ...

    @property
    def st_ino(self) -> int:
        """Which thing it is on its disk; whole, and of up to 128 bits. Kept by a rename and an edit."""
        ...

    @property
    def st_dev(self) -> int: ...

    @property
    def st_nlink(self) -> int: ...

    @property
    def st_size(self) -> int: ...

    @property
    def st_mtime_ns(self) -> int:
        """When its bytes were last written, as somebody says: any program may set it."""
        ...

    @property
    def st_ctime_ns(self) -> int:
        """When anything of it last changed, as the disk says; never when it was made."""
        ...


class Entry(Protocol):
    """A name in a listed directory; good as long as the listing is open."""

    @property
    def name(self) -> str: ...

    def stat(self, *, follow_symlinks: bool = True) -> Status:
        """Always asked with False: of the name itself."""
        ...

    def is_dir(self, *, follow_symlinks: bool = True) -> bool: ...


def same(one: Status, other: Status) -> bool:
    """Whether both are of one thing."""
    return one.st_ino == other.st_ino and one.st_dev == other.st_dev
