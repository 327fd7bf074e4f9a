"""Print a new key for FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a new key for FIELD_ENCRYPTION_KEYS. Nothing is changed."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())
