from django.db import migrations

from workspaces.walls import only_additions


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0005_submissions")]

    operations = [
        only_additions("AuditEntry"),
    ]
