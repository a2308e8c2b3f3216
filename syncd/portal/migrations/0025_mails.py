import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portal", "0024_first_page"),
    ]

    operations = [
        migrations.AddField(
            model_name="user", name="mail_pace", field=models.CharField(blank=True, db_default="", default="", max_length=10)
        ),
        migrations.AddField(
            model_name="letter", name="reply_to", field=models.CharField(blank=True, db_default="", default="", max_length=500)
        ),
        migrations.AddField(
            model_name="letter", name="unsubscribe", field=models.CharField(blank=True, db_default="", default="", max_length=500)
        ),
        migrations.CreateModel(
            name="PendingNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.DateTimeField(null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("deposit", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="portal.deposit")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="pending_notices", to=settings.AUTH_USER_MODEL)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("user", "deposit"), name="pending_notice_once")]},
        ),
    ]
