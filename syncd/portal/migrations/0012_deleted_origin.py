"""Whose deletion it was, which only a name said so far: a company's where nobody of the cabinet is called like that."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

COMPANY = ("contact", "member")


def name_origins(apps: Any, _: Any) -> None:
    document, user = apps.get_model("portal", "Document"), apps.get_model("portal", "User")
    for cabinet in apps.get_model("portal", "Cabinet").objects.all():
        ours, theirs = {cabinet.name, "synchronisation"}, set()
        for name, sign_in, role in user.objects.filter(cabinet=cabinet).values_list("name", "sign_in", "role"):
            (theirs if role in COMPANY else ours).add(name or sign_in)
        binned = document.objects.filter(client__cabinet=cabinet, withdrawn=False).exclude(tombstone="")
        for name in binned.values_list("deleted_by", flat=True).distinct():
            if name in theirs - ours:
                binned.filter(deleted_by=name).update(deleted_origin="company")
        document.objects.filter(client__cabinet=cabinet, deleted_origin="").exclude(tombstone="").update(
            deleted_origin="cabinet"
        )


class Migration(migrations.Migration):
    dependencies = [("portal", "0011_one_code")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(
            model_name="document",
            name="deleted_origin",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
        migrations.RunPython(name_origins, migrations.RunPython.noop),
    ]
