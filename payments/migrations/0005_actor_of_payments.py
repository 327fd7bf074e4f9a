"""Who recorded a payment becomes part of it: without their name, one whose recorder was deleted read "from Xero"."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from workspaces.scope import all_workspaces


def name_actors(apps, schema_editor):
    """People get their names. A payment of nobody stays what it read until now: Xero's."""
    User = apps.get_model("workspaces", "User")
    name = Coalesce(NullIf("name", Value("")), "email", output_field=models.CharField())
    named = User.objects.filter(pk=OuterRef("actor_id")).values_list(name)
    with all_workspaces("old payments learn who recorded them"):
        payments = apps.get_model("payments", "Payment").objects
        payments.filter(actor__isnull=False).update(actor_kind="person", actor_name=Subquery(named))
        payments.filter(actor=None).update(actor_kind="xero", actor_name="Xero")


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_workspace_keys"),
        ("workspaces", "0004_actor_of_entries"),
    ]

    operations = [
        migrations.RenameField(model_name="payment", old_name="recorded_by", new_name="actor"),
        migrations.AlterField(
            model_name="payment",
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
        migrations.AddField(
            model_name="payment",
            name="actor_kind",
            field=models.CharField(
                choices=[("person", "Person"), ("xero", "Xero"), ("system", "Tandem")], default="", max_length=6
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="payment",
            name="actor_name",
            field=models.CharField(default="", max_length=254),
            preserve_default=False,
        ),
        migrations.RunPython(name_actors, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=(
                    (Q(actor_kind="person") & ~Q(actor_name=""))
                    & (~Q(actor=None) | Q(actor_name="Somebody since removed"))
                )
                | (Q(actor_kind="xero", actor_name="Xero") & Q(actor=None))
                | (Q(actor_kind="system", actor_name="Tandem") & Q(actor=None)),
                name="payment_actor_fits",
            ),
        ),
    ]
