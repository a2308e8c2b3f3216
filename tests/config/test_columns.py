"""Which column of the accounting software's files is which field."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config.load import loads
from syncd.core import fiscal_facts
from syncd.core.client_cards import NAME, RESPONSIBLE
from syncd.core.client_register import CARD
from syncd.core.errors import UsageError

pytestmark = pytest.mark.lists

BASE = '[mirror]\nroot = "{0}/m"\nstate = "{0}/s"\nlogs = "{0}/l"\n[portal]\nurl = "http://127.0.0.1:1"\ntoken_file = "/t"\n[intake]\nroot = "{0}/i"\n'


def test_what_is_not_said_keeps_its_columns(tmp_path: Path) -> None:
    said = (
        '[intake.columns]\ndossiers = ["code", "", "siret", "kind_of_work", "closing"]\npar = ["ape = Dossier/@ape"]\n'
    )
    found = loads(BASE.format(tmp_path) + said, "c.toml", {}).intake.columns
    assert found["dossiers"] == ("code", "", "siret", "kind_of_work", "closing") and found["users"][0] == "sign_in"
    assert found["par"] == ("ape = Dossier/@ape",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('dossiers = ["code", "colour"]', "dossiers has code, name"), ('dossiers = ["name"]', "of which code is needed"),
        ('users = ["name"]', "of which sign_in is needed"), ('par = ["siret"]', "write a field and a path"), ('other = ["code"]', "no file of the robot's"),
    ],
)  # fmt: skip
def test_what_is_no_column_is_said_with_those_there_are(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        loads(f"{BASE.format(tmp_path)}[intake.columns]\n{line}\n", "c.toml", {})


def test_the_fields_are_those_of_the_portals_card(tmp_path: Path) -> None:
    source = (Path(__file__).parents[2] / "syncd" / "portal" / "clients" / "profile.py").read_text(encoding="utf-8")
    fields = source.partition("FIELDS = (")[2].partition(")")[0]
    named = {f.strip(' "\n') for f in fields.split(",") if f.strip(' "\n')}
    assert "*fiscal_facts.FIELDS" in named
    assert (named - {"*fiscal_facts.FIELDS"}) | set(fiscal_facts.FIELDS) == set(CARD) - {NAME, RESPONSIBLE}
