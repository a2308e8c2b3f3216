"""What is read again on a disk whose change times lie, and when a disk is refused."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core.disk_traits import TRUE, DiskTraits

DAY = 86_400 * 10**9
LYING = DiskTraits(change_times=False, grain_ns=2 * 10**9)


def test_all_is_read_within_a_week_and_not_all_at_once() -> None:
    names = [f"Achats/2026/facture {n:04}.pdf" for n in range(1000)]
    days = [sum(LYING.reads_again(name, day * DAY) for name in names) for day in range(8)]
    assert days[:4] == [0, 0, 0, days[3]] and days[3] < 50 and days[6:] == [1000, 1000]
    assert 200 < days[4] < 500 and 500 < days[5] < 800
    assert not any(TRUE.reads_again(name, 400 * DAY) for name in names)


def test_what_is_younger_than_twice_the_grain_is_not_believed_where_change_times_lie() -> None:
    assert LYING.racy_ns(2 * 10**9) == 4 * 10**9
    assert DiskTraits(change_times=False).racy_ns(2 * 10**9) == 2 * 10**9
    assert TRUE.racy_ns(2 * 10**9) == 2 * 10**9


def test_only_a_disk_without_any_way_to_keep_a_name_is_refused() -> None:
    for has in ("no_replace", "links", "exclusive"):
        without = dict.fromkeys(("no_replace", "links", "exclusive"), False)
        assert not replace(DiskTraits(), **{**without, has: True}).refused
    assert DiskTraits(no_replace=False, links=False, exclusive=False).refused
    assert DiskTraits(no_replace=False, links=False).placeholder and not DiskTraits(no_replace=False).placeholder


def test_an_edit_may_hide_within_a_coarse_grain_alone() -> None:
    assert LYING.races(3 * 10**9) and LYING.races(-1) and not LYING.races(4 * 10**9)
    assert not TRUE.races(0) and not DiskTraits(grain_ns=10_000_000).races(0)
