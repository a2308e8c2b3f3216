"""The company takes its private space along: one archive, with what proves each document."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from stat import S_IFREG
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from stream_zip import ZIP_64, stream_zip

from syncd.core import naming, paths
from syncd.portal.models import Client
from syncd.portal.models.private_space import PrivateDocument
from syncd.portal.private_space.contents import places, portions, these
from syncd.portal.private_space.spaces import Space, changing
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import blob_store

CHUNK = 256 * 1024
DIGESTS = "empreintes-sha256.txt"


def archive(actor: Person, client: Client, ids: Sequence[str] = ()) -> Iterator[bytes]:
    """The documents of these ids, all without; the bin stays. Raises Refusal before the first byte."""
    with changing(actor, client, Verb.DOWNLOAD) as space:
        where = places(space)
        found = these(space, ids) if ids else list(space.documents.filter(bin=""))
        named = sorted(((paths.join(where.get(d.folder, ""), d.name), d) for d in found), key=lambda x: x[0])
        own_dates = _own_dates(space, found)
        space.note("retrieved", str(len(found)))
    return _zipped(named, own_dates)


def _own_dates(space: Space, documents: Sequence[PrivateDocument]) -> dict[str, datetime]:
    """By version, where it was told."""
    told = space.versions.filter(modified_at__isnull=False)
    parts = (
        told.filter(id__in=some).values_list("id", "modified_at") for some in portions(d.version_id for d in documents)
    )
    return {version: at for part in parts for version, at in part if at is not None}


def _zipped(named: Sequence[tuple[str, PrivateDocument]], own_dates: Mapping[str, datetime]) -> Iterator[bytes]:
    """Each with its own date, or that of its deposit; a note in place of one whose bytes are missing."""

    def members() -> Iterator[Any]:
        lines, lost, blobs = [], (_("contenu manquant"), _("Contenu manquant")), blob_store()
        for name, document in named:
            at = timezone.localtime(own_dates.get(document.version_id, document.changed_at)).replace(tzinfo=None)
            if not blobs.is_there(document.version_id, document.size):
                yield f"{name} ({lost[0]}).txt", at, S_IFREG | 0o644, ZIP_64, [f"{lost[1]} : {name}\n".encode()]
                continue
            yield name, at, S_IFREG | 0o644, ZIP_64, _chunks(document.version_id)
            lines.append(f"{bytes(document.sha256).hex()}  {name}\n")
        now = timezone.localtime().replace(tzinfo=None)
        taken = {paths.key(name.split("/")[0]) for name, _document in named}
        digests = (
            DIGESTS if paths.key(DIGESTS) not in taken else naming.second_name(DIGESTS, lambda n: paths.key(n) in taken)
        )
        yield digests, now, S_IFREG | 0o644, ZIP_64, ["".join(lines).encode()]

    yield from stream_zip(members(), get_compressobj=lambda: zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS))


def _chunks(version: str) -> Iterator[bytes]:
    with blob_store().open(version) as f:
        while data := f.read(CHUNK):
            yield data
