"""What became of an action: one value, made by whoever tried it (what it changes: `core.effects`)."""

from __future__ import annotations

import msgspec

from syncd.core.actions import Action
from syncd.core.content import Stamp
from syncd.core.entry import BaseDoc, RemoteDoc, RemoteFolder, SetAsideRecord
from syncd.core.paths import NOWHERE, DiskPath

UNSEEN = Stamp(0, 0, 0, 0)


class Applied(msgspec.Struct, frozen=True, gc=False):
    """It is done. What was seen of it afterwards, as far as its kind has it; nothing was of a plan that is only shown.

    `stamp`: the document at its place now. `inode`: the directory. `doc`, `folder`: as the portal answered.
    `copy`: the conflict copy of a KeepBoth that fetches. `kept`: where a save that came in between was kept.
    `intent`: the row of a set-aside that was written down before its rename. `record`: the set-aside that made room.
    `former`: what an earlier action of the same plan wrote down of the document, where the base held nothing of it.
    """

    action: Action
    stamp: Stamp = UNSEEN
    inode: int = 0
    doc: RemoteDoc | None = None
    folder: RemoteFolder | None = None
    copy: Stamp | None = None
    kept: DiskPath = NOWHERE
    intent: int = 0
    record: SetAsideRecord | None = None
    former: BaseDoc | None = None


class Refused(msgspec.Struct, frozen=True, gc=False):
    """The portal will not have it, by a rule that holds next time too. `reason`: a refusal's code."""

    action: Action
    reason: str
    detail: str = ""


class Conflict(msgspec.Struct, frozen=True, gc=False):
    """What is there is not what the plan saw: nothing was done, the next run plans anew.

    `online`: the portal moved on, or somebody is about to save, which is no trouble; else a document here was in the way.
    """

    action: Action
    detail: str = ""
    online: bool = True


class Failed(msgspec.Struct, frozen=True, gc=False):
    """It could not be done. `reason`: a problem's code; `detail` says more.

    `rests`: it is tried again after a growing pause. `notice`: told without changing the verdict, as something for a person.
    """

    action: Action
    reason: str
    detail: str = ""
    rests: bool = False
    notice: bool = False


Outcome = Applied | Refused | Conflict | Failed
