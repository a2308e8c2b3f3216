"""What waits in « À classer » (on every page) and what came in the last months is counted in indexes that hold all that is asked."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("portal", "0036_calendar")]
    operations: ClassVar = [
        migrations.RemoveIndex(model_name="document", name="document_unfiled"),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                fields=["client", "tombstone", "kind", "created_at"], name="document_waits",
                condition=models.Q(("kind", "inbox"), ("tombstone", "")),
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["client", "created_at", "kind"], name="document_sent", condition=models.Q(("by_company", True))),
        ),
    ]  # fmt: skip
