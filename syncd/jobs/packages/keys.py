"""A side's two keys: one signs what it sends (minisign), one opens what was sealed for it (age). The private halves never leave
its own directory."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from syncd.core.errors import SyncdError
from syncd.core.packages.manifest import PackageRefused
from syncd.core.words import packages as said
from syncd.disk.directory import Directory
from syncd.jobs.retrieve.small_files import read_whole, write_whole

if TYPE_CHECKING:
    import minisign

SIGNING, SEALING = "key.minisign", "key.age"
UNTRUSTED = "syncd"
SEALED = b"age-encryption.org/v1\n"  # how a sealed file begins


class Public(msgspec.Struct, frozen=True):
    """What a side gives to the other one, on paper or by any way that is believed."""

    signing: str
    sealing: str = ""

    def __str__(self) -> str:
        return f"{self.signing}.{self.sealing}" if self.sealing else self.signing

    @classmethod
    def of(cls, text: str) -> Public:
        """Raises PackageRefused for what is no key."""
        signing, _, sealing = "".join(text.split()).partition(".")
        _verifier(signing)
        if sealing:
            _recipient(sealing)
        return cls(signing, sealing)


class Keys:
    """In `home`, a private directory; made where there are none."""

    def __init__(self, home: Directory) -> None:
        self._home = home

    def public(self) -> Public:
        from pyrage import x25519

        pair = self._signing()
        sealing = x25519.Identity.from_str(self._sealing()).to_public()
        return Public(pair.get_public_key().to_base64().decode(), str(sealing))

    def sign(self, data: bytes, trusted: str) -> bytes:
        return bytes(self._signing().sign(data, untrusted_comment=UNTRUSTED, trusted_comment=trusted)) + b"\n"

    def unseal(self, source: BinaryIO, into: BinaryIO) -> None:
        """Raises PackageRefused where it was sealed for somebody else, or is not whole, OSError where a disk fails."""
        import pyrage

        try:
            pyrage.decrypt_io(source, into, [pyrage.x25519.Identity.from_str(self._sealing())])
        except (pyrage.DecryptError, OSError) as e:  # a chunk that was changed is an OSError that bears no number
            if isinstance(e, OSError) and e.errno is not None:
                raise
            raise PackageRefused(said.SEALED_FOR_OTHER.of(), mend=said.ASK_ANOTHER.of()) from None

    def _signing(self) -> minisign.SecretKey:
        import minisign

        data = read_whole(self._home, SIGNING)
        if data is None:
            data = bytes(minisign.KeyPair.generate().secret_key) + b"\n"
            write_whole(self._home, SIGNING, data)
        try:
            return minisign.SecretKey.from_bytes(data)
        except minisign.Error as e:
            raise SyncdError(said.KEY_DAMAGED.of(why=e), mend=said.KEY_DAMAGED_MEND.of()) from None

    def _sealing(self) -> str:
        from pyrage import x25519

        data = read_whole(self._home, SEALING)
        if data is None:
            data = f"{x25519.Identity.generate()}\n".encode()
            write_whole(self._home, SEALING, data)
        return data.decode().strip()


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
