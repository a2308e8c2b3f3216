"""What an outcome changes is a value: looked at here without a disk, a portal or a state."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from syncd.core.actions import (
    Action,
    Download,
    Fetch,
    Forget,
    KeepBoth,
    Leave,
    MoveFolder,
    MoveLocal,
    MoveRemote,
    Record,
    RemoveRemote,
    SetAside,
    Side,
    Upload,
    Withdraw,
    digest,
)
from syncd.core.content import Content, Stamp
from syncd.core.effects import Before, Effects, effects
from syncd.core.entry import BaseDoc, Known, RemoteDoc, RemoteState, SetAsideRecord, Tombstone
from syncd.core.guards import FOREIGN, LEFT, History
from syncd.core.outcomes import Applied, Conflict, Failed, Refused
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.protocol import LeftNote, Receipt
from syncd.core.snapshot import Base
from tests.support.places import both

NOW = 1_000.0
OLD, NEW = Content(3, b"o" * 32), Content(3, b"n" * 32)
WAS, IS = Stamp(3, 10, 20, 7), Stamp(3, 11, 21, 8)
AGREED = BaseDoc("d", *both("Achats/a.pdf"), OLD, 1, WAS)
BEFORE = Before("client", "001", Base(docs={"d": AGREED}), History())
ONLINE = RemoteDoc("d", ClientPath("Achats/a.pdf"), NEW, 2)
UPLOAD = Upload(*both("Achats/a.pdf"), NEW, IS, "d", 1)
DOWNLOAD = Download("d", *both("Achats/a.pdf"), NEW, 2, "v", WAS, OLD)


def test_a_version_that_was_sent_is_agreed_on_and_counts_as_an_overwrite() -> None:
    changed = effects(BEFORE, Applied(UPLOAD, IS, doc=ONLINE), NOW)
    assert changed.base == replace(AGREED, content=NEW, version=2, stamp=IS)
    assert (changed.online, changed.had, changed.counted) == (ONLINE, OLD, ("overwrites_online",))
    assert [(e.action, e.version, e.replaces) for e in changed.events] == [("upload", 2, True)]


def test_an_agreed_action_passes_once_and_is_not_counted() -> None:
    agreed = replace(BEFORE, history=History(agreed=frozenset({digest(UPLOAD)})))
    changed = effects(agreed, Applied(UPLOAD, IS, doc=ONLINE), NOW)
    assert (changed.agreement, changed.counted) == (digest(UPLOAD), ())


def test_a_publication_is_acknowledged_and_another_clients_content_counts() -> None:
    upload = replace(UPLOAD, doc=None, version=0)
    changed = effects(BEFORE, Applied(upload, IS, doc=replace(ONLINE, id="e", version=1)), NOW)
    assert (changed.published, changed.counted, changed.cleared) == ("Achats/a.pdf", (), b"")
    foreign = replace(BEFORE, history=History(elsewhere=frozenset({NEW.sha256})))
    changed = effects(foreign, Applied(upload, IS, doc=replace(ONLINE, id="e", version=1)), NOW)
    assert (changed.counted, changed.cleared) == ((FOREIGN,), NEW.sha256)


def test_what_comes_is_known_agreed_on_and_owes_a_receipt() -> None:
    changed = effects(BEFORE, Applied(DOWNLOAD, IS, kept=DiskPath("Achats/a (version du cabinet).pdf")), NOW)
    assert changed.here == (("Achats/a.pdf", Known(IS, NEW, int(NOW * 1e9))),)
    assert changed.base == replace(AGREED, content=NEW, version=2, stamp=IS)
    assert (changed.receipt, changed.counted) == (Receipt("client", "d", 2, NOW), ("overwrites_here",))
    assert [e.action for e in changed.events] == ["download", "keep_both"]  # somebody saved meanwhile
    assert effects(BEFORE, Applied(replace(DOWNLOAD, emptied=True), IS), NOW).counted == ()


def test_a_document_that_was_left_and_is_here_again_is_told_and_no_longer_counted() -> None:
    left = replace(BEFORE, base=Base(docs={"d": replace(AGREED, left=True)}))
    changed = effects(left, Applied(Record(doc=AGREED)), NOW)
    assert (changed.left, changed.uncounted) == (LeftNote("client", "d", False), LEFT)
    gone = effects(left, Applied(Forget(ClientPath("Achats/a.pdf"), doc="d")), NOW)
    assert (gone.forgotten, gone.uncounted) == ("d", LEFT)
    again = effects(BEFORE, Applied(Leave("d", ClientPath("Achats/a.pdf"))), NOW)
    assert again.base == replace(AGREED, left=True)
    assert (again.left, again.counted) == (LeftNote("client", "d", True), (LEFT,))
    assert effects(BEFORE, Applied(Leave("d", ClientPath("Achats/a.pdf"), "moved_out")), NOW).counted == ()


def test_a_second_version_kept_is_two_documents_here() -> None:
    fetch = Fetch("d", NEW, 2, "v")
    action = KeepBoth(*both("Achats/a.pdf"), ClientPath("Achats/a (2).pdf"), OLD, WAS, fetch)
    changed = effects(BEFORE, Applied(action, IS, copy=WAS), NOW)
    assert dict(changed.here) == {
        "Achats/a.pdf": Known(IS, NEW, int(NOW * 1e9)), "Achats/a (2).pdf": Known(WAS, OLD, int(NOW * 1e9)),
    }  # fmt: skip
    assert changed.base is not None and changed.base.version == 2 and changed.counted == ("overwrites_here",)
    alone = effects(BEFORE, Applied(replace(action, fetch=None), IS), NOW)
    assert (alone.base, dict(alone.here)[DiskPath("Achats/a.pdf")]) == (None, None)


def test_a_document_set_aside_is_settled_and_no_longer_agreed_on() -> None:
    aside = SetAside("d", *both("Achats/a.pdf"), ClientPath("Achats/supp_a.pdf"), OLD, WAS, "t")
    record = SetAsideRecord(
        "d", Tombstone("t"), ClientPath("Achats/a.pdf"), DiskPath("Achats/supp_a.pdf"), OLD, 7, 3, done=False
    )
    changed = effects(BEFORE, Applied(aside, IS, intent=4, record=record), NOW)
    assert (changed.settled, changed.record) == (4, replace(record, inode=8, done=True))
    assert (changed.forgotten, changed.counted) == ("d", ("set_asides",))


def test_a_rename_keeps_what_was_agreed_of_the_date_so_that_an_edit_shows() -> None:
    move = MoveLocal("d", *both("Achats/a.pdf"), *both("Ventes/a.pdf"), OLD, WAS)
    changed = effects(BEFORE, Applied(move, IS), NOW)
    assert changed.base == replace(AGREED, path="Ventes/a.pdf", disk="Ventes/a.pdf", stamp=replace(IS, mtime_ns=10))
    assert changed.here == (("Achats/a.pdf", None), ("Ventes/a.pdf", Known(IS, OLD, int(NOW * 1e9))))


def test_a_folder_carries_what_lies_in_it_from_where_it_was_online_only_by_our_own_move() -> None:
    move = MoveFolder(Side.REMOTE, "f", ClientPath("Achats/x"), *both("Achats/y"), DiskPath("Achats/y"), 9)
    changed = effects(BEFORE, Applied(move), NOW)
    assert changed.carried is not None and changed.carried.online == "Achats/x"
    followed = effects(BEFORE, Applied(replace(move, side=Side.LOCAL), inode=9), NOW)
    assert followed.carried is not None and followed.carried.online == ""


@pytest.mark.parametrize(
    "action",
    [
        Withdraw("d", ClientPath("Achats/a.pdf"), 1, DiskPath("Divers/a.pdf")),
        RemoveRemote("d", ClientPath("Achats/a.pdf"), 1),
    ],
    ids=lambda a: type(a).__name__,
)
def test_what_is_removed_online_is_forgotten_and_seen_deleted(action: Withdraw | RemoveRemote) -> None:
    changed = effects(BEFORE, Applied(action, doc=ONLINE), NOW)
    assert (changed.forgotten, changed.counted) == ("d", ("removals",))
    assert changed.online is not None and changed.online.state is RemoteState.DELETED


@pytest.mark.parametrize(
    "action",
    [UPLOAD, DOWNLOAD, MoveRemote("d", ClientPath("Achats/a.pdf"), *both("Achats/b.pdf"), 1, WAS)],
    ids=lambda a: type(a).__name__,
)
def test_what_was_not_done_changes_nothing_but_what_is_told(action: Action) -> None:
    for outcome, said in (
        (Refused(action, "quota"), ("refused", "quota", False)),
        (Conflict(action), ("problem", "unstable", True)),
        (Conflict(action, online=False), ("problem", "unstable", False)),
        (Failed(action, "locked"), ("problem", "locked", False)),
    ):
        changed = effects(BEFORE, outcome, NOW)
        assert replace(changed, events=()) == Effects()
        assert [(e.action, e.reason, e.notice) for e in changed.events] == [said]


def test_a_plan_that_is_only_shown_says_what_it_would_say() -> None:
    shown = [effects(BEFORE, Applied(a), NOW).events for a in (UPLOAD, DOWNLOAD)]
    done = [effects(BEFORE, o, NOW).events for o in (Applied(UPLOAD, IS, doc=ONLINE), Applied(DOWNLOAD, IS))]
    assert shown == done
