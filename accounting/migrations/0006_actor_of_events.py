"""Who did it becomes part of the event, as of audit entries."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from workspaces.scope import all_workspaces


def name_actors(apps, schema_editor):
    """People get their names. Of what nobody did, only people connect and change settings, and what was received is Xero's."""
    User = apps.get_model("workspaces", "User")
    named = User.objects.filter(pk=OuterRef("actor_id")).values_list(Coalesce(NullIf("name", Value("")), "email", output_field=models.CharField()))
    with all_workspaces("old events learn who did what"):
        events = apps.get_model("accounting", "SyncEvent").objects
        events.filter(actor__isnull=False).update(actor_kind="person", actor_name=Subquery(named))
        nobody = events.filter(actor=None)
        nobody.filter(event__in=["connected", "settings"]).update(actor_kind="person", actor_name="Somebody since removed")
        nobody.filter(event="received").update(actor_kind="xero", actor_name="Xero")
        nobody.filter(actor_kind="").update(actor_kind="system", actor_name="Tandem")


class Migration(migrations.Migration):
    dependencies = [
        ("accounting", "0005_flying_has_batch"),
        ("workspaces", "0004_actor_of_entries"),
    ]

    operations = [
        migrations.AddField(
            model_name="syncevent",
            name="actor_kind",
            field=models.CharField(
                choices=[("person", "Person"), ("xero", "Xero"), ("system", "Tandem")], default="", max_length=6
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="syncevent",
            name="actor_name",
            field=models.CharField(default="", max_length=254),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="syncevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(name_actors, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="syncevent",
            constraint=models.CheckConstraint(
                condition=(
                    (Q(actor_kind="person") & ~Q(actor_name=""))
                    & (~Q(actor=None) | Q(actor_name="Somebody since removed"))
                )
                | (Q(actor_kind="xero", actor_name="Xero") & Q(actor=None))
                | (Q(actor_kind="system", actor_name="Tandem") & Q(actor=None)),
                name="sync_event_actor_fits",
            ),
        ),
    ]
