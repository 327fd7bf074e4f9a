"""Try failed operations again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounting.enums import ErrorClass, Kind
from accounting.queries.setup import failed_operations
from accounting.sync.manual import retry
from workspaces.models import Workspace
from workspaces.scope import scope


class Command(BaseCommand):
    help = "Try a workspace's failed operations again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", required=True)
        parser.add_argument("--kind", choices=Kind.values, help="only these records")
        parser.add_argument("--error-class", choices=[value for value in ErrorClass.values if value])
        parser.add_argument("--dry-run", action="store_true", help="only tell how many there are")

    def handle(self, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        with scope(workspace):
            wanted = {name: options[name] for name in ("kind", "error_class") if options[name]}
            failed = failed_operations().filter(**wanted)
            count = failed.count() if options["dry_run"] else retry(failed, by=None)
        self.stdout.write(
            f"{count} failed operations {'would be' if options['dry_run'] else 'are'} tried again."
        )
