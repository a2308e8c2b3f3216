"""`syncd package trust` on a terminal: what signed a package is believed once somebody has compared it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from syncd.cli import package_keys
from syncd.cli.group import cli
from syncd.jobs.packages import ledger
from syncd.jobs.packages.creation import Wish
from tests.jobs.packages.sides import CODE, Sides


def test_the_key_of_a_package_is_believed_once_somebody_said_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides(tmp_path / "sides")
    file = sides.stick / sides.send_cabinet(Wish(full=True, sealed=False)).file
    with ledger.opened(sides.at / ".syncd-exchange") as own:
        own.trust(sides.client, ())

    def said(*words: object, answer: str = "") -> Result:
        given = ["package", "trust", CODE, *map(str, words), "--at", str(sides.at)]
        return CliRunner().invoke(cli, given, input=answer, standalone_mode=False)

    def believed() -> list[str]:
        with ledger.opened(sides.at / ".syncd-exchange") as own:
            return [t.key.signing for t in own.trusted(sides.client)]

    assert "or --of" in str(said().exception) and "or --of" in str(said("RWQ", "--of", file).exception)
    unseen = said("--of", file)
    assert "nobody is here" in str(unseen.exception) and not believed()
    monkeypatch.setattr(package_keys, "on_terminal", lambda: True)
    no = said("--of", file, answer="n\n")
    assert sides.key().safety_number in no.output and not believed()
    yes = said("--of", file, answer="y\n")
    assert yes.exception is None and believed() == [sides.key().signing]
