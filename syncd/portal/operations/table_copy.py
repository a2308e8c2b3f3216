"""All rows of a portal, from one database into another of another kind: as they are, counted, and compared one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connections, transaction
from django.db.models import ExpressionWrapper, F, Field, Model, QuerySet, TextField

from syncd.core.errors import SyncdError
from syncd.portal.models import Upload, UploadPiece
from syncd.portal.models.encrypted_text import SealedText

AT_ONCE = 2000
LEFT = (Upload, UploadPiece)  # what is on its way in begins anew: its bytes are not carried
_SEALED: Any = TextField()


def carry(source: str, target: str) -> int:
    """One transaction of the target's, which holds these rows and no others afterwards. How many. Raises SyncdError."""
    kinds = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and m not in LEFT]
    there = connections[target]
    count = 0
    with transaction.atomic(using=target):
        _clear(target, kinds)
        for model in kinds:
            try:
                count += _carried(model, source, target)
            except (DatabaseError, ValueError) as e:
                raise SyncdError(f"'{model._meta.db_table}' cannot be carried over as it is ({e}).") from None
        with there.cursor() as cursor:
            for statement in there.ops.sequence_reset_sql(no_style(), kinds):
                cursor.execute(statement)
    return count


def _clear(target: str, kinds: list[type[Model]]) -> None:
    there = connections[target]
    tables = [m._meta.db_table for m in kinds]
    if there.vendor == "sqlite":
        for model in kinds:
            QuerySet(model).using(target)._raw_delete(target)
        return
    with there.cursor() as cursor:
        for statement in there.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(statement)


def _carried(model: type[Model], source: str, target: str) -> int:
    there, fields = connections[target], model._meta.concrete_fields
    names = ", ".join(there.ops.quote_name(f.column) for f in fields)
    statement = (
        f"INSERT INTO {there.ops.quote_name(model._meta.db_table)} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
    )
    pending, told = list[list[Any]](), _Digest()
    with there.cursor() as cursor:
        for row in _rows(model, source):
            told.add(row)
            pending.append([_plain(f).get_db_prep_save(v, there) for f, v in zip(fields, row, strict=True)])
            if len(pending) == AT_ONCE:
                cursor.executemany(statement, pending)
                pending = []
        if pending:
            cursor.executemany(statement, pending)
    came = _Digest()
    for row in _rows(model, target):
        came.add(row)
    if came != told:
        raise SyncdError(
            f"'{model._meta.db_table}' is not the same in both databases: {told.count} rows here, {came.count} there.",
            mend="Nothing was moved. Tell whoever looks after syncd.",
        )
    return told.count


def _plain(field: Any) -> Any:
    """What is sealed is carried as it lies there: it need not be opened."""
    return _SEALED if isinstance(field, SealedText) else field


def _rows(model: type[Model], using: str) -> Iterator[tuple[Any, ...]]:
    asked: list[str] = []
    raw: dict[str, Any] = {}
    field: Field[Any, Any]
    for field in model._meta.concrete_fields:
        name = field.attname
        if isinstance(field, SealedText):
            raw[f"sealed_{name}"] = ExpressionWrapper(F(name), output_field=TextField())
            name = f"sealed_{name}"
        asked.append(name)
    found: Any = QuerySet(model).using(using).order_by("pk").annotate(**raw).values_list(*asked)
    yield from found.iterator(chunk_size=AT_ONCE)


class _Digest:
    """Of any number of rows, in any order."""

    def __init__(self) -> None:
        self.count, self._sum = 0, 0

    def add(self, row: tuple[Any, ...]) -> None:
        said = repr([_same(v) for v in row]).encode("utf-8", "surrogatepass")
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(said).digest())) % 2**256
        self.count += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Digest) and (self.count, self._sum) == (other.count, other._sum)

    __hash__ = None  # type: ignore[assignment]


def _same(value: Any) -> Any:
    """One spelling of what the two databases hold in two."""
    match value:
        case memoryview() | bytearray():
            return bytes(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case dict() | list():
            return json.dumps(value, sort_keys=True)
    return value
