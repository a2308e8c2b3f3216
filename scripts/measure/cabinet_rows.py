"""Cabinets in bulk, as rows: `python -m measure.cabinet_rows DIR CABINETS CLIENTS DOCUMENTS`. Every tenth document has its bytes;
what they are follows from its version's id. Prints a line of JSON for each cabinet: its id, a key, its clients."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

SIZE, TENTH = 4_000, 10


def body(version: str) -> bytes:
    return (version.encode() * (SIZE // 32 + 1))[:SIZE]


def fill(cabinets: int, clients: int, documents: int) -> None:
    from django.db import transaction

    from syncd.core import paths
    from syncd.portal.clients import clients as wing
    from syncd.portal.clients import templates
    from syncd.portal.models import Cabinet, Client, Document, Version
    from syncd.portal.models.ids import new_id
    from syncd.portal.rights import Operator
    from syncd.portal.storage import blob_store
    from syncd.portal.sync import engine_keys

    now, blobs, like = datetime.now(UTC), blob_store(), Cabinet.objects.get()
    model = wing.add(Operator(like.id, like.name), "MODEL", "Modèle", templates.load("commerce"))
    kept = {f.attname: getattr(model, f.attname) for f in Client._meta.concrete_fields}
    for n in range(cabinets):
        cabinet = Cabinet.objects.create(name=f"Cabinet {n:04}")
        made = [
            Client(**{**kept, "id": new_id(), "cabinet_id": cabinet.id, "code": f"{c:06}", "name": f"Société {c}"})
            for c in range(clients)
        ]
        rows: list[Document] = []
        versions: list[Version] = []
        for client in made:
            for d in range(documents):
                path, data = f"Achats/{d:05}.pdf", body(version := new_id())
                sha = hashlib.sha256(data).digest()
                rows.append(
                    Document(
                        id=new_id(), client=client, path=path, key=paths.key(path), size=SIZE, sha256=sha, version_id=version, created_at=now,
                    )
                )  # fmt: skip
                versions.append(
                    Version(id=version, document=rows[-1], number=1, size=SIZE, sha256=sha, by="x", origin="company", created_at=now)
                )  # fmt: skip
        tenth = [v.id for v in versions[::TENTH]]
        blobs.publish([(blobs.stage_from(io.BytesIO(body(v)))[0], v) for v in tenth])
        with transaction.atomic():
            Client.objects.bulk_create(made)
            Document.objects.bulk_create(rows, batch_size=500)
            Version.objects.bulk_create(versions, batch_size=500)
        key = engine_keys.make(Operator(cabinet.id, cabinet.name))
        said = {"cabinet": cabinet.id, "key": key, "clients": [c.id for c in made], "versions": tenth[:20]}
        print(json.dumps(said), flush=True)


def main() -> None:
    from syncd.portal import bootstrap

    bootstrap.use(Path(sys.argv[1]))
    fill(*map(int, sys.argv[2:5]))


if __name__ == "__main__":
    main()
