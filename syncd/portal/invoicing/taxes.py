"""VAT as an invoice says it: a category of EN 16931 with its rate, of those that are known in France."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec


class Category(StrEnum):
    """UNTDID 5305, without what France does not have."""

    STANDARD = "S"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_EU = "K"
    EXPORT = "G"
    OUTSIDE = "O"


# BR-FR-16: what a rate may be; of today's first, then overseas and Corsica, then what old invoices may still correct.
RATES = tuple(
    Decimal(text)
    for text in (
        "20", "10", "5.5", "2.1", "8.5", "1.75", "1.05", "0.9", "13", "0", "7", "9.2", "9.6", "19.6", "20.6",
    )
)  # fmt: skip


class Tax(msgspec.Struct, frozen=True, order=True):
    """What one line is taxed with. Without a tax (all but STANDARD) the rate is 0."""

    category: Category = Category.STANDARD
    rate: Decimal = Decimal(20)

    @property
    def known(self) -> bool:
        if self.category is Category.STANDARD:
            return self.rate in RATES and self.rate > 0
        return self.rate == 0


def rate_text(rate: Decimal) -> str:
    """As the rules of the French platforms write it: `5.5`, `20`, at most four characters."""
    text = f"{rate.normalize():f}"
    return text[:4]
