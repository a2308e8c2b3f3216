"""What the first pages show: what is expected of clients (those there already as their template's folders say), what was
ignored, what stays online though the cabinet removed it, what is to be dealt with, when somebody was last there."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q

EXPECTED = {
    ("Achats", "purchases"): "monthly", ("Ventes", "sales"): "monthly", ("Banque", "bank"): "statement", ("Recettes", "sales"): "monthly",
    ("Dépenses", "purchases"): "monthly", ("Loyers et quittances", "rents"): "quarterly",
}  # fmt: skip
LESS = {"sci": ("Achats", "Ventes"), "association": ("Achats", "Ventes")}  # where the template does not wait for them


def expect(apps: Any, _: Any) -> None:
    for name in ("Client", "OwnTemplate"):
        model, changed = apps.get_model("portal", name), []
        for found in model.objects.iterator(500):
            not_in = LESS.get(getattr(found, "template", ""), ())
            for rule in found.rules:
                wanted = EXPECTED.get((rule["path"], rule.get("kind", "other")))
                if wanted and rule["path"] not in not_in:
                    rule.setdefault("expected", wanted)
            if any("expected" in rule for rule in found.rules):
                changed.append(found)
        model.objects.bulk_update(changed, ["rules"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("portal", "0023_phone")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField("document", "left_kept_at", models.DateTimeField(null=True)),
        migrations.AddField("openreport", "ignored_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "openreport", "ignored_by", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
        migrations.AddField("user", "visited_at", models.DateTimeField(null=True)),
        migrations.AddField("user", "visited_before", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "version",
            models.Index(fields=["document"], name="version_untreated", condition=Q(origin="company", treated_at=None)),
        ),
        migrations.RunPython(expect, migrations.RunPython.noop),
    ]
