"""A client's card as the engine knows it: what reports and portfolios are cut by, and what kind of file it is."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from syncd.core.search_folding import fold
from syncd.core.wire_types import Text, Word


class FileKind(StrEnum):
    """ORIGINAL: the cabinet's own file. COPIE: of a file that is kept elsewhere; nothing of the past is taken from it."""

    ORIGINAL = "original"
    COPIE = "copie"


class WorkKind(StrEnum):
    """COLLABORATIVE: in the cabinet's software. AUTONOME, AUXILIAIRE: the company keeps its books, in its own."""

    COLLABORATIVE = "collaborative"
    AUTONOME = "autonome"
    AUXILIAIRE = "auxiliaire"

    @property
    def at_the_company(self) -> bool:
        return self is not WorkKind.COLLABORATIVE


class Card(msgspec.Struct, frozen=True):
    """`kind`: BNC, IS, …; empty where the client's card says nothing. `kind_of_file`, `kind_of_work`: words of FileKind and
    WorkKind, or of a later version."""

    responsible: Text = ""
    site: Text = ""
    group: Text = ""
    sector: Text = ""
    kind: Text = ""
    kind_of_file: Word = ""
    kind_of_work: Word = ""

    def in_portfolio(self, name: str) -> bool:
        """Whether that is its responsible, site, group or sector, however it is accented."""
        return fold(name) in {fold(said) for said in (self.responsible, self.site, self.group, self.sector) if said}

    @property
    def file(self) -> FileKind:
        """ORIGINAL where nobody said."""
        return next((kind for kind in FileKind if kind == self.kind_of_file), FileKind.ORIGINAL)

    @property
    def work(self) -> WorkKind:
        """COLLABORATIVE where nobody said."""
        return next((kind for kind in WorkKind if kind == self.kind_of_work), WorkKind.COLLABORATIVE)


NO_CARD = Card()
