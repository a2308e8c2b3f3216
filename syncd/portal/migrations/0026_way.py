from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0025_mails"),
    ]

    operations = [
        migrations.AddField(
            model_name="version", name="way", field=models.CharField(blank=True, db_default="", default="", max_length=20)
        ),
    ]
