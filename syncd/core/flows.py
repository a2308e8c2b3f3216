"""What an approved platform says of the flows it holds (XP Z12-013, Flow Service 1.3.0), taken apart; and when to ask again.

All of it comes from a stranger: what does not fit is counted and left out, never believed by half.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import msgspec

from syncd.core import naming
from syncd.core.plain_text import one_line

PAGE = 100  # flows of a page: the most that may be asked for
WANTED, INCOMING, INTEGRATED, PENDING = "SupplierInvoice", "In", "Ok", "Pending"
OVERLAP = timedelta(minutes=10)  # listed again each time: what was written late, with an earlier date
FAR, DEEP = timedelta(days=7), timedelta(days=1)  # so far back, once in so long
AHEAD = timedelta(minutes=5)  # a platform's clock may be before ours
EVERY = timedelta(minutes=15)
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=6)  # after a failure; after many
MOST_WAIT = timedelta(days=1)  # that a platform can ask for
NAME = 120


class Failure(StrEnum):
    """Why a platform gave nothing. Stable: kept in the database."""

    ADDRESS = "address"  # it leads where nothing is fetched from
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    CERTIFICATE = "certificate"
    REDIRECTED = "redirected"
    CREDENTIALS = "credentials"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    BUSY = "busy"
    FAILING = "failing"
    ODD = "odd"
    CURSOR = "cursor"
    LARGE = "large"


class Reason(StrEnum):
    """Why a flow is no document, or is not yet."""

    PENDING = "pending"  # the platform has not taken it in yet
    DIGEST = "digest"  # other bytes than were announced
    GONE = "gone"  # it is listed, and cannot be had
    LARGE = "large"
    KIND = "kind"  # neither PDF nor XML
    OTHER_BUYER = "other_buyer"
    NO_FOLDER = "no_folder"


class Listed(msgspec.Struct, frozen=True, gc=False):
    """A flow as a page lists it. `digest`: hexadecimal, '' where the platform says none."""

    id: str
    name: str
    updated: datetime
    digest: str
    pending: bool


class Page(msgspec.Struct, frozen=True, gc=False):
    """`odd`: entries that make no sense; `others`: that were not asked for. `cursor`: '' at the end."""

    flows: tuple[Listed, ...]
    odd: int
    others: int
    cursor: str


_ID = re.compile(r"[\x21-\x7e]{1,64}")
_DIGEST = re.compile(r"[a-f0-9]{64}")
CURSOR = 4000


def asked(since: datetime | None, cursor: str) -> bytes:
    """The body of a search."""
    where: dict[str, Any] = {"flowType": [WANTED], "flowDirection": [INCOMING]}
    if since is not None:
        where["updatedAfter"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return msgspec.json.encode({"limit": PAGE, **({"cursor": cursor} if cursor else {}), "where": where})


def page(data: bytes) -> Page:
    """Raises ValueError for what is no page at all."""
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        raise ValueError(str(e)) from None
    results = said.get("results", []) if isinstance(said, dict) else None
    cursor = (said.get("nextCursor") or "") if isinstance(said, dict) else ""
    if not isinstance(results, list) or not isinstance(cursor, str) or len(cursor) > CURSOR:
        raise ValueError("no page of flows")
    found, odd, others = list[Listed](), 0, 0
    for one in results[: 10 * PAGE]:
        if not isinstance(one, dict) or (flow := _listed(one)) is None:
            odd += 1
        elif one.get("flowType") != WANTED or one.get("flowDirection") != INCOMING:
            others += 1
        elif _status(one) in (INTEGRATED, PENDING):
            found.append(flow)
        else:
            others += 1
    return Page(tuple(found), odd, others, cursor)


def _listed(said: Mapping[str, Any]) -> Listed | None:
    ident, name, digest = said.get("flowId"), said.get("name", ""), said.get("sha256") or ""
    updated = moment(said.get("updatedAt")) or moment(said.get("submittedAt"))
    if not isinstance(ident, str) or not _ID.fullmatch(ident) or ident in (".", "..") or updated is None:
        return None
    digest = digest.lower() if isinstance(digest, str) else "?"
    if digest and not _DIGEST.fullmatch(digest):
        return None
    return Listed(ident, one_line(name, 255) if isinstance(name, str) else "", updated, digest, _status(said) == PENDING)  # fmt: skip


def _status(said: Mapping[str, Any]) -> str:
    acknowledgement = said.get("acknowledgement")
    status = acknowledgement.get("status") if isinstance(acknowledgement, dict) else None
    return status if isinstance(status, str) else ""


def moment(text: object) -> datetime | None:
    """RFC 3339; None for what names no moment between 2000 and 2100."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if 2000 < found.year < 2100 else None


def seen(before: datetime | None, flows: tuple[Listed, ...], now: datetime) -> datetime | None:
    """Until when changes were listed, by the platform's own clock; one that is ahead of every clock takes nothing with it."""
    latest = max((f.updated for f in flows), default=None)
    if latest is None:
        return before
    latest = min(latest, now + AHEAD)
    return latest if before is None else max(before, latest)


def since(start: datetime, seen: datetime | None, deep: bool) -> datetime:
    """From when on changes are listed: a little before the last that were seen, once in a while far before."""
    return start if seen is None else max(start, seen - (FAR if deep else OVERLAP))


def wait(failures: int, asked_for: timedelta | None) -> timedelta:
    """After so many failures, one after the other; `asked_for`: by the platform."""
    own = min(FIRST * 2 ** min(failures - 1, 20), LONGEST)
    return own if asked_for is None else max(timedelta(seconds=1), min(asked_for, MOST_WAIT))


def retry_after(text: str, now: datetime) -> timedelta | None:
    """Of the header: seconds, or a date."""
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return timedelta(seconds=int(text))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - now


def file_name(given: str, ident: str, ending: str) -> str:
    """What the document is called: the last part of the given name as every system can hold it, ending as its bytes do."""
    last = one_line(re.split(r"[/\\]", given)[-1], NAME)
    stem = last[: -len(ending)] if last.lower().endswith(ending) else last
    stem = re.sub(r'[:*?"<>|]', "-", stem).strip(" .")
    if not re.search(r"\w", stem):
        stem = "facture " + re.sub(r"[^A-Za-z0-9-]", "-", ident)
    return naming.windows_safe(stem + ending)


def error_of(status: int) -> Failure:
    """Of an answer that is no 200."""
    match status:
        case 401:
            return Failure.CREDENTIALS
        case 403:
            return Failure.FORBIDDEN
        case 404 | 410:
            return Failure.MISSING
        case 413:
            return Failure.LARGE
        case 429 | 503:
            return Failure.BUSY
        case _ if 300 <= status < 400:
            return Failure.REDIRECTED
        case _ if status >= 500:
            return Failure.FAILING
    return Failure.ODD
