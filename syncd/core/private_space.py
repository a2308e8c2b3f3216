"""A company's private space, as the rest of the house knows it: a kind of folder that no template has, and a name that is taken."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core import paths

KIND = "private"
NAME = "Espace privé"


def is_name(part: str) -> bool:
    return paths.key(part) == paths.key(NAME)


def holds(path: str, tops: Mapping[str, str]) -> bool:
    """Whether the path lies in the private space. `tops`: the client's own top-level folders, by key; one that was called
    so before the name was taken stays an ordinary folder.
    """
    top = paths.key(paths.top(paths.nfc(path)))
    return is_name(top) and top not in tops
