"""`flush`, as the role that owns the tables: the working role cannot empty them."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections

from config.database_roles import as_owner


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        with as_owner(connections[options["database"]]):
            super().handle(**options)
