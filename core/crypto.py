"""Text encrypted at rest. The first key encrypts, every key decrypts; a wrong key raises."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models, transaction


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS is empty. Make a key with: python manage.py make_encryption_key"
        )
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher of the configured keys. Raises ImproperlyConfigured when there is none."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text column that holds only ciphertext. It can be tested for NULL and nothing else."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else cipher().encrypt(value.encode()).decode()

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return None if value is None else cipher().decrypt(value.encode()).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError("an encrypted column cannot be filtered or compared")
        return super().get_lookup(lookup_name)


def encrypted_fields(model: type[models.Model]) -> list[str]:
    """The names of the model's encrypted columns."""
    return [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def reencrypt(model: type[models.Model]) -> int:
    """Encrypt every row again with the first key and return how many rows there were. May be run again.

    Each row is locked while it is rewritten: a token that is refreshed meanwhile is not put back.
    """
    names = encrypted_fields(model)
    pks = list(model._base_manager.values_list("pk", flat=True))
    for pk in pks:
        with transaction.atomic():
            mine = model._base_manager.filter(pk=pk)
            for row in mine.select_for_update(of=("self",)).only("pk", *names):
                mine.update(**{name: getattr(row, name) for name in names})
    return len(pks)
