from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0031_document_requests")]

    operations = [
        migrations.AddField(
            model_name="cabinet",
            name="host",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddConstraint(
            model_name="cabinet",
            constraint=models.UniqueConstraint(condition=models.Q(("host", ""), _negated=True), fields=("host",), name="host_once"),
        ),
    ]
