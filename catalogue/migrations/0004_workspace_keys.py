"""References within a workspace name the workspace, so that the database refuses one that leaves it."""

import core.tenant_keys
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalogue', '0003_row_security'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='service',
            constraint=core.tenant_keys.OwnerKey(name='service_workspace_key', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='taxrate',
            constraint=core.tenant_keys.OwnerKey(name='tax_rate_workspace_key', owner='workspace'),
        ),
        migrations.AlterField(
            model_name='service',
            name='tax_rate',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.taxrate'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='tax_rate', name='service_tax_rate_same_workspace', owner='workspace'),
        ),
    ]
