"""What a service tells whoever started it: systemd's notifications, and nothing where there are none."""

from __future__ import annotations

import os
import socket

from syncd.core import untrusted_numbers


def notify(*lines: str) -> None:
    """`READY=1`, `STATUS=…`, `WATCHDOG=1`: a datagram to NOTIFY_SOCKET; the service listens to nothing itself."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto("\n".join(lines).encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            pass  # nobody listens any more: the service goes on


def watchdog() -> float | None:
    """Seconds between two signs of life, half of what systemd waits for; None when it does not."""
    microseconds = untrusted_numbers.number(os.environ.get("WATCHDOG_USEC", ""))
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return microseconds / 2e6 if microseconds and mine else None
