"""How the sync of every connection does, and whether something is stuck."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounting.models import Connection
from accounting.queries.health import Checkup, check_up
from accounting.queries.usage import month_of_all
from workspaces.scope import all_workspaces


class Command(BaseCommand):
    help = "Tell how the sync of every connection does. Ends with 1 when something is stuck. It never writes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=int, default=10, help="waiting longer than this is being stuck")
        parser.add_argument("--workspace", metavar="SLUG", help="only this workspace")
        parser.add_argument("--dry-run", action="store_true", help="changes nothing: this command only reads")

    def handle(self, **options: Any) -> None:
        patience = dt.timedelta(minutes=options["minutes"])
        with all_workspaces("the doctor looks at every connection"):
            rows = Connection.objects.select_related("workspace").order_by("workspace__slug")
            if options["workspace"]:
                rows = rows.filter(workspace__slug=options["workspace"])
            checkups = [check_up(connection, patience) for connection in rows]
            calls, received = month_of_all()
        for checkup in checkups:
            self._tell(checkup)
        if calls and not options["workspace"]:
            self.stdout.write(f"{calls:,} calls to Xero this month, {received / 1e9:.2f} GB read.")
        stuck = sum(bool(checkup.complaints) for checkup in checkups)
        self.stdout.write(f"{len(checkups)} connections, {stuck} with something stuck.")
        if stuck:
            raise SystemExit(1)

    def _tell(self, checkup: Checkup) -> None:
        connection = checkup.connection
        self.stdout.write(f"{connection.workspace.slug}: {connection.tenant_name}, {connection.state}")
        self.stdout.write(f"  operations: {checkup.told or 'none'}")
        if checkup.oldest_pending:
            age = timezone.now() - checkup.oldest_pending
            self.stdout.write(f"  oldest pending: {int(age.total_seconds() // 60)} min")
        if connection.lease_until:
            self.stdout.write(f"  leased until {connection.lease_until:%H:%M:%S} UTC")
        if connection.paused_at:
            self.stdout.write(
                f"  paused by {connection.paused_by} since {connection.paused_at:%Y-%m-%d %H:%M} UTC"
            )
        if since := checkup.unplanned_since:
            self.stdout.write(f"  its plan has had no integrations since {since:%Y-%m-%d %H:%M} UTC")
        if connection.resume_at and connection.resume_at > timezone.now():
            self.stdout.write(
                f"  resting until {connection.resume_at:%H:%M:%S} UTC: {connection.resume_reason}"
            )
        for complaint in checkup.complaints:
            self.stdout.write(self.style.ERROR(f"  STUCK: {complaint}"))
