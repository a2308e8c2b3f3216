"""A code is given once, whatever its case. Clients that share one since before this rule go on as they are, as twins."""

import django.db.models.functions.text
from django.db import migrations, models


def name_twins(apps, schema_editor):
    Client = apps.get_model("portal", "Client")
    seen = {}
    for client in Client.objects.order_by("created_at", "id").only("id", "cabinet_id", "code"):
        at = (client.cabinet_id, client.code.lower())
        before = seen.get(at, 0)
        seen[at] = before + 1
        if before:
            Client.objects.filter(id=client.id).update(twin=before)


class Migration(migrations.Migration):
    dependencies = [("portal", "0010_language")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="twin",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.RunPython(name_twins, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.UniqueConstraint(
                models.F("cabinet"),
                django.db.models.functions.text.Lower("code"),
                models.F("twin"),
                name="code_once_by_case",
            ),
        ),
    ]
