"""Whether an invoice is valid is said of each part by itself, by a process apart; what was not looked at is never called valid."""

from __future__ import annotations

import io
from typing import Any

import pytest

from syncd.core.invoices import Form
from syncd.portal.readers import rule_sets, validity, worker_client
from syncd.portal.readers.values import Check, Finding, Part, Unchecked, Validity
from tests.support.invoices import SAMPLES, cii, factur_x

FRENCH = (SAMPLES / "UC10_F202600004_EXTENDED_FX_CII_Commentee.xml").read_bytes()


def check(data: bytes) -> Validity:
    return validity.check(io.BytesIO(data))


def test_a_french_invoice_is_valid_in_all_three() -> None:
    found = check(FRENCH)
    assert found.valid and [c.against for c in found.checks] == ["XSD EXTENDED", "EXTENDED", "BR-FR"]


def test_a_wrong_total_is_named_by_its_rule_in_a_pdf_too() -> None:
    right = (SAMPLES / "ZUGFeRD-invoice_rabatte_4_abschlag_taxbasistotalamount.xml").read_bytes()
    assert check(right).of(Part.RULES).valid  # with a warning
    total = b"<ram:GrandTotalAmount>"
    assert right.count(total) == 1
    wrong = check(factur_x(right.replace(total, total + b"9")))
    assert wrong.of(Part.SCHEMA).valid and wrong.of(Part.RULES).against == "EN 16931" and not wrong.valid
    assert "BR-CO-15" in {f.rule for f in wrong.of(Part.RULES).findings if not f.warning}


def test_what_france_asks_for_besides_is_said_apart() -> None:
    found = check((SAMPLES / "ubl-tc434-creditnote1.xml").read_bytes())
    assert found.of(Part.SCHEMA).valid and found.of(Part.RULES).valid
    french = found.of(Part.FRENCH)
    assert not french.valid and "BR-FR-05" in {f.rule for f in french.findings}
    assert all(f.text and not f.text.startswith(("/", "]", ":")) for f in french.findings)


def test_a_form_of_before_the_norm_is_held_to_its_schema_alone() -> None:
    found = check((SAMPLES / "ZUGFeRD1-invoice.xml").read_bytes())
    assert found.of(Part.SCHEMA).valid and not found.valid
    assert found.of(Part.RULES).why is Unchecked.NO_RULES is found.of(Part.FRENCH).why
    odd = check((SAMPLES / "invalidV1.xml").read_bytes())
    assert "HederExchangedDocument" in odd.of(Part.SCHEMA).findings[0].text


@pytest.mark.parametrize(
    "data", [b"", b"<a/>", b"%PDF-1.4\n", factur_x(b"<broken"), b'<!DOCTYPE a [<!ENTITY b "c">]>' + cii(), cii()[:-9]]
)
def test_what_is_no_invoice_or_may_harm_is_not_looked_at(data: bytes) -> None:
    assert {c.why for c in check(data).checks} == {Unchecked.FAILED}


def test_xml_that_only_the_tolerant_reader_reads_is_not_well_formed() -> None:
    found = check(cii().decode().encode("latin-1"))  # it says UTF-8
    assert (found.of(Part.SCHEMA).against, found.of(Part.SCHEMA).valid) == ("XML", False)
    assert found.of(Part.RULES).why is Unchecked.FAILED


def test_one_that_takes_too_much_ends_alone_and_the_next_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as narrow:
        narrow.setattr(worker_client, "MEMORY", 120_000_000)
        found = check(FRENCH)
    assert found.of(Part.RULES).why is Unchecked.TOO_MUCH is found.of(Part.FRENCH).why and not found.valid
    assert check((SAMPLES / "facturFrMinimum.xml").read_bytes()).of(Part.RULES).valid


def test_without_its_packages_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_sets, "_installed", lambda package: package != "saxonche")
    assert {c.why for c in rule_sets._rules("EN 16931", FRENCH)} == {Unchecked.ABSENT}
    monkeypatch.setattr(rule_sets, "directory", lambda: None)
    assert rule_sets._schema("EN 16931", FRENCH).why is Unchecked.ABSENT


def test_a_report_that_looked_at_nothing_is_no_yes() -> None:
    svrl = '<s:schematron-output xmlns:s="http://purl.oclc.org/dsdl/svrl">{}</s:schematron-output>'
    with pytest.raises(ValueError, match="no rule"):
        list(rule_sets._findings(svrl.format("")))
    told = '<s:fired-rule/><s:failed-assert id="x" flag="warning"><s:text>[BR-9]-Text</s:text></s:failed-assert>'
    assert list(rule_sets._findings(svrl.format(told))) == [Finding("BR-9", "Text", True)]
    assert Check(Part.RULES, "", (Finding("BR-9", "Text", True),)).valid


def test_every_set_of_rules_is_installed() -> None:
    at: Any = rule_sets.directory()
    chosen = [rule_sets.sets(Form.CII, "CrossIndustryInvoice", p) for p in rule_sets._CII]
    chosen += [rule_sets.sets(Form.UBL, root, p) for root in ("Invoice", "CreditNote") for p in rule_sets._UBL]
    chosen.append(rule_sets.sets(Form.ZUGFERD_1, "CrossIndustryDocument", "COMFORT"))
    for one in chosen:
        for file in filter(None, (one.schema, one.rules, one.french)):
            assert (at / file).is_file(), file
    assert rule_sets.sets(Form.CII, "CrossIndustryInvoice", "XRechnung").profile == "EN 16931"
