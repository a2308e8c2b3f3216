from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0022_run_reason"),
    ]

    operations = [
        migrations.AddField(
            model_name="cabinet",
            name="phone",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]
