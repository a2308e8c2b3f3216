"""Who took an access away; knocks of strangers; recovery codes of before are the short ones."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def look_back(apps: Any, _: Any) -> None:
    """Who revoked whom stands in the audit for a year; of whom nobody knows, a correspondent gives the access back."""
    user, audit = apps.get_model("portal", "User"), apps.get_model("portal", "Audit")
    for revoked in user.objects.filter(is_active=False):
        lines = audit.objects.filter(cabinet=revoked.cabinet_id, what="account_revoke", about=revoked.sign_in)
        last = lines.order_by("-at").values_list("user_id", flat=True).first()
        if last and user.objects.filter(id=last).exists():
            user.objects.filter(id=revoked.id).update(revoked_by=last)
    apps.get_model("portal", "RecoveryCode").objects.update(short=True)
    apps.get_model("axes", "AccessAttempt").objects.all().delete()  # codes lay in them in clear


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0013_sealed"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="revoked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="portal.user"
            ),
        ),
        migrations.AddField(model_name="user", name="warned_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="recoverycode", name="short", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.RemoveField(model_name="invitation", name="tries"),
        migrations.CreateModel(
            name="Knock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=20)),
                ("sign_in", models.CharField(max_length=254)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(look_back, migrations.RunPython.noop),
    ]
