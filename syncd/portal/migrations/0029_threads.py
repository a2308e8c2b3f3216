"""Threads with their entries; whoever sees documents reads and writes messages about them, too."""

from typing import Any

import django.db.models.deletion
import syncd.portal.models.ids
from django.conf import settings
from django.db import migrations, models


def give_messages(apps: Any, _: Any) -> None:
    grants = apps.get_model("portal", "Grant").objects
    for grant in grants.filter(verbs__contains="view").exclude(verbs__contains="message"):
        grant.verbs = " ".join(sorted({*grant.verbs.split(), "message"}))
        grant.save(update_fields=["verbs"])


def take_messages(apps: Any, _: Any) -> None:
    for grant in apps.get_model("portal", "Grant").objects.filter(verbs__contains="message"):
        grant.verbs = " ".join(v for v in grant.verbs.split() if v != "message")
        grant.save(update_fields=["verbs"])


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0028_engine_cards'),
    ]

    operations = [
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.CharField(default=syncd.portal.models.ids.new_id, max_length=32, primary_key=True, serialize=False)),
                ('subject', models.CharField(max_length=200)),
                ('folded', models.CharField(max_length=400)),
                ('kind', models.CharField(max_length=40)),
                ('by', models.CharField(max_length=200)),
                ('origin', models.CharField(max_length=10)),
                ('created_at', models.DateTimeField()),
                ('last', models.IntegerField(default=0)),
                ('last_at', models.DateTimeField()),
                ('shared', models.IntegerField(default=0)),
                ('shared_at', models.DateTimeField(null=True)),
                ('question', models.CharField(blank=True, default='', max_length=10)),
                ('asked_by', models.CharField(blank=True, default='', max_length=10)),
                ('cabinet', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='portal.cabinet')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='threads', to='portal.client')),
                ('document', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='thread', to='portal.document')),
            ],
        ),
        migrations.CreateModel(
            name='ThreadEntry',
            fields=[
                ('id', models.CharField(default=syncd.portal.models.ids.new_id, max_length=32, primary_key=True, serialize=False)),
                ('number', models.IntegerField()),
                ('kind', models.CharField(max_length=10)),
                ('internal', models.BooleanField(default=False)),
                ('text', models.TextField(blank=True)),
                ('folded', models.TextField(blank=True)),
                ('by', models.CharField(max_length=200)),
                ('origin', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('ref', models.CharField(blank=True, default='', max_length=64)),
                ('deposit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='portal.deposit')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.document')),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='portal.thread')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ThreadReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told', models.BooleanField(default=False)),
                ('read', models.IntegerField(default=0)),
                ('unread', models.BooleanField(default=False)),
                ('mailed', models.IntegerField(default=0)),
                ('mail_since', models.DateTimeField(null=True)),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='readers', to='portal.thread')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ThreadReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=200)),
                ('origin', models.CharField(max_length=10)),
                ('number', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('thread', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='portal.thread')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['cabinet', '-last_at', '-id'], name='thread_cabinet'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['client', '-last_at', '-id'], name='thread_client'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['client', '-shared_at', '-id'], name='thread_company'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.UniqueConstraint(condition=models.Q(('document__isnull', True)), fields=('client', 'kind', 'folded'), name='thread_once'),
        ),
        migrations.AddConstraint(
            model_name='threadentry',
            constraint=models.UniqueConstraint(fields=('thread', 'number'), name='entry_once'),
        ),
        migrations.AddIndex(
            model_name='threadreader',
            index=models.Index(condition=models.Q(('unread', True)), fields=['user'], name='reader_unread'),
        ),
        migrations.AddIndex(
            model_name='threadreader',
            index=models.Index(condition=models.Q(('mail_since__isnull', False)), fields=['mail_since'], name='reader_mail'),
        ),
        migrations.AddConstraint(
            model_name='threadreader',
            constraint=models.UniqueConstraint(fields=('thread', 'user'), name='reader_once'),
        ),
        migrations.AddIndex(
            model_name='threadreading',
            index=models.Index(fields=['thread', 'number'], name='reading_of'),
        ),
        migrations.RunPython(give_messages, take_messages),
    ]
