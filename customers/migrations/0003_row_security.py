from django.db import migrations

from workspaces.walls import workspace_row_security


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_initial")]

    operations = [
        workspace_row_security("Customer"),
    ]
