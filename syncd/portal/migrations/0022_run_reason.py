from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0021_looked_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="runreport",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AddField(
            model_name="runreport",
            name="cause",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
    ]
