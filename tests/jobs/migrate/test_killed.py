"""Killed before each step that touches the disk or a memory, then again: each document once, nothing lost, nothing of the
old tree changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.verdicts import Verdict
from syncd.jobs.migrate.values import Parts
from tests.jobs.migrate.office import Office

STEPS = ("begin", "copy", "sync", "place", "sync_names", "drop", "settle", "take_turn", "begin_run", "end_run", "agree")


class Killed(BaseException):
    """No code catches it: the process is gone."""


class Killing:
    """Passes every call on until the `at`-th of STEPS, before which the process is gone. `seen`: those that came."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, list[str]()

    def around(self, parts: Parts) -> Parts:
        def guarded(of: Any) -> Any:
            return _Around(of, self)

        state = _State(parts.state, guarded(parts.state.guards))
        return replace(parts, copies=guarded(parts.copies), memory=guarded(parts.memory), state=state)


class _Around:
    def __init__(self, of: Any, killing: Killing) -> None:
        self._of, self._killing = of, killing

    def __getattr__(self, name: str) -> Any:
        real, killing = getattr(self._of, name), self._killing
        if name not in STEPS:
            return real

        def called(*args: Any, **kwargs: Any) -> Any:
            killing.seen.append(name)
            if len(killing.seen) == killing.at:
                raise Killed
            return real(*args, **kwargs)

        return called


class _State:
    def __init__(self, of: Any, guards: Any) -> None:
        self._of, self.guards = of, guards

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of, name)


def filled(base: Path) -> Office:
    made = Office(base, ("001",))
    made.write("001/Juridique/early.pdf", b"an early one")
    made.migrate()  # and no pass since: only the migration itself knows of it
    made.write("001/2024/Achats/again.pdf", b"an early one")
    for n in range(3):
        made.write(f"001/2025/Achats/{n}.pdf")
    made.write("001/Juridique/twice.pdf", b"one content")
    made.write("001/2024/Achats/twice.pdf", b"one content")
    made.lab.write("Achats/2025/0.pdf", b"taken already")
    return made


HELD = sorted([b"an early one", b"one content", b"taken already", *(b"001/2025/Achats/%d.pdf" % n for n in range(3))])


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.jobs.migrate.batch.MOST", 2)


def steps(base: Path) -> list[str]:
    made, killing = filled(base), Killing(0)
    made.wrap = killing.around
    made.migrate(agreed=True)
    made.close()
    return killing.seen


def test_killed_before_every_step(tmp_path: Path) -> None:
    seen = steps(tmp_path / "whole")
    assert set(seen) == set(STEPS) and len(seen) > 20
    for at, step in enumerate(seen, 1):
        made = filled(tmp_path / f"{at}")
        before = made.digests()
        made.wrap = Killing(at).around
        with pytest.raises(Killed):
            made.migrate(agreed=True)
        made.wrap = lambda parts: parts
        report = made.migrate(agreed=True)
        where = f"{step} ({at})"
        assert report.verdict is Verdict.DONE, where
        assert (made.of(report).done, made.of(report).found) == (7, 7), where
        assert sorted(made.here().values()) == HELD, where
        assert not list((made.lab.dir() / ".syncd/incoming").iterdir()), where
        assert made.digests() == before, where
        made.close()


def test_killed_and_published_before_it_is_run_again(tmp_path: Path) -> None:
    """The mirror's own pass may come in between."""
    seen = steps(tmp_path / "whole")
    for at in range(1, len(seen) + 1, 7):
        made = filled(tmp_path / f"{at}")
        made.wrap = Killing(at).around
        with pytest.raises(Killed):
            made.migrate(agreed=True)
        made.lab.converge()
        made.wrap = lambda parts: parts
        made.migrate(agreed=True)
        made.lab.converge()
        assert sorted(made.online().values()) == HELD and made.online() == made.here()
        made.close()


def test_what_a_killed_one_had_placed_lasts_before_it_counts_as_done(tmp_path: Path) -> None:
    whole, made = (Office(tmp_path / name, ("001",)) for name in ("whole", "made"))
    for office in (whole, made):
        office.write("001/2025/Achats/a.pdf")
    counted, again = Killing(0), Killing(0)
    whole.wrap = counted.around
    whole.migrate()
    made.wrap = Killing(counted.seen.index("sync_names") + 1).around
    with pytest.raises(Killed):
        made.migrate()
    assert list(made.here()) == ["Achats/2025/a.pdf"]
    made.wrap = again.around
    made.migrate()
    assert again.seen.index("sync_names") < again.seen.index("settle")
    whole.close()
    made.close()
