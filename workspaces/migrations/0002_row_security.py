from django.db import migrations

from workspaces.walls import workspace_row_security


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]

    operations = [
        workspace_row_security("AuditEntry"),
    ]
