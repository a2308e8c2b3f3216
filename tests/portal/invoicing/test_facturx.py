"""What is written passes the rules of others, and is read back by another library and by our own reader."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.core.invoices import Form, Kind
from syncd.portal.invoicing import einvoice_terms, facturx_library
from syncd.portal.readers import invoices
from tests.portal.invoicing.cases import cases

CASES = cases()


def test_every_case_passes_the_schema_en_16931_and_the_french_rules(tmp_path: Path) -> None:
    """All in one process, in which each rule set is compiled once; the schema is asked as the XML is written."""
    for case, frozen in CASES.items():
        (tmp_path / f"{case}.xml").write_bytes(facturx_library.xml(einvoice_terms.terms(frozen)))
    paths = [str(p) for p in sorted(tmp_path.glob("*.xml"))]
    module = [sys.executable, "-m", "tests.portal.invoicing.rules_once"]
    told = subprocess.run([*module, *paths], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert json.loads(told.stdout) == {case: [] for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_read_back_as_it_was_entered(case: str) -> None:
    frozen = CASES[case]
    xml = facturx_library.xml(einvoice_terms.terms(frozen))
    facts = invoices.read(io.BytesIO(xml))[0].facts  # ours
    assert (facts.form, facts.number, facts.issued) == (Form.CII, frozen.number, frozen.issued)
    assert (facts.net, facts.vat, facts.gross) == (frozen.totals.net, frozen.totals.vat, frozen.totals.gross)
    assert facts.seller_siren == frozen.seller.siren and facts.buyer == frozen.content.buyer.name
    assert (facts.kind is Kind.CREDIT) == (frozen.content.kind == "credit")
    assert facts.payable == frozen.totals.gross >= Decimal(0)
    terms = facturx_library.terms_of(xml)  # another's
    lines = [(line["BT-153"], Decimal(str(line["BT-131"]))) for line in terms["BG-25"]]
    asked = [(x.name, a.net) for x, a in zip(frozen.content.lines, frozen.totals.lines, strict=True)]
    assert lines[: len(asked)] == asked
    assert Decimal(str(terms["BT-112"])) == frozen.totals.gross
    assert terms["BG-7"]["name"] == frozen.content.buyer.name
