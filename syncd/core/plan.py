"""A plan: what the planner decided for one client."""

from __future__ import annotations

import msgspec

from syncd.core.actions import Action
from syncd.core.entry import Problem
from syncd.core.folder_rules import Refusal
from syncd.core.paths import ClientPath


class Plan(msgspec.Struct, frozen=True):
    """What to do, and what cannot be done. `notices` are lines for people that change no verdict; `renamed`: how many
    documents bear here a name of a type that their folder refuses. `unseen`: places here that are taken by what is no
    document (a link, say), where something known would lie: the plan leaves them alone, and what is in the way may go
    without a trace."""

    actions: tuple[Action, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Refusal, ...] = ()
    renamed: int = 0
    unseen: tuple[ClientPath, ...] = ()
