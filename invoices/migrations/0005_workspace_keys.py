"""References within a workspace name the workspace, so that the database refuses one that leaves it."""

import core.tenant_keys
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalogue', '0004_workspace_keys'),
        ('customers', '0004_workspace_keys'),
        ('invoices', '0004_issued_at'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='invoice',
            constraint=core.tenant_keys.OwnerKey(name='invoice_workspace_key', owner='workspace'),
        ),
        migrations.AlterField(
            model_name='invoice',
            name='customer',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='customers.customer'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='invoice',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='invoices.invoice'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='service',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalogue.service'),
        ),
        migrations.AlterField(
            model_name='invoiceline',
            name='tax_rate',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.taxrate'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='customer', name='invoice_customer_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='invoice', name='line_invoice_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='service', name='line_service_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='invoiceline',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='tax_rate', name='line_tax_rate_same_workspace', owner='workspace'),
        ),
    ]
