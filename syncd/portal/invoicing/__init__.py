"""A company's own quotes and invoices: drafts, issued once and frozen, written as Factur-X. What was paid is nowhere kept (ADR 26)."""
