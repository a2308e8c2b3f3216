"""Whose packages a side believes from now on."""

from __future__ import annotations

from syncd.core.packages.manifest import PackageRefused
from syncd.core.words import packages as said
from syncd.jobs.packages.ledger import Trusted
from syncd.package_file.public_keys import Public


def trusting(before: tuple[Trusted, ...], key: str, now: float, *, own: Public, revoked: bool) -> tuple[Trusted, ...]:
    """The last word on a key counts. Raises PackageRefused for what is no key, or this side's `own`."""
    public = Public.of(key)
    if public.signing == own.signing and not revoked:  # what is sealed would be sealed for nobody but its sender
        raise PackageRefused(said.OWN_KEY.of(), mend=said.OWN_KEY_MEND.of())
    known = next((t for t in before if t.key.signing == public.signing), None)
    whole = known.key if known is not None and not public.sealing else public
    others = tuple(t for t in before if t.key.signing != public.signing)
    return (*others, Trusted(whole, now, now if revoked else 0.0))
