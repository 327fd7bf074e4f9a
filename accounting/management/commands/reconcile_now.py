"""Read now what changed in a workspace's organisation since the last look."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounting.queries.connections import connection_of_workspace
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync.reconcile import reconcile
from workspaces.models import Workspace
from workspaces.scope import scope


class Command(BaseCommand):
    help = "Read now what changed in a workspace's organisation since the last look."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", required=True)
        parser.add_argument("--dry-run", action="store_true", help="only tell from when on it would read")

    def handle(self, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace {options['workspace']!r}.")
        with scope(workspace):
            connection = connection_of_workspace()
            if connection is None or not connection.is_active:
                raise CommandError(f"{workspace} is not connected.")
            if connection.is_paused:
                raise CommandError(
                    f"{workspace}'s connection is paused: resume it first (Django admin > Connections)."
                )
            if since := connection.unplanned_since:
                raise CommandError(
                    f"{workspace}'s plan has had no integrations since {since:%Y-%m-%d} (Django admin > Plans)."
                )
            for kind in kinds_read_by_themselves():
                since = connection.cursors.get(
                    kind, f"{connection.connected_at:%Y-%m-%dT%H:%M:%S} (connected)"
                )
                self.stdout.write(f"{kind}: since {since}")
            if not options["dry_run"] and not reconcile(connection.pk):
                raise CommandError("A worker is busy with this connection. Try again in a moment.")
