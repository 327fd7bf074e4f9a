"""References within a workspace name the workspace, so that the database refuses one that leaves it."""

import core.tenant_keys
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('customers', '0003_row_security'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='customer',
            constraint=core.tenant_keys.OwnerKey(name='customer_workspace_key', owner='workspace'),
        ),
    ]
