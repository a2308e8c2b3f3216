"""How many connections one remote address may have of the process's, and how often it opens new ones.

A proxy that is trusted has no share: what it brings is counted by its visitor's address, request by request. An address
whose share is used up gives up what waits for nothing first; only what is left over is refused, and the journal says so
once a minute.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

LOG = logging.getLogger(__name__)
NEW = 100.0  # connections a second that one address opens for long; a share, at once
LEAST = 200  # of both, where the process may have few: an office of fifty people
SAID = 60.0  # seconds between two lines of the journal
HOPELESS = 0.5  # seconds for which nobody looks again whether somebody of that address makes way
HERE = ("127.0.0.1", "::1")
AT_ONCE = 10  # make way together


class Occupant(Protocol):
    """A connection, as whoever gives its place away sees it."""

    def expendable(self, now: float) -> tuple[int, float] | None:
        """How readily it makes way: the smallest first. None: it is being served."""

    def make_way(self) -> None:
        """It ends now, and its places are free."""


class Seat:
    """A connection's place, from when it was accepted to its end. `occupant`: None before it is one."""

    def __init__(self, host: str, among: Iterable[set[Seat]]) -> None:
        self.host, self.occupant = host, None  # type: str, Occupant | None
        self._among = tuple(among)
        for seats in self._among:
            seats.add(self)

    def leave(self) -> None:
        for seats in self._among:
            seats.discard(self)


class Share:
    """What one address has."""

    __slots__ = ("hopeless", "left", "seats", "since")

    def __init__(self, now: float, left: float) -> None:
        self.seats = set[Seat]()
        self.left, self.since = left, now  # connections it may open now
        self.hopeless = 0.0  # until when nobody of it makes way


class Shares:
    """`trusted`: addresses of proxies, as uvicorn takes them; `most`: connections of everybody, `each`: of one address."""

    def __init__(self, trusted: str | list[str], most: int, each: int | None = None) -> None:
        self.most, self.each = most, min(most, each or max(most // 4, min(LEAST, most // 2)))
        self._burst = max(self.each, LEAST)
        self.seats = set[Seat]()  # everybody's
        self._trusted = ProxyHeadersMiddleware(None, trusted).trusted_hosts  # type: ignore[arg-type]  # asked, not called
        self._shares = dict[str, Share]()
        self._refused = Counter[str]()  # since it was said; '': all were taken
        self._said = -SAID

    # -- connections ---------------------------------------------------------------------------------------------------

    def accepted(self, host: str, now: float) -> Seat | None:
        """The place of a new connection. None: it is refused."""
        among = [self.seats]
        if not self.exempt(host):
            share = self._share(host, now)
            share.left = min(self._burst, share.left + (now - share.since) * NEW)
            share.since = now
            if share.left < 1 or not self._room(share, now):
                self._refuse(host)
                return None
            share.left -= 1
            among.append(share.seats)
        if len(self.seats) >= self.most and not make_room(self.seats, now):
            self._refuse("")
            return None
        return Seat(host, among)

    def visits(self, host: str, occupant: Occupant, now: float) -> Seat | None:
        """The place of one request that a trusted proxy brings. None: its visitor has too many already."""
        share = self._share(host, now)
        if not self._room(share, now):
            self._refuse(host)
            return None
        seat = Seat(host, [share.seats])
        seat.occupant = occupant
        return seat

    def exempt(self, host: str) -> bool:
        return not host or host in HERE or host in self._trusted

    def visitor(self, host: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Whom a request came from that `host` brings; '' when nobody who is trusted says so."""
        said = b", ".join(value for name, value in headers if name == b"x-forwarded-for")
        if not said or host not in self._trusted:
            return ""
        return str(self._trusted.get_trusted_client_address(said.decode("latin-1"))[0])

    # -- once a second -------------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Says what was refused; forgets who has nothing any more."""
        for host, share in list(self._shares.items()):
            if not share.seats and share.left + (now - share.since) * NEW >= self._burst:
                del self._shares[host]
        if self._refused and now - self._said >= SAID:
            self._say()
            self._refused.clear()
            self._said = now

    def _say(self) -> None:
        if taken := self._refused.pop("", 0):
            LOG.warning("%d connections were refused: all %d of the process were taken", taken, self.most)
        if self._refused:
            host, count = self._refused.most_common(1)[0]
            LOG.warning(
                "%d connections were refused, %d of them of %s: one address has %d at a time and opens %.0f a second "
                "(SYNCD_PORTAL_CONNECTIONS_PER_ADDRESS; a reverse proxy's address belongs into FORWARDED_ALLOW_IPS)",
                self._refused.total(), count, host, self.each, NEW,
            )  # fmt: skip

    def _share(self, host: str, now: float) -> Share:
        counted = network(host)
        if (found := self._shares.get(counted)) is None:
            found = self._shares[counted] = Share(now, self._burst)
        return found

    def _room(self, share: Share, now: float) -> bool:
        if len(share.seats) < self.each:
            return True
        if now < share.hopeless:
            return False
        if make_room(share.seats, now):
            return True
        share.hopeless = now + HOPELESS
        return False

    def _refuse(self, host: str) -> None:
        self._refused[network(host)[:64]] += 1


def make_room(seats: set[Seat], now: float) -> bool:
    """A few make way together. False when all are being served."""
    ranked = [(rank, s.occupant) for s in seats if s.occupant and (rank := s.occupant.expendable(now)) is not None]
    for _, occupant in sorted(ranked, key=lambda r: r[0])[:AT_ONCE]:
        occupant.make_way()
    return bool(ranked)


@functools.lru_cache(maxsize=4096)
def network(host: str) -> str:
    """An address as it is counted: a household or an office has a /64 of IPv6. What is no address stays as it is."""
    try:
        found: Any = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
