"""Clients and people are found, and stand, without accents: their names folded, those that are there already too."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from syncd.core.search_folding import fold


def fold_names(apps: Any, _: Any) -> None:
    client, user = apps.get_model("portal", "Client"), apps.get_model("portal", "User")
    clients = list(client.objects.only("id", "name", "code", "site", "group", "sector"))
    for found in clients:
        found.folded = fold(f"{found.name}\n{found.code}")
        found.folded_place = fold("\n".join(filter(None, (found.site, found.group, found.sector))))
    client.objects.bulk_update(clients, ["folded", "folded_place"], batch_size=200)
    people = list(user.objects.only("id", "name", "sign_in", "email"))
    for found in people:
        found.folded = fold("\n".join((found.name or found.sign_in, found.sign_in, found.email)))
    user.objects.bulk_update(people, ["folded"], batch_size=200)


def _column(model: str, name: str, length: int) -> migrations.AddField:
    field = models.CharField(blank=True, db_default="", default="", max_length=length)
    return migrations.AddField(model_name=model, name=name, field=field)


class Migration(migrations.Migration):
    dependencies = [("portal", "0020_report_detail")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        _column("client", "folded", 500), _column("client", "folded_place", 700), _column("user", "folded", 800),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]  # fmt: skip
