"""The file of what was issued: its sheet as PDF/A-3, with the XML inside where it is an invoice. Made once, of what is frozen."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import BinaryIO

from django.db import DatabaseError

from syncd.core.naming import windows_safe
from syncd.portal.invoicing import einvoice_terms, facturx_library, profile, sheet, sheet_press
from syncd.portal.invoicing.content import Frozen, Kind
from syncd.portal.invoicing.drafts import content_of, frozen_of, seen
from syncd.portal.invoicing.entry import Level, Sales, changing, enter
from syncd.portal.invoicing.sheet_press import Absent, Failed, press
from syncd.portal.models import Client
from syncd.portal.models.ids import new_id
from syncd.portal.models.sales import SalesDocument
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person
from syncd.portal.storage import blob_store

LOG = logging.getLogger(__name__)


def can_write() -> bool:
    """Whether this server has what invoices are written with."""
    return facturx_library.available() and sheet_press.available()


def check_means() -> None:
    """Raises Refusal."""
    if not can_write():
        raise Refusal(Code.SALES_NO_LIBRARY)


def try_to_make(actor: Person, client: Client, row: SalesDocument) -> None:
    """What is issued stays issued, whatever comes of its file."""
    try:
        make(actor, client, row)
    except (Refusal, OSError, DatabaseError) as e:
        LOG.warning("the file of an issued document is made later: %s", type(e).__name__)


def make(actor: Person, client: Client, row: SalesDocument) -> None:
    """Of the one that made it first, the bytes stay. Raises Refusal."""
    sales = enter(actor, client)
    made = written(frozen_of(row), profile.logo(sales, frozen_of(row).look.logo))
    blobs, file_id = blob_store(), new_id()
    staged, content = blobs.stage_from(io.BytesIO(made))
    with blobs.used_up(staged):
        blobs.publish([(staged, file_id)])
        kept = False
        try:
            with changing(actor, client, Level.READ) as now:
                kept = bool(
                    now.documents.filter(id=row.id, file_id="").exclude(number="").update(
                        file_id=file_id, file_size=content.size, file_sha256=content.sha256
                    )
                )  # fmt: skip
        finally:
            if not kept and not _recorded(file_id):
                blobs.take_back([(staged, file_id)])
    row.refresh_from_db(from_queryset=sales.documents)


def _recorded(file_id: str) -> bool:
    """What cannot be asked counts as recorded: no byte of an invoice is touched on a guess."""
    try:
        return SalesDocument.objects.kept().filter(file_id=file_id).exists()
    except DatabaseError:
        return True


def written(frozen: Frozen, logo: bytes) -> bytes:
    """The bytes. Raises Refusal."""
    try:
        laid_out = press().pdf(sheet.html(frozen, logo))
    except Absent:
        raise Refusal(Code.SALES_NO_LIBRARY) from None
    except Failed as e:
        LOG.warning("a sheet could not be laid out: %s", e)
        raise Refusal(Code.SALES_NO_SHEET) from None
    if frozen.content.kind is Kind.QUOTE:
        return laid_out
    if not facturx_library.available():
        raise Refusal(Code.SALES_NO_LIBRARY)
    said = f"{sheet.title(frozen.content, frozen.number)} - {frozen.seller.name}"
    try:
        xml = facturx_library.xml(einvoice_terms.terms(frozen))
        return facturx_library.embedded(laid_out, xml, title=said, author=frozen.seller.name)
    except Exception as e:  # of a library, of any kind: the number is given
        LOG.warning("an invoice's XML could not be put into its sheet: %s", type(e).__name__)
        raise Refusal(Code.SALES_NO_SHEET) from None


def opened(actor: Person, client: Client, document_id: str) -> tuple[SalesDocument, BinaryIO]:
    """The file of what was issued; made now where it is not there yet. Raises Refusal."""
    _sales, row = seen(actor, client, document_id)
    if not row.number:
        raise Refusal(Code.SALES_GONE)
    if not row.file_id:
        make(actor, client, row)
    try:
        return row, blob_store().open(row.file_id)
    except FileNotFoundError:
        raise Refusal(Code.SALES_NO_SHEET) from None


def shown(sales: Sales, row: SalesDocument, draft: Frozen | None = None) -> str:
    """The sheet as a page. `draft`: what it would be, were it issued now."""
    frozen = draft or frozen_of(row)
    return sheet.html(frozen, profile.logo(sales, frozen.look.logo), draft=draft is not None)


def name_of(row: SalesDocument) -> str:
    """As a file is called: « Facture F2026-0001 - Mairie de Nantes.pdf »."""
    content = content_of(row)
    said = f"{sheet.title(content, row.number)} - {content.buyer.name}".replace("/", "-")
    with contextlib.suppress(ValueError):
        said = windows_safe(said)
    return f"{said[:120].rstrip(' .')}.pdf"
