"""A side's two keys: one signs what it sends (minisign), one opens what was sealed for it (age). The private halves never leave
its own directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from syncd.core.errors import SyncdError
from syncd.core.packages.manifest import PackageRefused
from syncd.core.words import packages as said
from syncd.disk.directory import Directory
from syncd.jobs.retrieve.small_files import read_whole, write_whole
from syncd.package_file.public_keys import UNTRUSTED, Public

if TYPE_CHECKING:
    import minisign

SIGNING, SEALING = "key.minisign", "key.age"


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
