"""Second factors, letters that wait and sessions were readable in the database: they are sealed, and go on."""

from __future__ import annotations

from typing import Any

from django.db import migrations

import syncd.portal.models.encrypted_text
from syncd.portal.models.encrypted_text import digest, seal


def carry_over(apps: Any, schema_editor: Any) -> None:
    """Whoever is signed in stays so; a session's key becomes its digest. Letters and factors are sealed as they are saved."""
    session, signed_in = apps.get_model("sessions", "Session"), apps.get_model("portal", "SignedIn")
    for row in session.objects.all().iterator():
        old = row.session_key
        session.objects.filter(session_key=old).update(session_key=digest(old), session_data=seal(row.session_data))
        signed_in.objects.filter(session=old).update(session=digest(old))
    for user in apps.get_model("portal", "User").objects.exclude(totp="").iterator():
        user.save(update_fields=["totp"])
    for letter in apps.get_model("portal", "Letter").objects.filter(sent_at__isnull=True).iterator():
        letter.save(update_fields=["text", "html"])


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0012_deleted_origin"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(model_name="letter", name="html", field=syncd.portal.models.encrypted_text.SealedText()),
        migrations.AlterField(model_name="letter", name="text", field=syncd.portal.models.encrypted_text.SealedText()),
        migrations.AlterField(model_name="user", name="totp", field=syncd.portal.models.encrypted_text.SealedText(blank=True)),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
