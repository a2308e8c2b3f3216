"""The one place where factur-x is imported (ADR 26): XML from terms, a PDF with it inside, both read back, the XSD asked."""

from __future__ import annotations

import importlib.util
from typing import Any

LEVEL = "en16931"
NAME = "factur-x.xml"


def available() -> bool:
    return importlib.util.find_spec("facturx") is not None


def xml(terms: dict[str, Any]) -> bytes:
    """CII of profile EN 16931, which its XSD takes. Raises ValueError with what it says."""
    from facturx import generate_xml

    try:
        made: bytes = generate_xml(dict(terms), flavor="factur-x", level=LEVEL, check_xsd=True, check_schematron=None)
    except Exception as e:  # the library raises the plainest kind
        raise ValueError(str(e)[:2000]) from None
    return made


def embedded(pdf: bytes, of: bytes, *, title: str, author: str) -> bytes:
    """The PDF/A-3 with the XML inside, as Factur-X."""
    from facturx import generate_from_binary

    said = {"author": author, "keywords": "Factur-X", "title": title, "subject": title}
    made: bytes = generate_from_binary(
        pdf, of, flavor="factur-x", level=LEVEL, check_xsd=False, pdf_metadata=said, lang="fr-FR", afrelationship="alternative"
    )  # fmt: skip
    return made


def terms_of(of: bytes) -> dict[str, Any]:
    """What an XML says. Raises ValueError."""
    from facturx import parse_ubl_cii_xml

    try:
        found: dict[str, Any] = parse_ubl_cii_xml(of)
    except Exception as e:
        raise ValueError(str(e)[:2000]) from None
    return found


def inside(pdf: bytes) -> bytes:
    """The one XML that a PDF brings. Raises ValueError."""
    from facturx import get_facturx_xml_from_pdf

    try:
        found: bytes = get_facturx_xml_from_pdf(pdf, check_xsd=True)[1]
    except Exception as e:
        raise ValueError(str(e)[:2000]) from None
    return found
