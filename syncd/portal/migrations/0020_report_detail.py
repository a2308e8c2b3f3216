from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0019_address_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="openreport",
            name="detail",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
    ]
