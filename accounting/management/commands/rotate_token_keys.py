"""Encrypt all tokens again with the first of FIELD_ENCRYPTION_KEYS, so that an old key can be taken away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounting.models import ConnectAttempt, Grant
from core.crypto import reencrypt
from identity.services import reencrypt_second_factors
from workspaces.scope import all_workspaces

MODELS = (Grant, ConnectAttempt)


class Command(BaseCommand):
    help = (
        "Encrypt all tokens again with the first of FIELD_ENCRYPTION_KEYS. Put the new key first and keep the old"
        " one behind it, restart everything, run this, then take the old key away. May be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only tell how many rows there are")

    def handle(self, **options: Any) -> None:
        with all_workspaces("tokens of every workspace get the new key"):
            for model in MODELS:
                count = model._base_manager.count() if options["dry_run"] else reencrypt(model)
                done = "to encrypt again" if options["dry_run"] else "encrypted again"
                self.stdout.write(f"{model._meta.verbose_name_plural}: {count} {done}")
        if not options["dry_run"]:
            self.stdout.write(f"second factors: {reencrypt_second_factors()} encrypted again")
