"""What a client's space at the portal still holds: the rest is refused before it is sent (RULES 4)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from syncd.core.actions import Upload
from syncd.core.entry import RemoteDoc
from syncd.core.folder_rules import Refusal
from syncd.core.plan import Plan


def within(plan: Plan, online: Mapping[str, RemoteDoc], room: int) -> tuple[Plan, int]:
    """The plan without the uploads that `room` bytes do not hold, each refused as `quota`; what is left of the room.

    In the plan's order: what does not fit lets smaller ones go. A version that takes no more space than the one it is
    over always goes; what removals of the same plan will free is there for the next run.
    """
    kept, refused = [], list(plan.refusals)
    for action in plan.actions:
        if isinstance(action, Upload):
            over = online.get(action.doc) if action.doc else None
            grows = action.content.size - (over.content.size if over is not None else 0)
            if grows > max(0, room):
                refused.append(Refusal(action.disk, "quota"))
                continue
            room -= grows
        kept.append(action)
    return replace(plan, actions=tuple(kept), refusals=tuple(refused)), room
