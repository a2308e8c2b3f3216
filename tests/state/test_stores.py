"""The nine stores keep to their Protocols, share one transaction, and read what older versions wrote."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import syncd
from syncd.core.alert_timing import Trouble
from syncd.core.client_classification import Card
from syncd.core.content import Content, Stamp
from syncd.core.desk_tasks import DeskTask, HeldTasks, Launch, When
from syncd.core.disk_traits import DiskTraits
from syncd.core.entry import (
    BaseDoc,
    BaseFolder,
    Hidden,
    Known,
    RemoteDoc,
    RemoteFolder,
    RemoteState,
    SetAsideRecord,
    Tombstone,
    Undone,
)
from syncd.core.events import Event
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.protocol import ClientState, Cursor, LeftNote, Receipt
from syncd.core.restored_backups import Restored
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.ports import state as ports
from syncd.ports.state import Arrival, Attempt, Changes, HeldJournals, Pause, Progress, State, WaitingRow
from syncd.state.journal import Written
from syncd.state.store import Store
from tests.simulation.engine_in_memory import fresh_state
from tests.support.places import both

ONE, TWO = Content(3, b"1" * 32), Content(4, b"2" * 32)
STAMP = Stamp(3, 10, 20, 30)
ARRIVAL = Arrival("c", ONE, "scanner", "007/x.pdf", "Achats/x.pdf", 4.0)
ATTEMPT = Attempt("007/x.pdf", STAMP, 1, "unfinished", 4.0)
RECORD = SetAsideRecord("d", Tombstone("t"), ClientPath("Achats/a.pdf"), DiskPath("Achats/supp_a.pdf"), ONE, 30, 3)

# One change for each method that writes, in the order in which an engine makes them.
WRITES: dict[str, Callable[[Store], object]] = {
    "clients.put": lambda s: s.clients.put(ClientState("c", "001", "Dupont", 1)),
    "clients.set_dir": lambda s: s.clients.set_dir("c", "001 - Dupont"),
    "clients.set_listed": lambda s: s.clients.set_listed("c", True),
    "clients.set_completed": lambda s: s.clients.set_completed("c", ["achats"]),
    "clients.set_generation": lambda s: s.clients.set_generation(7, ["c"]),
    "clients.mark": lambda s: s.clients.mark("c", frozenset({Restored.STATE})),
    "clients.unmark": lambda s: s.clients.unmark("c"),
    "clients.set_clean": lambda s: s.clients.set_clean("c", True, b"as it looked"),
    "clients.set_lost": lambda s: s.clients.set_lost("c", True),
    "trees.local.observe": lambda s: s.trees.local.observe("c", {DiskPath("Achats/a.pdf"): Known(STAMP, ONE, 5)}),
    "trees.remote.replace": lambda s: s.trees.remote.replace(
        "c", [RemoteDoc("d", ClientPath("Achats/a.pdf"), ONE, 1)], []
    ),
    "trees.remote.put": lambda s: s.trees.remote.put(
        "c", RemoteDoc("e", ClientPath("b.pdf"), TWO, 1, state=RemoteState.DELETED)
    ),
    "trees.remote.put_folder": lambda s: s.trees.remote.put_folder("c", RemoteFolder("f", ClientPath("Achats")), True),
    "trees.base.put": lambda s: s.trees.base.put("c", BaseDoc("d", *both("Achats/a.pdf"), ONE, 1, STAMP)),
    "trees.base.put_folder": lambda s: s.trees.base.put_folder("c", BaseFolder("f", *both("Achats"), 9)),
    "trees.move_folder": lambda s: s.trees.move_folder("c", "f", *both("Ventes"), online=ClientPath("Achats")),
    "trees.base.forget": lambda s: s.trees.base.forget("c", "d"),
    "trees.base.forget_folder": lambda s: s.trees.base.forget_folder("f"),
    "trees.contents.add": lambda s: s.trees.contents.add("c", Content(5, b"3" * 32)),
    "trees.contents.doubt": lambda s: s.trees.contents.doubt("c", [b"4" * 32]),
    "set_asides.intend": lambda s: s.set_asides.intend("c", RECORD),
    "set_asides.settle": lambda s: s.set_asides.settle(1, RECORD),
    "set_asides.forget": lambda s: s.set_asides.forget("c", "d"),
    "guards.count": lambda s: s.guards.count("c", "set_asides", 100.0),
    "guards.uncount": lambda s: s.guards.uncount("c", "set_asides"),
    "guards.put_waiting": lambda s: s.guards.put_waiting(
        "c", [WaitingRow("c", "guard_mass", "x", ("x",), (Event("001", "upload", "a.pdf"),), 1.0)]
    ),
    "guards.decline": lambda s: s.guards.decline("c", "x", 2.0, "marie"),
    "guards.agree": lambda s: s.guards.agree("c", ["x"], 3.0, "cabinet"),
    "guards.use_agreement": lambda s: s.guards.use_agreement("c", "x"),
    "guards.set_storm": lambda s: s.guards.set_storm("c", "vanished_here", "21 0"),
    "guards.close_windows": lambda s: s.guards.close_windows(),
    "journal.start_run": lambda s: s.journal.start_run(1.0),
    "journal.record": lambda s: s.journal.record(1, 1.5, Event("001", "upload", "a.pdf")),
    "journal.open_report": lambda s: s.journal.open_report("c", "a.pdf", "locked", 1.0),
    "journal.close_reports": lambda s: s.journal.close_reports("c", set()),
    "journal.end_run": lambda s: s.journal.end_run(1, 2.0, RunResult(verdict=Verdict.DONE)),
    "journal.set_written": lambda s: s.journal.set_written("001", Written("2026-11", 1, 10, 20)),
    "outboxes.queue_receipt": lambda s: s.outboxes.queue_receipt(Receipt("c", "d", 1, 1.0)),
    "outboxes.queue_left": lambda s: s.outboxes.queue_left(LeftNote("c", "d", True)),
    "outboxes.sent": lambda s: s.outboxes.sent(1),
    "outboxes.queue_mail": lambda s: s.outboxes.queue_mail("a@b.fr", b"hello", 1.0),
    "outboxes.mail_failed": lambda s: s.outboxes.mail_failed(1, "away", 2.0),
    "outboxes.put_troubles": lambda s: s.outboxes.put_troubles([Trouble("001:x", "001", "x")]),
    "requests.ask": lambda s: s.requests.ask(["001"]),
    "requests.answer": lambda s: s.requests.answer(1, 1, {"verdict": "done"}),
    "requests.drop": lambda s: s.requests.drop(),
    "progress.change": lambda s: s.progress.change(generation=3, disk=DiskTraits(), alarm_lately={"k": 1.5}),
    "progress.set_cursor": lambda s: s.progress.set_cursor(Cursor("e", 5, "t")),
    "progress.set_seen": lambda s: s.progress.set_seen(Cursor("e", 9, "t")),
    "progress.pause": lambda s: s.progress.pause("c", Pause("d", "1", 1, 9.0, "locked")),
    "progress.end_pause": lambda s: s.progress.end_pause("c", "d"),
    "arrivals.put": lambda s: s.arrivals.put(ARRIVAL),
    "arrivals.finish": lambda s: s.arrivals.finish("c", ONE, 9.0),
    "arrivals.put_attempt": lambda s: s.arrivals.put_attempt(ATTEMPT),
    "arrivals.drop_attempt": lambda s: s.arrivals.drop_attempt("007/x.pdf"),
    "arrivals.drop": lambda s: s.arrivals.drop("c", ONE),
    "arrivals.forget": lambda s: s.arrivals.forget(5.0),
}


def everything(store: Store) -> list[str]:
    """Each row there is; without the counters of row numbers, which SQLite keeps beside them."""
    return [line for line in store.conn.iterdump() if "sqlite_sequence" not in line]


def test_it_is_a_state(tmp_path: Path) -> None:
    state: State = fresh_state()
    assert state.progress.read() == Progress()


@pytest.mark.parametrize("end", range(1, len(WRITES) + 1, 4))
def test_what_happens_in_a_transaction_happens_in_all_stores_or_in_none(end: int) -> None:
    store = fresh_state()
    before = everything(store)
    writes = list(WRITES.values())[:end]
    with pytest.raises(ZeroDivisionError), store.atomic():
        for write in writes:
            write(store)
        raise ZeroDivisionError
    assert everything(store) == before and store.journal.chain_head() == "0" * 64
    with store.atomic():
        for write in writes:
            write(store)
    assert everything(store) != before


def test_a_write_alone_is_the_same_as_one_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.state.requests.time", SimpleNamespace(time=lambda: 1.0))
    alone, together = fresh_state(), fresh_state()
    for write in WRITES.values():
        write(alone)
    with together.atomic():
        for write in WRITES.values():
            write(together)
    clock = re.compile(r"\(X'[0-9A-F]{64}','c',\d+\.\d+\)|\('c',X'[0-9A-F]{64}',\d+\.\d+\)")  # SQLite's own, by seconds
    assert [clock.sub("", r) for r in everything(alone)] == [clock.sub("", r) for r in everything(together)]


def test_every_store_is_small() -> None:
    """A store that grows beyond twelve methods is two stores."""
    for name in ports.__all__:
        each = getattr(ports, name)
        if name.endswith("Store"):
            methods = [n for n, _ in inspect.getmembers(each, inspect.isfunction) if not n.startswith("_")]
            assert 3 <= len(methods) <= 12, (name, methods)


def test_every_field_of_progress_can_be_changed() -> None:
    assert get_type_hints(Changes) == get_type_hints(Progress)


TASK = DeskTask("0" * 32, "migrate", When("weekly", date(2026, 12, 1), 840, days=(0, 4)), "GEF", 120)
fields: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    int: st.integers(0, 10**40), bool: st.booleans(), float: st.floats(0, 1e12),
    int | None: st.none() | st.integers(0, 2**62), DiskTraits | None: st.none() | st.just(DiskTraits()),
    frozenset[str]: st.frozensets(st.text("0123456789abcdef", min_size=1), max_size=3),
    HeldTasks: st.just(HeldTasks()) | st.builds(HeldTasks, st.integers(0, 2**53), st.just((TASK,)), st.just({"a": Launch(1.5, 2.0, "done")})),
    HeldJournals: st.builds(HeldJournals, st.floats(0, 1e12), st.text(st.characters(codec="utf-8"))),
}  # fmt: skip
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        name: fields.get(kind, st.dictionaries(st.text(st.characters(codec="utf-8")), st.floats(0, 1e12), max_size=3))
        for name, kind in get_type_hints(Progress).items()
    },
)


@given(changes=st.lists(CHANGES, max_size=4))
def test_progress_is_read_as_it_was_last_changed(changes: list[Any]) -> None:
    store, last = fresh_state(), dict[str, Any]()
    for change in changes:
        store.progress.change(**change)
        last |= change
    assert store.progress.read() == Progress(**last)


def test_what_an_older_version_kept_is_read_and_kept_as_it_did() -> None:
    kept = {
        "cabinet": "c1", "root": "r1", "engine": "e1", "generation": "12", "generation_started": "13", "root_written": "12",
        "marker_key": "k", "portal_restored": "1", "portal_seen": "1795000000.25", "next_full": "1795003600.5",
        "digest_at": "1795000001.5", "digest_owed": "1", "digest_seq": "42", "alarm_at": "1795000002.5",
        "alarm_lately": '{":abandoned": 1795000003.5}', "batch_bytes": "256000", "swept": "1795000004.5",
        "epoch": "a", "seq": "5", "tag": "t", "journal 001": "2026-11 9 100 200", "reports_unwritten": "No space", "lost_online": "a b",
        "journals left": '{"since":1.5,"said":"It is open.","months":{"2026-11":["001"]}}', "vanished_here c": "21 3",
        "register_done": "1795000005.5", "register_lines": '{"dossiers.txt": 500}',
        "tasks_told": "7", "packages_told": "8", "link_told": "https://documents.example",
    }  # fmt: skip
    store = fresh_state()
    store.conn.executemany("insert into meta values (?, ?)", list(kept.items()))
    found = store.progress.read()
    assert found == Progress(
        cabinet="c1", root="r1", engine="e1", generation=12, generation_started=13, root_written=12, marker_key="k",
        portal_restored=True, portal_seen=1795000000.25, next_full=1795003600.5, day_ended=1795000001.5, digest_owed=True,
        digest_event=42, alarm_at=1795000002.5, alarm_lately={":abandoned": 1795000003.5}, batch_bytes=256000,
        swept=1795000004.5, reports_unwritten="No space", lost_clients=frozenset("ab"),
        journals_held=HeldJournals(1.5, "It is open.", {"2026-11": ["001"]}),
        register_done=1795000005.5, register_lines={"dossiers.txt": 500}, tasks_told=7, packages_told=8, link_told="https://documents.example",
    )  # fmt: skip
    assert store.progress.cursor() == store.progress.seen() == Cursor("a", 5, "t")
    assert store.journal.written("001") == Written("2026-11", 9, 100, 200)
    assert store.guards.storm("c", "vanished_here") == "21 3"
    store.conn.execute("delete from meta where instr(key, ' ') = 0 and key not in ('epoch', 'seq', 'tag')")
    store.progress.change(**{name: getattr(found, name) for name in Changes.__annotations__})
    written = dict(store.conn.execute("select key, value from meta where value != ''").fetchall())
    assert written == kept


@pytest.mark.parametrize("facts", [5, 7, 9])
def test_a_card_that_another_version_kept_has_the_facts_that_both_know(facts: int) -> None:
    store = fresh_state()
    store.clients.put(ClientState("c", "001", "Un", 1))
    kept = ["Anne", "Lyon", "", "", "BNC", "copie", "autonome", "later", "than this"][:facts]
    store.conn.execute("update clients set card = ?", (json.dumps(kept),))
    (row,) = store.clients.all()
    assert row.card == Card(*kept[:7])


def test_traits_of_a_disk_that_another_version_measured_are_measured_anew() -> None:
    store = fresh_state()
    store.conn.execute("insert into meta values ('disk', '{\"name\": 7}')")
    assert store.progress.read().disk is None


SQL = re.compile(
    r"\s*(select\s.*\sfrom|insert (or \w+ )?into|update\s+\w+\s+set|delete from|create table|pragma)\b", re.DOTALL
)


def test_nobody_but_the_state_and_the_portal_speaks_sql() -> None:
    root = Path(syncd.__file__).parent
    spoken = []
    for path in root.rglob("*.py"):
        if path.relative_to(root).parts[0] in ("state", "portal"):
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
                spoken.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Import | ast.ImportFrom) and "sqlite" in ast.unparse(node):
                spoken.append(f"{path}:{node.lineno}")
        spoken += [f"{path}: state.get" for _ in re.findall(r"\b(?:state|store)\.[gs]et\(\"", text)]
    assert spoken == []


def test_why_something_was_set_aside_is_kept_as_states_always_had_it() -> None:
    store = fresh_state()
    kept = {
        "ab" * 16: Tombstone("ab" * 16),
        "undone:achats/a.pdf": Undone("achats/a.pdf"),
        "hidden:rh/a:b.pdf": Hidden("rh/a:b.pdf"),
    }
    for deletion in kept.values():
        store.set_asides.intend("c", replace(RECORD, deletion=deletion))
        store.set_asides.intend("c", replace(RECORD, deletion=deletion))  # followed again: one record
    assert [r.deletion for r in store.set_asides.of("c")] == list(kept.values())
    assert [text for (text,) in store.conn.execute("select tombstone from set_asides order by row")] == list(kept)


def test_a_job_s_arrivals_are_known_by_client_and_content() -> None:
    """Of one content there is one; what is done with is no longer open, and forgotten by and by."""
    store = fresh_state().arrivals
    other = replace(ARRIVAL, client="d", at=3.0)
    store.put(ARRIVAL)
    store.put(replace(ARRIVAL, path="Achats/x (2).pdf"))
    store.put(other)
    found = store.find("c", ONE)
    assert found is not None and found.path == "Achats/x (2).pdf" and store.find("c", TWO) is None
    assert [a.client for a in store.open("scanner")] == ["d", "c"] and store.open("migration") == []
    store.finish("c", ONE, 9.0)
    assert [a.client for a in store.open("scanner")] == ["d"] and store.find("c", ONE) == replace(found, done=9.0)
    store.forget(9.0)
    assert store.find("c", ONE) is not None
    store.forget(10.0)
    assert store.find("c", ONE) is None and store.find("d", ONE) == other
    store.drop("d", ONE)
    assert store.open("scanner") == []


def test_what_was_tried_is_known_by_its_place_as_it_was() -> None:
    store, wide = fresh_state().arrivals, replace(ATTEMPT, stamp=Stamp(3, 2**63 + 7, -1, 2**70))
    store.put_attempt(ATTEMPT)
    store.put_attempt(replace(wide, tries=2))
    assert store.attempts() == {ATTEMPT.place: replace(wide, tries=2)}
    store.drop_attempt(ATTEMPT.place)
    assert store.attempts() == {}


def test_an_agreement_to_a_list_alone_leaves_what_was_done_lately_counted() -> None:
    guards = fresh_state().guards
    guards.count("c", "removals", 1.0)
    guards.agree("c", ["x"], 2.0, "migration", anew=False)
    assert guards.agreed("c", 3.0) == {"x"} and guards.windows(3.0) == {"c": {"removals": 1}}
    guards.agree("c", ["y"], 2.0, "cabinet")
    assert guards.agreed("c", 3.0) == {"x", "y"} and guards.windows(3.0) == {}
