"""A side's public keys: what checks that it signed a package (minisign), and what seals one for it alone (age)."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from syncd.core.packages.manifest import PackageRefused
from syncd.core.words import packages as said

if TYPE_CHECKING:
    import minisign

UNTRUSTED = "syncd"
SEALED = b"age-encryption.org/v1\n"  # how a sealed file begins


class Public(msgspec.Struct, frozen=True):
    """What a side gives to the other one, on paper or by any way that is believed."""

    signing: str
    sealing: str = ""

    def __str__(self) -> str:
        return f"{self.signing}.{self.sealing}" if self.sealing else self.signing

    @property
    def safety_number(self) -> str:
        """What two people compare by telephone: thirty digits of a digest of both halves."""
        digits = f"{int(hashlib.sha256(str(self).encode()).hexdigest(), 16) % 10**30:030}"
        return " ".join(digits[n : n + 5] for n in range(0, 30, 5))

    @classmethod
    def of(cls, text: str) -> Public:
        """Raises PackageRefused for what is no key."""
        signing, _, sealing = "".join(text.split()).partition(".")
        _verifier(signing)
        if sealing:
            _recipient(sealing)
        return cls(signing, sealing)


def verify(signing: str, data: bytes, signature: bytes, trusted: str) -> None:
    """Raises PackageRefused unless the key has signed these very bytes with this very comment, as `Keys.sign` writes it."""
    import minisign
    from cryptography.exceptions import InvalidSignature

    try:
        found = minisign.Signature.from_bytes(signature)
        _verifier(signing).verify(data, found)
    except (minisign.Error, InvalidSignature, ValueError):
        raise PackageRefused(said.BAD_SIGNATURE.of(), mend=said.BAD_SIGNATURE_MEND.of()) from None
    rendered = bytes(found) + b"\n"  # nothing in it is left to choose
    if found.untrusted_comment != UNTRUSTED or found.trusted_comment != trusted or not found.is_prehashed():
        raise PackageRefused(said.BAD_SIGNATURE.of(), mend=said.BAD_SIGNATURE_MEND.of())
    if not hmac.compare_digest(rendered, signature):
        raise PackageRefused(said.BAD_SIGNATURE.of(), mend=said.BAD_SIGNATURE_MEND.of())


def _verifier(signing: str) -> minisign.PublicKey:
    import minisign

    try:
        return minisign.PublicKey.from_base64(signing)
    except (minisign.Error, ValueError):
        raise PackageRefused(said.NO_KEY.of(), mend=said.NO_KEY_MEND.of()) from None


def _recipient(sealing: str) -> object:
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(sealing)
    except pyrage.RecipientError:
        raise PackageRefused(said.NO_KEY.of(), mend=said.NO_KEY_MEND.of()) from None


def seal(sealing: str, source: BinaryIO, into: BinaryIO) -> None:
    """For whoever has the other half."""
    import pyrage

    pyrage.encrypt_io(source, into, [_recipient(sealing)])
