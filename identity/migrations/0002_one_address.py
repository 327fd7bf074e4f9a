"""A person has one address, `User.email`. allauth's own list of addresses was a second source: somebody could attach
another one's address there and take over their resets. Its table stays, since allauth's code names it, and holds no row.
"""

from django.db import migrations

EMPTY = "ALTER TABLE account_emailaddress ADD CONSTRAINT one_address_per_person CHECK (false)"


def empty(apps, schema_editor):
    apps.get_model("account", "EmailAddress").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunPython(empty, migrations.RunPython.noop),
        migrations.RunSQL(EMPTY, "ALTER TABLE account_emailaddress DROP CONSTRAINT one_address_per_person"),
    ]
