"""What a run is asked for: clients by their code, or a place in one, `CODE/PATH`. A code holds no `/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncd.core import paths
from syncd.core.actions import Action, MakeFolder, MoveFolder


def targets(asked: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Code → places in it, NFC; none: all of the client. Raises BadPath for a place that climbs."""
    found: dict[str, tuple[str, ...]] = {}
    for text in asked:
        code, _, place = text.partition("/")
        place = place.strip("/")
        if not place:
            found[code] = ()
        elif found.get(code, ("",)):
            found[code] = (*found.get(code, ()), paths.check(place))
    return found


def within(actions: Sequence[Action], places: Sequence[str]) -> tuple[Action, ...]:
    """Those that are about one of the places, and what makes the folders above it; in their order."""
    keys = [paths.key(place) for place in places]

    def wanted(action: Action) -> bool:
        ends = [paths.key(p) for p in (action.path, action.source) if p]
        above = isinstance(action, MakeFolder | MoveFolder)
        return any(paths.is_below(at, key) or (above and paths.is_below(key, at)) for at in ends for key in keys)

    return tuple(action for action in actions if wanted(action))
