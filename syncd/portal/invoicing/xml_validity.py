"""Whether an invoice's file keeps to what platforms ask for: its XSD, and the rules of EN 16931 and BR-FR where they can be asked."""

from __future__ import annotations

import io

from syncd.portal.invoicing import einvoice_terms, facturx_library
from syncd.portal.invoicing.content import Frozen
from syncd.portal.readers import validity
from syncd.portal.readers.values import Unchecked
from syncd.portal.refusals import Code, Refusal

SAID = 300
WAIT = 20.0  # seconds for its turn: somebody waits for a page


def checked_xml(frozen: Frozen) -> tuple[bytes, str]:
    """The XML, and what it was found to keep to: « XSD EN 16931, EN 16931, BR-FR ». What was not looked at is not among them.
    Raises Refusal."""
    if not facturx_library.available():
        raise Refusal(Code.SALES_NO_LIBRARY)
    try:
        xml = facturx_library.xml(einvoice_terms.terms(frozen))
    except ValueError as e:
        raise Refusal(Code.SALES_RULES, what=str(e)[:SAID]) from None
    found = validity.check(io.BytesIO(xml), WAIT)
    if any(check.why is Unchecked.BUSY for check in found.checks):
        raise Refusal(Code.SALES_CHECK_WAITS)
    wrong = [
        f"{f.rule} {f.text}".strip() for check in found.checks if not check.why for f in check.findings if not f.warning
    ]
    if wrong:
        raise Refusal(Code.SALES_RULES, what=" ".join(wrong)[:SAID])
    return xml, ", ".join(check.against for check in found.checks if check.valid)
