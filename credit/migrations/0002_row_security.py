from django.db import migrations

from workspaces.walls import workspace_row_security


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_credit")]

    operations = [
        workspace_row_security("CreditNumberSequence"),
        workspace_row_security("CreditNote"),
        workspace_row_security("CreditNoteLine"),
        workspace_row_security("Allocation"),
        workspace_row_security("Refund"),
    ]
