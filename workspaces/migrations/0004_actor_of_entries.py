"""Who did it becomes part of the entry. Until now no actor meant Xero, also where the person had been deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce, NullIf
from django.db.models import OuterRef, Q, Subquery, Value

from workspaces.scope import all_workspaces

XERO_CAN = Q(action__in=["invoice.approved", "invoice.updated", "invoice.voided", "tax_rate.created"])
XERO_CAN |= Q(action__startswith="payment.")
XERO_CAN |= Q(action__startswith="customer.", summary__endswith=" in Xero")


def name_actors(apps, schema_editor):
    """People get their names. An entry of nobody is Xero's where Xero can have done it, else a former person's."""
    User = apps.get_model("workspaces", "User")
    named = User.objects.filter(pk=OuterRef("actor_id")).values_list(Coalesce(NullIf("name", Value("")), "email", output_field=models.CharField()))
    with all_workspaces("old entries learn who did what"):
        entries = apps.get_model("workspaces", "AuditEntry").objects
        entries.filter(actor__isnull=False).update(actor_kind="person", actor_name=Subquery(named))
        nobody = entries.filter(actor=None)
        nobody.filter(XERO_CAN).update(actor_kind="xero", actor_name="Xero")
        nobody.filter(actor_kind="").update(actor_kind="person", actor_name="Somebody since removed")


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0003_workspace_time_zone")]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="actor_kind",
            field=models.CharField(
                choices=[("person", "Person"), ("xero", "Xero"), ("system", "Tandem")], default="", max_length=6
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="actor_name",
            field=models.CharField(default="", max_length=254),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="auditentry",
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
            model_name="auditentry",
            constraint=models.CheckConstraint(
                condition=(
                    (Q(actor_kind="person") & ~Q(actor_name=""))
                    & (~Q(actor=None) | Q(actor_name="Somebody since removed"))
                )
                | (Q(actor_kind="xero", actor_name="Xero") & Q(actor=None))
                | (Q(actor_kind="system", actor_name="Tandem") & Q(actor=None)),
                name="audit_actor_fits",
            ),
        ),
    ]
