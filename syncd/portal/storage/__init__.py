"""Where the portal's bytes lie (`port` says what of it is anybody's)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from syncd.core.errors import UsageError
from syncd.portal.storage.port import BlobStore, PackageStore, PictureStore, TextIndex, UploadStore

if TYPE_CHECKING:
    from syncd.portal.portal_file import PortalFile
    from syncd.portal.storage.objects import ObjectBlobs

PICTURES, TEXTS, PACKAGES = "pictures", "texts.db", "packages"
BLOBS, UPLOADS = "blobs", "uploads"  # as in `settings`: below a portal's directory, and a backup's


def blob_store() -> BlobStore:
    """This portal's; what comes in stops at the disk's reserve."""
    from django.conf import settings

    if settings.FILE.blobs:
        return _objects()
    from syncd.portal.storage.local import LocalBlobs

    return LocalBlobs(settings.BLOBS, guarded=True)


def _objects() -> ObjectBlobs:
    from django.conf import settings

    from syncd.portal.storage.objects import objects_at

    file = settings.FILE
    return objects_at(file.blobs, file.blobs_key, file.blobs_secret, str(settings.BLOBS))


def upload_store() -> UploadStore:
    """This portal's, one for the process: what is announced on this disk is counted in it."""
    from django.conf import settings

    from syncd.portal.storage.uploads import uploads_in

    here = uploads_in(str(settings.UPLOADS))
    if not settings.FILE.blobs:
        return here
    from syncd.portal.storage.shared_uploads import SharedUploads

    return SharedUploads(_objects().store, here)


def picture_store() -> PictureStore:
    """This portal's, one for the process: what it holds is counted in it."""
    from django.conf import settings

    from syncd.portal.storage.pictures import pictures_in

    return pictures_in(str(settings.DATA / PICTURES))


def package_store() -> PackageStore:
    """This portal's."""
    from django.conf import settings

    from syncd.portal.storage.packages import LocalPackages

    return LocalPackages(settings.DATA / PACKAGES)


def text_index() -> TextIndex:
    """This portal's, one for the process."""
    from django.conf import settings

    from syncd.portal import server_database

    if not server_database.embedded():
        from syncd.portal.storage.server_texts import texts_of

        return texts_of(server_database.name())
    from syncd.portal.storage.texts import texts_in

    return texts_in(str(settings.DATA / TEXTS))


def blobs_of(directory: Path) -> BlobStore:
    """Of a portal or a backup in that directory."""
    from syncd.portal.storage.local import LocalBlobs

    return LocalBlobs(directory / BLOBS)


def blobs_for(directory: Path, file: PortalFile) -> BlobStore:
    """Of the portal that this directory is to be of, which is not this process's."""
    if not file.blobs:
        return blobs_of(directory)
    return _objects_for(directory, file)


def _objects_for(directory: Path, file: PortalFile) -> ObjectBlobs:
    from syncd.portal.storage.objects import objects_at

    return objects_at(file.blobs, file.blobs_key, file.blobs_secret, str(directory / BLOBS))


def begin_objects(file: PortalFile | None = None, directory: Path | None = None, token: str = "") -> None:
    """Of a new portal in an object storage: it says from now on that it is one. `token`: what an earlier try would have said.
    Raises UsageError where it holds one, or does not answer."""
    try:
        begun = (_objects_for(directory, file) if file and directory else _objects()).begin(token)
    except OSError as e:
        raise UsageError(
            f"the object storage cannot be used ({e.strerror}).",
            mend="See its address, the bucket, the key and its rights.",
        ) from None
    if not begun:
        raise UsageError(
            "the object storage holds a portal already.", mend="Give it a prefix, or a bucket, of its own."
        )


def make(directory: Path, *, uploads: bool = True) -> None:
    """What a portal in that directory needs, or (without `uploads`) a backup; what is there stays."""
    for name in (BLOBS, UPLOADS) if uploads else (BLOBS,):
        (directory / name).mkdir(mode=0o700, exist_ok=True)
