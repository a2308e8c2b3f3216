"""How passwords are kept, and who may have one checked: a check costs a processor and memory on purpose.

Argon2id with what OWASP asks for at least (19 MB, two passes, one lane: 50 ms on a small machine). Django's own
parameters take 100 MB and half a second, so that a handful of strangers filled the machine.
"""

from __future__ import annotations

import ipaddress
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password

from syncd.core.time_units import DAY
from syncd.portal.models import User
from syncd.portal.people import counters, throttle

TRIES, MINUTE = 40, 60  # passwords from one network in a minute: an office in the morning
WRONG, QUARTER = 60, 900  # wrong ones of one network in a quarter of an hour
ALL = 300  # from everywhere in a minute, but for networks from which somebody signed in lately
LATELY = 30 * DAY
_few = threading.BoundedSemaphore(2)  # at a time, whichever page or command wants it
_FORMER = "$m=102400,t=2,p=8$"
_NOBODYS = (
    "argon2$argon2id$v=19$m=102400,t=2,p=8$VEl0RnVGZ0FKend1clFobUtGWjdoQQ$FEXXnLGDjhP4acJXlq9Hj7OZtMECjKXdk1jI5O4HpAo"
)


class Hasher(Argon2PasswordHasher):
    """What was kept with other parameters holds, and is kept anew at the next sign-in."""

    time_cost, memory_cost, parallelism = 2, 19_456, 1

    def encode(self, password: str, salt: str) -> str:
        with _few:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _few:
            return super().verify(password, encoded)


def too_many(address: str) -> bool:
    """Whether somebody there has to wait a minute before a further password is looked at. Counts this one."""
    network = _network(address)
    if throttle.beyond("passwords", network, TRIES, MINUTE):
        return True
    return not counters.counted(f"signed_in:{network}") and throttle.beyond("passwords_of_all", "", ALL, MINUTE)


def too_many_wrong(address: str) -> bool:
    """Whether nobody from there is listened to for a quarter of an hour."""
    return throttle.reached("wrong_passwords", _network(address), WRONG, QUARTER)


def was_right(address: str) -> None:
    counters.remember(f"signed_in:{_network(address)}", LATELY)


def was_wrong(address: str, name: str, password: str) -> None:
    """A name that nobody has takes as long as one whose password is still kept in the former way."""
    throttle.beyond("wrong_passwords", _network(address), WRONG, QUARTER)
    if not User.objects.filter(sign_in=name).exists() and User.objects.filter(password__contains=_FORMER).exists():
        check_password(password, _NOBODYS)


def _network(address: str) -> str:
    """One line's: for IPv6 the /64 that it is given."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((given, 64), strict=False)) if given.version == 6 else address
