from django.db import migrations

from workspaces.walls import workspace_row_security


class Migration(migrations.Migration):
    dependencies = [("invoices", "0002_initial")]

    operations = [
        workspace_row_security("NumberSequence"),
        workspace_row_security("Invoice"),
        workspace_row_security("InvoiceLine"),
    ]
