from django.db import migrations

from workspaces.walls import workspace_row_security


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_initial")]

    operations = [
        workspace_row_security("Connection"),
        workspace_row_security("ConnectAttempt"),
        workspace_row_security("RemoteAccount"),
        workspace_row_security("RemoteTaxRate"),
        workspace_row_security("Mapping"),
        workspace_row_security("TaxMapping"),
        workspace_row_security("Link"),
        workspace_row_security("Batch"),
        workspace_row_security("Operation"),
        workspace_row_security("Conflict"),
        workspace_row_security("SyncEvent"),
    ]
