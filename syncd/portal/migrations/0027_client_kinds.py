from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0026_way"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="kind_of_file",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="client",
            name="kind_of_work",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
