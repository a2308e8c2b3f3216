"""Of the wing `invoicing`: functions that are no use cases, each with why (tests/portal/test_use_cases.py)."""

from __future__ import annotations

VALUE = "a value out of values: it asks nobody and writes nothing"
PART = "a step of use cases, of a company that somebody entered"
PROCESS = "a process of its own, or a library: asked by who has asked for the right"
VALUES = (
    "readiness.countable",
    "xml_validity.checked_xml", "content.type_code", "content.process", "content.facts", "credits.of",
    "credits.may_be_credited", "credits.fits", "customers.check_customer", "customers.check_article", "drafts.content_of",
    "drafts.frozen_of", "drafts.summary_of", "drafts.summarised", "drafts.named", "einvoice_terms.terms",
    "files.can_write", "files.check_means", "files.written", "files.name_of", "freezing.freeze",
    "instalments.prepayment", "instalments.deductions", "instalments.left", "invoice_lines.cents", "invoice_lines.places",
    "invoice_lines.of_line", "invoice_lines.without_vat", "mentions.parse", "mentions.shipped", "mentions.due",
    "mentions.filled", "numbering.prefix_fits", "numbering.series", "numbering.number", "numbering.fits",
    "readiness.lacks", "sheet.html", "sheet.style", "sheet.title", "taxes.rate_text",
    "totals.total", "typed_values.number", "typed_values.day", "typed_values.tax", "typed_values.tax_text",
    "typed_values.choices", "units.unit_of",
)  # fmt: skip
PARTS = (
    "profile.check_numbers", "profile.put_back",
    "customers.customers_of", "customers.articles_of", "customers.put_customer", "customers.put_article", "drafts.one",
    "drafts.draft", "drafts.deductions", "drafts.check_left", "drafts.credit_notes", "files.shown",
    "issuing.as_if_issued", "issuing.missing", "listing.follows", "listing.between", "profile.of", "profile.logo",
)  # fmt: skip
PROCESSES = (
    "facturx_library.available", "facturx_library.xml", "facturx_library.embedded", "facturx_library.terms_of", "facturx_library.inside",
    "glyphs.drawn", "sheet_press.press", "sheet_press.available", "sheet_worker.serve",
)  # fmt: skip
LISTED = {
    **{f"invoicing.{name}": VALUE for name in VALUES},
    **{f"invoicing.{name}": PART for name in PARTS},
    **{f"invoicing.{name}": PROCESS for name in PROCESSES},
}
