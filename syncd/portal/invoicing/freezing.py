"""What is issued, as values: everything that a draft, its seller and the law say on that day, under one number."""

from __future__ import annotations

from datetime import date, timedelta

from syncd.portal.invoicing import mentions
from syncd.portal.invoicing.content import Content, Frozen, Look, Said, Seller, facts


def freeze(content: Content, seller: Seller, look: Look, number: str, day: date) -> Frozen:
    terms = content.terms
    words = {"late_rate": terms.late_rate, "discount": terms.discount}
    said = tuple(
        Said(m.id, mentions.filled(m, words), m.place, m.code) for m in mentions.due(day, facts(content, seller))
    )
    due = day + timedelta(days=terms.days) if content.kind.family == "invoice" else None
    return Frozen(number, day, due, seller, content, said, content.totals(), look)
