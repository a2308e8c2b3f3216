"""From which networks a key may be used."""

from __future__ import annotations

import ipaddress

from syncd.portal.refusals import Code, Refusal


def cleaned(text: str) -> str:
    """`192.0.2.0/24, 2001:db8::/32` as it is kept; empty: from anywhere. Raises Refusal."""
    found = []
    for part in text.replace(";", ",").replace(" ", ",").split(","):
        if not part:
            continue
        try:
            found.append(str(ipaddress.ip_network(part, strict=False)))
        except ValueError:
            raise Refusal(Code.NO_NETWORK, part=part) from None
    joined = ",".join(found)
    if len(joined) > 500:
        raise Refusal(Code.NETWORKS_LONG)
    return joined


def allow(networks: str, address: str) -> bool:
    """Whether what was `cleaned` holds the address."""
    return not networks or any(_within(address, network.strip()) for network in networks.split(","))


def _within(address: str, network: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
        return (getattr(found, "ipv4_mapped", None) or found) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
