from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0027_client_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="cabinet",
            name="engine_cards",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="client",
            name="engine_cards",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
