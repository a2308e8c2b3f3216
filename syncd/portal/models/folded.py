"""What people look for by name is kept folded beside it (core.search_folding), and follows it whoever writes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models.query import QuerySet

_M = TypeVar("_M", bound="models.Model")


class FoldedRows(QuerySet[Any]):
    """Rows of a `Folded` model: a name that many get at once is folded too."""

    def update(self, **values: Any) -> int:
        if not self.model.FOLDED_OF & values.keys():
            return super().update(**values)
        ids = list(self.values_list("pk", flat=True))
        count = super().update(**values)
        for n in range(0, len(ids), 500):
            rows = list(self.model.objects.filter(pk__in=ids[n : n + 500]))
            for row in rows:
                row.fold_again()
            self.model.objects.bulk_update(rows, sorted(self.model.FOLDED), batch_size=100)
        return count

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.fold_again()
        return super().bulk_create(rows, *args, **options)


class FoldedManager(models.Manager[_M]):
    def get_queryset(self) -> QuerySet[_M]:
        return FoldedRows(self.model, using=self._db)


class Folded(models.Model):
    """`FOLDED`: columns that are made; `FOLDED_OF`: those they are made of. `folds()` gives them by name."""

    FOLDED: ClassVar[frozenset[str]] = frozenset({"folded"})
    FOLDED_OF: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def folds(self) -> dict[str, str]:
        raise NotImplementedError

    def fold_again(self) -> None:
        for column, text in self.folds().items():
            setattr(self, column, text)

    def save(self, *args: Any, **options: Any) -> None:
        self.fold_again()
        given = options.get("update_fields")
        if given is not None and self.FOLDED_OF & set(given):
            options["update_fields"] = {*given, *self.FOLDED}
        super().save(*args, **options)
