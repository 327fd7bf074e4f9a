"""The secrets of second factors that were stored as plain text become ciphertext."""

from django.db import migrations

from core.crypto import cipher

SECRETS = ("secret", "seed")


def _each(apps, change):
    for factor in apps.get_model("mfa", "Authenticator").objects.all():
        factor.data = factor.data | {name: change(factor.data[name]) for name in SECRETS if name in factor.data}
        factor.save(update_fields=["data"])


def encrypt(apps, schema_editor):
    _each(apps, lambda text: cipher().encrypt(text.encode()).decode())


def decrypt(apps, schema_editor):
    _each(apps, lambda text: cipher().decrypt(text.encode()).decode())


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_one_address"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt, decrypt)]
