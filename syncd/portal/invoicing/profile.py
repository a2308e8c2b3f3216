"""How a company sells: who it is on its invoices, its terms, prefixes and look, and the invoice that the next ones start from."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
from django.utils import timezone

from syncd.core.company_numbers import siren_in
from syncd.portal.invoicing import numbering
from syncd.portal.invoicing.content import Look, Seller, Terms
from syncd.portal.invoicing.entry import Level, Sales, changing, enter
from syncd.portal.models import Cabinet, Client
from syncd.portal.models.sales import SalesLogo, SalesProfile
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

MODELS = ("classic", "band", "airy")
LOGO_PLACES = ("left", "centre", "right")
LOGO_BYTES = 5_000_000
FIRST_MOST = 999_999


class Prefixes(msgspec.Struct, frozen=True):
    quote: str = "D{AAAA}-"
    invoice: str = "F{AAAA}-"
    credit: str = "A{AAAA}-"

    def of(self, family: str) -> str:
        return {"quote": self.quote, "credit": self.credit}.get(family, self.invoice)


class Profile(msgspec.Struct, frozen=True):
    """`reference`: id of the document that the next ones start from, '' of none."""

    seller: Seller = Seller()
    terms: Terms = Terms()
    prefixes: Prefixes = Prefixes()
    look: Look = Look()
    reference: str = ""


def of(sales: Sales) -> Profile:
    """As it was kept, or what the company's card says, where nobody chose anything yet."""
    row = sales.profiles.first()
    if row is not None and row.data:
        return msgspec.json.decode(row.data, type=Profile)
    return Profile(seller=_from_card(sales.client))


def _from_card(client: Client) -> Seller:
    """The address of a card is one line: « 1 rue du Port, 44000 Nantes »."""
    street, postcode, city = client.address, "", ""
    if found := re.fullmatch(r"(.*?),?\s+([0-9]{5})\s+(.+)", client.address.strip()):
        street, postcode, city = found.groups()
    return Seller(
        client.name, client.siren, client.siret, client.vat, street=street, postcode=postcode, city=city,
        email=client.contact_email, phone=client.contact_phone,
    )  # fmt: skip


def look(actor: Person, client: Client) -> Profile:
    """Raises Refusal."""
    return of(enter(actor, client))


def save(actor: Person, client: Client, wanted: Profile) -> Profile:
    """The logo and the reference stay what they are. Raises Refusal."""
    _check(wanted)
    with changing(actor, client, Level.ISSUE) as sales:
        before = of(sales)
        kept = msgspec.structs.replace(
            wanted, reference=before.reference, look=msgspec.structs.replace(wanted.look, logo=before.look.logo)
        )
        _keep(sales, kept)
        sales.note("profile")
        return kept


def _check(wanted: Profile) -> None:
    prefixes = wanted.prefixes
    for prefix in (prefixes.quote, prefixes.invoice, prefixes.credit):
        if not numbering.prefix_fits(prefix):
            raise Refusal(Code.SALES_PREFIX, prefix=prefix[:40], allowed=numbering.ALLOWED)
    day = timezone.localdate()
    if numbering.series(prefixes.quote, day) in (numbering.series(p, day) for p in (prefixes.invoice, prefixes.credit)):
        raise Refusal(Code.SALES_PREFIX, prefix=prefixes.quote, allowed=numbering.ALLOWED)  # quotes would tear gaps
    if wanted.look.model not in MODELS or wanted.look.logo_place not in LOGO_PLACES:
        raise Refusal(Code.NO_COLOUR)
    if not re.fullmatch(r"#[0-9a-f]{6}", wanted.look.colour):
        raise Refusal(Code.NO_COLOUR)
    if wanted.seller.siren and siren_in(wanted.seller.siren) != wanted.seller.siren:
        raise Refusal(Code.SIREN_WRONG, text=wanted.seller.siren[:20])


def _keep(sales: Sales, profile: Profile) -> None:
    data, now = msgspec.json.encode(profile).decode(), datetime.now(UTC)
    if not sales.profiles.update(data=data, changed_at=now):
        SalesProfile(client=sales.client, data=data, changed_at=now, epoch="").save(force_insert=True)


def _epoch(sales: Sales) -> str:
    return Cabinet.objects.values_list("epoch", flat=True).get(id=sales.client.cabinet_id)


def put_back(sales: Sales) -> bool:
    """Whether the portal was put back to an earlier time since numbers were known: what was issued after it is gone from here."""
    row = sales.profiles.first()
    if row is None or not row.epoch:  # no number is known of: were some given before it was put back?
        return Cabinet.objects.filter(id=sales.client.cabinet_id, lease_number__gte=1_000_000).exists()
    return bool(row.epoch != _epoch(sales))


def check_numbers(sales: Sales) -> None:
    """In the issuing transaction. Raises Refusal where a number might be given twice."""
    if put_back(sales):
        raise Refusal(Code.SALES_RESTORED)
    _known(sales)


def _known(sales: Sales) -> None:
    """The next numbers are right, as of now."""
    if not sales.profiles.exists():
        _keep(sales, of(sales))
    sales.profiles.update(epoch=_epoch(sales))


def confirm_numbers(actor: Person, client: Client) -> None:
    """After the portal was put back: the next numbers are right as they stand. Raises Refusal."""
    with changing(actor, client, Level.ISSUE) as sales:
        _known(sales)
        sales.note("confirmed")


def choose_logo(actor: Person, client: Client, source: BinaryIO | None) -> None:
    """Drawn anew by the process that reads strangers' files: nothing else of the file is kept. None: no logo. Raises Refusal."""
    enter(actor, client, Level.ISSUE)
    picture = _drawn(source) if source is not None else b""
    with changing(actor, client, Level.ISSUE) as sales:
        digest = hashlib.sha256(picture).hexdigest() if picture else ""
        if picture and not sales.logos.filter(sha256=digest).exists():
            SalesLogo(client=client, sha256=digest, picture=picture).save(force_insert=True)
        before = of(sales)
        _keep(sales, msgspec.structs.replace(before, look=msgspec.structs.replace(before.look, logo=digest)))
        sales.note("logo")


def _drawn(source: BinaryIO) -> bytes:
    source.seek(0, 2)
    if source.tell() > LOGO_BYTES:
        raise Refusal(Code.SALES_LOGO)
    source.seek(0)
    try:
        return reader().ask("logo", source, seconds=5.0)
    except (Unreadable, TooMuch):
        raise Refusal(Code.SALES_LOGO) from None
    except Busy:
        raise Refusal(Code.SHEETS_WAIT) from None


def logo(sales: Sales, digest: str) -> bytes:
    """PNG; b'' where there is none of that digest."""
    row = sales.logos.filter(sha256=digest).first() if digest else None
    return bytes(row.picture) if row is not None else b""


def start_after(actor: Person, client: Client, family: str, last: int) -> None:
    """The last number that another program gave: the next one here follows it. Only of a series that
    has none yet, or after the portal was put back. Raises Refusal."""
    with changing(actor, client, Level.ISSUE) as sales:
        if not 0 <= last <= FIRST_MOST:
            raise Refusal(Code.SALES_START)
        series = numbering.series(of(sales).prefixes.of(family), timezone.localdate())
        there = sales.series.filter(series=series).first()
        if there is not None and (not put_back(sales) or last < there.last):
            raise Refusal(Code.SALES_STARTED, series=series)
        if there is not None:
            there.last = last
            there.save(update_fields=["last"])
            sales.note("start", f"{series} {last}")
            return
        sales.series.model(client=client, series=series, last=last).save(force_insert=True)
        sales.note("start", f"{series} {last}")


def keep_reference(actor: Person, client: Client, document_id: str) -> None:
    """The document that the next ones start from, of all but its lines; '' for none. Raises Refusal."""
    with changing(actor, client, Level.ISSUE) as sales:
        if document_id and not sales.documents.filter(id=document_id).exists():
            raise Refusal(Code.SALES_GONE)
        _keep(sales, msgspec.structs.replace(of(sales), reference=document_id))
        sales.note("reference")
