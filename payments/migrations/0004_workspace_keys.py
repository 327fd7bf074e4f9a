"""References within a workspace name the workspace, so that the database refuses one that leaves it."""

import core.tenant_keys
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('invoices', '0005_workspace_keys'),
        ('payments', '0003_row_security'),
    ]

    operations = [
        migrations.AlterField(
            model_name='payment',
            name='invoice',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='invoices.invoice'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='invoice', name='payment_invoice_same_workspace', owner='workspace'),
        ),
    ]
