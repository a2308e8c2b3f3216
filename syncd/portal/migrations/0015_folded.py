"""Documents are found without accents: their places folded, those that are there already too."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from syncd.core.search_folding import fold


def fold_places(apps: Any, _: Any) -> None:
    document = apps.get_model("portal", "Document")
    batch = []
    for found in document.objects.only("id", "path").iterator(2000):
        found.folded = fold(found.path)
        batch.append(found)
        if len(batch) == 2000:
            document.objects.bulk_update(batch, ["folded"], batch_size=400)
            batch = []
    document.objects.bulk_update(batch, ["folded"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [("portal", "0014_accounts")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(
            model_name="document", name="folded", field=models.CharField(blank=True, db_default="", default="", max_length=8192)
        ),
        migrations.RunPython(fold_places, migrations.RunPython.noop),
    ]
