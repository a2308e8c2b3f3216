"""What a set of actions that waits would do, counted: by folder of the tree and by kind of change (RULES 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from syncd.core import paths
from syncd.core.events import Event
from syncd.core.protocol import Total

REPLACES = {"upload": "replace", "download": "replace_here"}
ORDER = ("upload", "replace", "keep_both", "replace_here", "download", "set_aside", "withdraw", "remove")
UNCOUNTED = ("make_folder", "record", "forget")  # they hang on the others, and change no document
ALONE = ("guard_other_client",)  # agreed to by name, never together with others


def change(event: Event) -> str:
    """What it would do. `upload`: something new, `replace`: a new version of what is there."""
    over = event.replaces or (event.action == "upload" and (event.version or 1) > 1)
    return REPLACES.get(event.action, event.action) if over else event.action


def counted(events: Iterable[Event]) -> list[Event]:
    """Those that are about a document, or about the client as a whole."""
    return [x for x in events if x.action not in UNCOUNTED]


def totals(events: Iterable[Event], folder_of: Callable[[str], str]) -> tuple[Total, ...]:
    """In the order of folders. `folder_of`: which folder of the tree a path counts in."""
    found: Counter[tuple[str, str]] = Counter()
    for event in counted(events):
        place = "" if event.folder and event.action == "adopt" else folder_of(event.path)
        found[place, change(event)] += 1
    return tuple(Total(folder, what, n) for (folder, what), n in sorted(found.items(), key=_in_order))


def _in_order(counted: tuple[tuple[str, str], int]) -> tuple[str, int, str]:
    (folder, what), _ = counted
    return folder, ORDER.index(what) if what in ORDER else len(ORDER), what


def by_change(found: Iterable[Total]) -> dict[str, int]:
    """The same, over all folders."""
    counts: Counter[str] = Counter()
    for total in found:
        counts[total.change] += total.count
    return {what: n for (_, what), n in sorted(((("", what), n) for what, n in counts.items()), key=_in_order)}


def by_top(found: Iterable[Total]) -> dict[str, dict[str, int]]:
    """The same, by top-level folder."""
    tops: dict[str, Counter[str]] = {}
    for total in found:
        tops.setdefault(paths.top(total.folder), Counter())[total.change] += total.count
    return {top: dict(counts) for top, counts in tops.items()}
