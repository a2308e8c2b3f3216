"""The table of actions: every kind has its row, and what people agreed to with an earlier version stays agreed to."""

from __future__ import annotations

from syncd.core.actions import (
    KINDS,
    Action,
    Download,
    Fetch,
    Forget,
    KeepBoth,
    Leave,
    MakeFolder,
    MoveFolder,
    MoveLocal,
    MoveRemote,
    Record,
    RemoveRemote,
    RestoreSetAside,
    SetAside,
    Side,
    Upload,
    Withdraw,
    digest,
    side,
)  # fmt: skip
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, SetAsideRecord, Tombstone
from syncd.core.paths import ClientPath, DiskPath
from tests.support.places import both

C, D, S = Content(3, b"1" * 32), Content(4, b"2" * 32), Stamp(3, 10, 20, 30)

# A set-aside that is written down has no place, and no guard ever asked for it: its digest is of today.
# (action, its digest as 0.1.0 had it, phase, side, what the guards count it as, whether it publishes, source, target)
KNOWN: tuple[tuple[Action, str, int, str, str | None, bool, str, str], ...] = (
    (Upload(ClientPath('Achats/é.pdf'), DiskPath('Achats/e.pdf'), C, S), '4066969281e77d193fe9824f8d2c4675', 13, 'remote', None, True, 'Achats/é.pdf', 'Achats/é.pdf'),
    (Upload(*both('a.pdf'), C, S, 'd1', 4, 'l1'), '928c0bef9a7fd47a6f1c0c3adc252a8d', 13, 'remote', 'overwrites_online', False, 'a.pdf', 'a.pdf'),
    (Download('d1', *both('a.pdf'), C, 2, 'v2'), '62cbc7ae73f3cac79d0340baa77f9146', 12, 'local', None, False, 'a.pdf', 'a.pdf'),
    (Download('d1', *both('a.pdf'), C, 2, 'v2', S, D, DiskPath('old.pdf'), True, False), 'd58bb4920fc0c3034f309e79f96cc896', 12, 'local', 'overwrites_here', False, 'a.pdf', 'a.pdf'),
    (Download('d1', *both('a.pdf'), C, 2, 'v2', S, D, emptied=True), 'b3a307ab195af8b2cb27654e7f1890f9', 12, 'local', None, False, 'a.pdf', 'a.pdf'),
    (SetAside('d1', *both('a.pdf'), ClientPath('supp_a.pdf'), C, S, 't1', True, 'Marie'), '10f0d3de51b08006fecaaace980a52c6', 4, 'local', 'set_asides', False, 'a.pdf', 'supp_a.pdf'),
    (KeepBoth(*both('a.pdf'), ClientPath('a (version).pdf'), C, S, Fetch('d1', D, 3, 'v3', True)), 'ecfcd8b528bea1952b5a07d4963ce0b6', 12, 'local', 'overwrites_here', True, 'a.pdf', 'a (version).pdf'),
    (KeepBoth(*both('a.pdf'), ClientPath('a (version).pdf'), C, S, None, False), '3fe60d860b271f2c95524b0fbd57743b', 5, 'local', None, False, 'a.pdf', 'a (version).pdf'),
    (RestoreSetAside('d1', DiskPath('supp_a.pdf'), *both('a.pdf'), C, S, 2, True), '4eb91613f7db2db466b88279bb389f8f', 7, 'local', None, False, 'supp_a.pdf', 'a.pdf'),
    (MoveLocal('d1', *both('a.pdf'), *both('b.pdf'), C, S), 'acc87b402382bae245b579fbe71ed684', 6, 'local', None, False, 'a.pdf', 'b.pdf'),
    (MoveLocal('d1', *both('a.pdf'), *both('b.pdf'), C, S, True), 'a79c78a478b965376086405db7866961', 6, 'local', None, False, 'a.pdf', 'b.pdf'),
    (MoveRemote('d1', ClientPath('a.pdf'), *both('b.pdf'), 2, S), '3a4899237ab265e8683e58e394a7844a', 10, 'remote', None, False, 'a.pdf', 'b.pdf'),
    (MoveRemote('d1', ClientPath('a.pdf'), *both('a.exe'), 2, S), '7a88d1331546b4999747e456889e821b', 10, 'remote', 'renames', False, 'a.pdf', 'a.exe'),
    (Withdraw('d1', ClientPath('a.pdf'), 2, DiskPath('Autre/a.pdf')), '05e5f7d2e8f91c5b8f756e82c0b68f43', 8, 'remote', 'removals', False, 'a.pdf', 'a.pdf'),
    (RemoveRemote('d1', ClientPath('a.pdf'), 2), '658181e665646a109cbc581c0eaaca0f', 9, 'remote', 'removals', False, 'a.pdf', 'a.pdf'),
    (Leave('d1', ClientPath('a.pdf'), 'moved_out'), '3ac1117a10cb7615d837164f36dc1695', 11, 'remote', None, False, 'a.pdf', 'a.pdf'),
    (MakeFolder(Side.LOCAL, *both('A'), 'f1'), 'cce1b62b4ebacc5adc91f1d0b8cf6daa', 3, 'local', None, False, 'A', 'A'),
    (MakeFolder(Side.REMOTE, ClientPath('A')), '7d4e670bad65e6d7215228ab52386e67', 3, 'remote', None, False, 'A', 'A'),
    (MoveFolder(Side.LOCAL, 'f1', ClientPath('A'), ClientPath('B'), DiskPath('A'), DiskPath('B'), 9), '4c4819a1c74bae95969855274b978ea1', 2, 'local', None, False, 'A', 'B'),
    (MoveFolder(Side.REMOTE, 'f1', ClientPath('A'), ClientPath('B'), DiskPath('A'), DiskPath('B'), 9), '5f5a65388425c3d99a6d08cc7deab605', 2, 'remote', None, False, 'A', 'B'),
    (Record(BaseDoc('d1', *both('a.pdf'), C, 1, S)), '8338c402f56f3134d6aa044c93204844', 0, '', None, False, 'a.pdf', 'a.pdf'),
    (Record(folder=BaseFolder('f1', *both('A'), 9), moved_from=ClientPath('B')), 'cdd35cc6cfbaae01ed88824441973fa4', 0, '', None, False, 'B', 'A'),
    (Record(set_aside=SetAsideRecord('d1', Tombstone('t1'), ClientPath('a.pdf'), DiskPath('supp_a.pdf'), C, 3, 3), quiet=True), '177953ce30a3de3452a5ccbf7aa43516', 0, '', None, False, '', ''),
    (Forget(ClientPath('a.pdf'), 'd1'), '3a5e038dc9ead98a72164ca9cd2f7f86', 1, '', None, False, 'a.pdf', 'a.pdf'),
    (Forget(ClientPath('A'), folder='f1'), '744163680d8d4f5315eb13737ab6ed22', 1, '', None, False, 'A', 'A'),
)  # fmt: skip


def test_each_action_is_what_it_was() -> None:
    for action, known, phase, changes, counted, publishes, source, target in KNOWN:
        assert digest(action) == known, action
        assert (action.phase, str(side(action) or ""), action.counted) == (phase, changes, counted), action
        assert (action.publishes, action.source, action.target) == (publishes, source, target), action


def test_every_kind_has_a_row_of_its_own() -> None:
    assert {type(action) for action, *_ in KNOWN} == set(KINDS)
    assert sorted(kind.table.phase for kind in KINDS) == list(range(len(KINDS)))
    hints = {"expect", "stamp", "copy", "vacate", "inode", "disk", "to_disk", "to", "version_id"}
    for kind in KINDS:
        fields = set(kind.__struct_fields__)
        assert set(kind.table.covers) <= fields, kind
        assert fields - set(kind.table.covers) <= hints, f"an agreement to {kind} leaves out {fields - hints}"
