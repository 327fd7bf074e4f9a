from django.db import migrations
from django.db.models import F

from workspaces.scope import all_workspaces


def remember(apps, schema_editor):
    """No credit was a document here before: what an invoice was credited all came from elsewhere."""
    with all_workspaces("old credit learns where it comes from"):
        credited = apps.get_model("invoices", "Invoice").objects.exclude(credited=0)
        credited.update(credited_elsewhere=F("credited"))


class Migration(migrations.Migration):
    dependencies = [("invoices", "0009_credited_elsewhere")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
