"""Whether a package is as one key made it, to the last bit; nothing is unpacked to find out."""

from __future__ import annotations

from typing import BinaryIO

from syncd.package_file import archive, public_keys
from syncd.package_file.archive import Package


def is_sealed(file: BinaryIO) -> bool:
    """By how it begins. It is left at its beginning."""
    file.seek(0)
    sealed = file.read(len(public_keys.SEALED)) == public_keys.SEALED
    file.seek(0)
    return sealed


def signed(file: BinaryIO) -> Package:
    """Its list, as its signer made it: the rest is not looked at. Raises PackageRefused."""
    package = archive.opened(file)
    public_keys.verify(package.manifest.key, package.signed, package.signature, package.manifest.trusted_comment)
    return package


def proved(file: BinaryIO) -> Package:
    """All of it. Raises PackageRefused."""
    package = signed(file)
    archive.check(file, package)
    return package
