"""What watches that nobody asks the database about a private space but its own pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

SECRET = "acquisition-projet-secret"
SECRET_PDF = f"{SECRET}.pdf"
KEYS = re.compile(r"portal_privatekey", re.IGNORECASE)
ROWS = re.compile(r"portal_(private|sales)(?!key)", re.IGNORECASE)
ANY = re.compile(r"portal_(private|sales)", re.IGNORECASE)


@contextmanager
def untouched(rows: re.Pattern[str] = ROWS) -> Iterator[None]:
    """No SQL names such rows meanwhile: what is answered, how large it is and how long it takes cannot depend on them."""
    from django.db import connection

    def watched(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        assert not rows.search(str(sql)), f"a private space is asked about: {sql}"
        return execute(sql, *more)

    with connection.execute_wrapper(watched):
        yield


def opened(user: Any, client: Any) -> SimpleNamespace:
    """A private space with a folder, a document in two versions and one in the bin."""
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.private_space import contents, deletions, deposits, keys

    person = person_of(User.objects.get(id=user.id))
    keys.open_space(person, client)
    folder = contents.new_folder(person, client, "", f"{SECRET}-dossier")
    for at, name in ((folder.id, f"{SECRET}.pdf"), ("", f"{SECRET}-efface.pdf"), ("", f"{SECRET}-racine.pdf")):
        taken = deposits.take_stream(person, client, at, name, io.BytesIO(f"%PDF- {name}".encode()))
        assert taken.outcome == "stored", taken
    gone = next(d for d in contents.look(person, client).documents if "efface" in d.name)
    deletions.remove(person, client, [gone.id])
    document = contents.look(person, client, folder.id).documents[0]
    return SimpleNamespace(user=user, client=client, folder=folder, document=document)


def the_document(office: Any) -> Any:
    """Of the space that Marie opened."""
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.private_space import contents

    return contents.look(person_of(User.objects.get(id=office.marie.id)), office.one).documents[0]
