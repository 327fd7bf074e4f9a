"""References within a workspace name the workspace, so that the database refuses one that leaves it."""

import core.tenant_keys
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('catalogue', '0004_workspace_keys'),
        ('accounting', '0007_error_reference'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='batch',
            constraint=core.tenant_keys.OwnerKey(name='batch_workspace_key', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=core.tenant_keys.OwnerKey(name='connection_workspace_key', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=core.tenant_keys.OwnerKey(name='link_workspace_key', owner='workspace'),
        ),
        migrations.AlterField(
            model_name='batch',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='conflict',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='conflict',
            name='link',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='accounting.link'),
        ),
        migrations.AlterField(
            model_name='link',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='mapping',
            name='connection',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='mapping', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='operation',
            name='batch',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='operations', to='accounting.batch'),
        ),
        migrations.AlterField(
            model_name='operation',
            name='connection',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='operations', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='remoteaccount',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='remotetaxrate',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tax_rates', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='syncevent',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='taxmapping',
            name='connection',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tax_mappings', to='accounting.connection'),
        ),
        migrations.AlterField(
            model_name='taxmapping',
            name='tax_rate',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalogue.taxrate'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='batch_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='conflict_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='conflict',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='link', name='conflict_link_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='link_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='mapping',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='mapping_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='operation_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='batch', name='operation_batch_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='remoteaccount',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='remote_account_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='remotetaxrate',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='remote_tax_rate_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='syncevent',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='sync_event_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='taxmapping',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='connection', name='tax_mapping_connection_same_workspace', owner='workspace'),
        ),
        migrations.AddConstraint(
            model_name='taxmapping',
            constraint=core.tenant_keys.OwnedReference(bypass='tandem.all_workspaces', field='tax_rate', name='tax_mapping_tax_rate_same_workspace', owner='workspace'),
        ),
    ]
