"""The proxy of the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY), taken apart once: the library fails over half of what people
write there.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from urllib.parse import urlsplit

from syncd.core.errors import UsageError
from syncd.core.web_address import Address


def of(there: Address) -> str | None:
    """The proxy an address is reached through; None: directly. Raises UsageError for one that cannot be used.

    What is not encrypted is on this machine, and reached directly.
    """
    if not there.secure or there.loopback:
        return None
    said = urllib.request.getproxies()
    name = "https" if said.get("https") else "all"
    given = said.get(name, "").strip()
    if not given or _exempt(there, said.get("no", "")):
        return None
    variable = f"{name.upper()}_PROXY"
    url = given if "://" in given else f"http://{given}"
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f"{variable} in the environment names no proxy.",
            mend="Write it as http://proxy.example.fr:3128, or take it out of the environment.",
            reason="proxy",
            cause=variable,
        )
    if parts.scheme not in ("http", "https"):
        raise UsageError(
            f"{variable} in the environment names a proxy of the kind '{parts.scheme}', which is not supported.",
            mend=f"Name one that speaks HTTP (http://…), or exempt the address: NO_PROXY={there.host}.",
            reason="proxy",
            cause=f"{variable}, {parts.scheme}",
        )
    return url


def _exempt(there: Address, entries: str) -> bool:
    """NO_PROXY: names (with those below them), addresses, networks, each perhaps with a port; `*` for everything."""
    try:
        own = ipaddress.ip_address(there.host)
    except ValueError:
        own = None
    for entry in entries.split(","):
        text = entry.strip().lower()
        if text == "*":
            return True
        network = _network(text)
        if network is not None:
            if own is not None and own in network:
                return True
            continue
        host, colon, port = text.rpartition(":")
        if colon and port.isdecimal() and port.isascii():
            if port != str(there.port):
                continue
            text = host.strip("[]")
        name = text.removeprefix("*").removeprefix(".")
        if name and (there.host == name or there.host.endswith("." + name)):
            return True
    return False


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
