"""A client's marker is what a stranger left there: whatever it says, it stops that client alone, and counts for nothing
that the engine did not write itself (RULES 6, HAZARDS 45)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientDirectory
from tests.simulation.engine_in_memory import Lab, fresh_state

FOLDERS = (FolderRule("Achats"),)
CODES = ("001", "002")


def marker(lab: Lab, code: str = "001") -> Path:
    return lab.dir(code) / ".syncd" / "client.json"


def said(lab: Lab, **other: object) -> bytes:
    return json.dumps(json.loads(marker(lab).read_bytes()) | other).encode()


def numbers(lab: Lab) -> dict[str, int]:
    progress = lab.state.progress.read()
    meta = {name: getattr(progress, name) for name in ("generation", "generation_started", "root_written")}
    rows = {row.code: row.generation for row in lab.state.clients.all()}
    return meta | rows | {"portal": lab.portal.generation}


BYTES: dict[str, Callable[[Lab], bytes]] = {
    "a list": lambda lab: b"[]",
    "a generation that is a list": lambda lab: said(lab, generation=[]),
    "a generation beyond any float": lambda lab: said(lab).replace(b'"generation": ', b'"generation": 1e999, "was": '),
    "200,000 brackets": lambda lab: b"[" * 200_000,
    "brackets that fit": lambda lab: said(lab)[:-1] + b', "x": ' + b"[" * 3000,
    "a generation of forty digits": lambda lab: said(lab, generation=10**40),
    "a generation near the end of 64 bits": lambda lab: said(lab, generation=2**63 - 2),
    "a generation below zero": lambda lab: said(lab, generation=-1),
    "a generation beyond any honest one": lambda lab: said(lab, generation=2**40 + 1),
    "an id that is a path": lambda lab: said(lab, client="../../etc"),
    "an id that is a number": lambda lab: said(lab, client=7),
    "no text": lambda lab: b"\xff\xfe\x00",
    "nothing": lambda lab: b"",
}


def swap_for(place: Path, how: str) -> None:
    place.unlink()
    match how:
        case "a fifo":
            os.mkfifo(place)
        case "a link to an endless device":
            place.symlink_to("/dev/zero")
        case "8 GB of nothing":
            with place.open("wb") as f:
                f.truncate(8 * 2**30)
        case "a directory":
            place.mkdir()


@pytest.mark.parametrize("how", [*BYTES, "a fifo", "a link to an endless device", "8 GB of nothing", "a directory"])
def test_what_is_wrong_with_a_marker_stays_with_its_client(lab: Lab, how: str) -> None:
    good, before = marker(lab).read_bytes(), numbers(lab)
    if how in BYTES:
        marker(lab).write_bytes(BYTES[how](lab))
    else:
        swap_for(marker(lab), how)
    for code in CODES:
        lab.write("Achats/second.pdf", b"second of " + code.encode(), code)
        lab.deposit("Achats/deposit.pdf", b"deposit for " + code.encode(), code)
    summary = lab.run()
    assert (summary["exit_code"], summary["stopped"], summary["uploaded"], summary["downloaded"]) == (3, ["001"], 1, 1)
    (stopped,) = [e for e in lab.events if e.action == "stopped"]
    assert stopped.reason == "stop_client_marker" and f"{lab.dir().name}/.syncd/client.json" in stopped.detail
    lab.run()
    after = numbers(lab)
    assert {k: v for k, v in after.items() if k != "001"} == {k: before[k] + (k != "001") for k in after if k != "001"}
    if marker(lab).is_dir():
        marker(lab).rmdir()
    else:
        marker(lab).unlink()
    marker(lab).write_bytes(good)
    summary = lab.run()
    assert (summary["exit_code"], summary["uploaded"], summary["downloaded"]) == (0, 1, 1)
    assert not {e.reason for e in lab.events if e.reason}, "nothing was to be recovered"
    lab.check()


def test_a_generation_that_somebody_wrote_counts_for_nothing(lab: Lab) -> None:
    """Within bounds, so the marker can be read: its client's two sides are compared, and the number goes nowhere."""
    before, content = numbers(lab), dict(lab.here())
    marker(lab).write_bytes(said(lab, generation=10**9))
    lab.write("Achats/second.pdf", b"second", "002")
    summary = lab.run()
    assert (summary["exit_code"], summary["uploaded"]) == (0, 1)
    assert [(e.client, e.reason) for e in lab.events if e.reason] == [("001", "restored_marker")]
    assert max(numbers(lab).values()) == max(before.values()) + 1
    lab.converge()
    assert lab.here() == content and {row.recovery for row in lab.state.clients.all()} == {frozenset()}
    assert json.loads(marker(lab).read_bytes())["generation"] <= max(before.values()) + 2
    lab.run()
    assert not [e for e in lab.events if e.reason]


def test_an_older_marker_of_ours_is_a_client_restored_from_a_backup(lab: Lab) -> None:
    old = marker(lab).read_bytes()
    lab.write("Achats/second.pdf", b"second")
    lab.converge()
    marker(lab).write_bytes(old)
    (lab.dir() / "Achats" / "second.pdf").unlink()
    lab.run()
    assert [(e.client, e.reason) for e in lab.events if e.reason] == [("001", "restored_mirror")]
    assert lab.here()["Achats/second.pdf"] == b"second", "fetched, not taken for taken away"


def older(lab: Lab) -> None:
    """As an installation of before markers had a seal, at rest."""
    for path in [lab.root / ".syncd" / "root.json", *(marker(lab, code) for code in CODES)]:
        data = json.loads(path.read_bytes())
        data.pop("seal")
        path.write_text(json.dumps(data))
    lab.state.conn.execute("delete from meta where key = 'marker_key'")


def test_an_installation_of_before_is_carried_over_without_a_recovery(lab: Lab) -> None:
    older(lab)
    summary = lab.run()
    assert (summary["exit_code"], summary["verdict"], lab.events) == (0, "done", [])
    seals = {json.loads(marker(lab, code).read_bytes())["seal"] for code in CODES}
    assert len(seals) == 2 and "" not in seals
    written = [path.stat().st_ino for path in lab.root.rglob(".syncd/*.json")]
    lab.run()
    assert [path.stat().st_ino for path in lab.root.rglob(".syncd/*.json")] == written, "once"


def test_a_backup_of_before_put_back_is_recognised(lab: Lab) -> None:
    older(lab)
    shutil.copytree(lab.root, lab.base / "backup", symlinks=True)
    lab.write("Achats/second.pdf", b"second")
    lab.write("Achats/first.pdf", b"first, edited")
    lab.converge()
    shutil.rmtree(lab.root)
    (lab.base / "backup").rename(lab.root)
    lab.run()
    assert {e.reason for e in lab.events if e.reason} == {"restored_mirror"}
    assert lab.here() == {"Achats/first.pdf": b"first, edited", "Achats/second.pdf": b"second"}
    lab.check()


def test_another_states_markers_are_ours_by_their_ids_alone(lab: Lab) -> None:
    """A lost state: nothing is said of single clients, and every marker is written anew with the new key."""
    before = dict(lab.here()), {code: lab.online(code) for code in CODES}
    lab.state.close()
    lab.state = fresh_state()
    lab.run()
    assert {e.reason for e in lab.events if e.reason} == {"restored_state"}
    assert {e.action for e in lab.events} <= {"record", "problem"}
    lab.converge()
    assert (dict(lab.here()), {code: lab.online(code) for code in CODES}) == before
    key = lab.state.progress.read().marker_key
    assert key and all(_sealed(lab, key, code) for code in CODES)


def test_a_directory_with_a_damaged_marker_that_appears_at_the_last_moment_stops_that_client_alone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was listed for no client's, and lies where the client's is about to be made."""
    listed, late = DiskMirror.clients, lab.dir("001").name
    whole = marker(lab).read_bytes()
    marker(lab).write_bytes(b"[]")
    lab.state.close()
    lab.state = fresh_state()
    lab.write("Achats/new.pdf", b"of the other", code="002")
    with monkeypatch.context() as patch:
        patch.setattr(DiskMirror, "clients", lambda self, **how: [d for d in listed(self, **how) if d.name != late])
        lab.run()
        assert ("001", "stop_client_marker") in {(e.client, e.reason) for e in lab.events}
        lab.converge()
    assert "Achats/new.pdf" in lab.online("002") and marker(lab).read_bytes() == b"[]"
    marker(lab).write_bytes(whole)
    lab.converge()
    assert lab.here("001") == lab.online("001")


def test_another_states_backup_is_recognised_though_its_number_is_what_ours_last_wrote(lab: Lab) -> None:
    """A run that was killed told nobody of its number; the state that was lost then is followed by one that counts to it."""
    other = lab.base / "backup"
    shutil.copytree(lab.dir("001"), other, symlinks=True)
    lab.state.close()
    lab.state = fresh_state()
    lab.converge()
    lab.deposit("Achats/second.pdf", b"second")
    lab.converge()
    number = json.loads(marker(lab).read_bytes())["generation"]
    shutil.rmtree(lab.dir("001"))
    other.rename(lab.root / "001 - Client 001")
    marker(lab).write_bytes(said(lab, generation=number))  # with the code of the state that was lost
    lab.converge()
    assert lab.here() == lab.online() == {"Achats/first.pdf": b"001", "Achats/second.pdf": b"second"}


def _sealed(lab: Lab, key: str, code: str) -> bool:
    from syncd.core.restored_backups import sealed

    data = json.loads(marker(lab, code).read_bytes())
    return sealed(key, lab.portal.cabinet, lab.clients[code], data["generation"], data["seal"])


def test_a_portals_impossible_number_is_said_and_goes_nowhere(lab: Lab) -> None:
    before = numbers(lab)
    lab.portal.generation = 2**53
    lab.write("Achats/second.pdf", b"second")
    summary = lab.run()
    assert (summary["exit_code"], summary["uploaded"]) == (0, 1)
    assert [e.reason for e in lab.events if e.reason] == ["generations"]
    assert max(v for k, v in numbers(lab).items() if k != "portal") == max(before.values()) + 1


@pytest.mark.parametrize("name", ["Easy.Download", "Le Lock.lock", "Atelier~"])
def test_a_company_is_found_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    lab = Lab(tmp_path / "lab", FOLDERS, ("001",))
    client = lab.portal.add_client("003", name, FOLDERS)
    (lab.root / "lost+found").mkdir()
    lab.run()
    assert not [e for e in lab.events if e.reason]
    lab.portal.deposit(client, "Achats/a.pdf", b"one")
    lab.run()
    assert not [e for e in lab.events if e.reason]
    row = next(r for r in lab.state.clients.all() if r.code == "003")
    assert (lab.root / row.dir / "Achats" / "a.pdf").read_bytes() == b"one"


def test_an_unmarked_directory_waits_whatever_it_is_called(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab", FOLDERS, ("001",))
    (lab.root / "003 - Easy.Download" / "Achats").mkdir(parents=True)
    (lab.root / "003 - Easy.Download" / "Achats" / "a.pdf").write_bytes(b"one")
    lab.portal.add_client("003", "Easy.Download", FOLDERS)
    assert lab.run()["waiting"] == ["003"]
    assert ClientDirectory("003 - Easy.Download", ignored=True) in _found(lab)


def _found(lab: Lab) -> list[ClientDirectory]:
    from syncd.local.mirror import DiskMirror

    return DiskMirror(str(lab.root)).clients()
