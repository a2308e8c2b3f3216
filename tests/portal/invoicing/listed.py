"""Of the wing `invoicing`: functions that are no use cases, each with why (tests/portal/test_use_cases.py)."""

from __future__ import annotations

VALUE = "a value out of values: it asks nobody and writes nothing"
VALUES = (
    "content.facts", "content.process", "content.type_code",
    "credits.fits", "credits.may_be_credited", "credits.of",
    "instalments.deductions", "instalments.left", "instalments.prepayment",
    "invoice_lines.cents", "invoice_lines.of_line", "invoice_lines.places", "invoice_lines.without_vat",
    "mentions.due", "mentions.filled", "mentions.parse", "mentions.shipped",
    "numbering.fits", "numbering.number", "numbering.prefix_fits", "numbering.series",
    "readiness.lacks",
    "taxes.rate_text",
    "totals.total",
)  # fmt: skip
LISTED = {f"invoicing.{name}": VALUE for name in VALUES}
