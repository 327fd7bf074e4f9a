"""What the people who run Tandem see of every workspace's sync. All of it is read; only the actions act.

Tokens are not shown: the fields that hold them are left out wherever a model has some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounting.admin import customers, teaching, tracking
from accounting.enums import Lane, OpState, Priority
from accounting.models import (
    Batch,
    Conflict,
    ConnectAttempt,
    Connection,
    Grant,
    Link,
    Mapping,
    Operation,
    PaymentMapping,
    RemoteAccount,
    RemoteTaxRate,
    ServiceMapping,
    SyncEvent,
    TaxMapping,
    Usage,
)
from accounting.sync import support
from accounting.sync.pull import request_pull
from core.admin import ReadOnlyAdmin
from workspaces.scope import scope_by_id

__all__ = ["customers", "teaching", "tracking"]

SupportAct = Callable[..., bool]
BEING_READ = "read now, or within a minute where a worker is busy with it"
UNREADABLE = "is paused, resting, not connected or not in its plan, and is not read"


def _by_workspace(rows: Iterable[Any]) -> dict[Any, list[Any]]:
    """Rows of several workspaces, each with its own: what writes enters one scope after the other."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row.workspace_id, []).append(row)
    return found


class PausedFilter(admin.SimpleListFilter):
    """Those that support paused, and the others."""

    title = "pause"
    parameter_name = "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Paused"), ("no", "Not paused")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> QuerySet[Connection]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(paused_at__isnull=self.value() == "no")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = [
        "tenant_name",
        "workspace",
        "state",
        "state_reason",
        "last_success_at",
        "resume_at",
        "paused_at",
        "paused_by",
        "day_remaining",
        "quota_seen_at",
        "silent_since",
    ]
    list_filter = [
        *("state", PausedFilter, "provider", "country"),
        ("workspace", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["workspace"]
    search_fields = ["tenant_name", "tenant_id", "workspace__name", "workspace__slug"]
    date_hierarchy = "connected_at"
    actions = ["pause", "resume", "pull"]

    @admin.action(description="Pause: no call to Xero until resumed", permissions=["act"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._do(request, queryset, support.pause, "paused", "is paused already")

    @admin.action(description="Resume: go on where it stopped", permissions=["act"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._do(request, queryset, support.resume, "resumed", "is not paused")

    @admin.action(description="Pull: read now what changed in Xero", permissions=["act"])
    def pull(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self._do(request, queryset, support.pull, BEING_READ, UNREADABLE)

    def _do(
        self, request: HttpRequest, rows: QuerySet[Connection], act: SupportAct, done: str, otherwise: str
    ) -> None:
        """Act on each connection in its own workspace, and say which were left alone and why."""
        left = []
        chosen = list(rows)
        for connection in chosen:
            with scope_by_id(connection.workspace_id):
                if not act(connection=connection, by=request.user):
                    left.append(connection.tenant_name)
        count = len(chosen) - len(left)
        if count:
            told = "1 connection is" if count == 1 else f"{count} connections are"
            self.message_user(request, f"{told} {done}.", messages.SUCCESS)
        for name in left:
            self.message_user(request, f"{name} {otherwise}.", messages.WARNING)


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "provider",
        "remote_user_id",
        "state",
        "expires_at",
        "refreshed_at",
        "failed_at",
        "version",
    ]
    list_filter = ["state", "provider"]
    search_fields = ["remote_user_id"]


@admin.register(ConnectAttempt)
class ConnectAttemptAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "workspace", "user", "expires_at", "used_at", "finished_at"]
    list_select_related = ["workspace", "user"]
    search_fields = ["workspace__name", "user__email"]
    date_hierarchy = "created_at"

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_exclude(request, obj), "state_hash", "session_hash"]


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_display = ["kind", "local_id", "remote_id", "state", "workspace", "agreed_at", "note"]
    list_filter = ["state", "kind"]
    list_select_related = ["workspace"]
    search_fields = ["=local_id", "=remote_id", "workspace__name", "connection__tenant_name"]
    actions = ["pull"]

    @admin.action(description="Read these records from Xero again", permissions=["act"])
    def pull(self, request: HttpRequest, queryset: QuerySet[Link]) -> None:
        links = list(queryset.select_related("connection"))
        for workspace_id, rows in _by_workspace(links).items():
            with scope_by_id(workspace_id), transaction.atomic():
                for link in rows:
                    request_pull(link.connection, link.kind, link.remote_id, at=None, priority=Priority.USER)
        self.message_user(request, f"{len(links)} reads were requested.", messages.SUCCESS)


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "lane",
        "kind",
        "change",
        "state",
        "blocker",
        "error",
        "attempts",
        "workspace",
        "updated_at",
    ]
    list_filter = [
        *("state", "blocker", "error_class", "lane", "kind", "change", "priority"),
        ("workspace", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["workspace"]
    search_fields = ["=local_id", "=remote_id", "error", "workspace__name", "connection__tenant_name"]
    date_hierarchy = "created_at"
    actions = ["retry", "requeue"]

    @admin.action(description="Retry the failed ones", permissions=["act"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Operation]) -> None:
        failed = list(queryset.filter(state=OpState.FAILED))
        count = 0
        for workspace_id, rows in _by_workspace(failed).items():
            with scope_by_id(workspace_id):
                mine = Operation.objects.filter(pk__in=[row.pk for row in rows])
                count += support.retry(operations=mine, by=request.user)
        self.message_user(request, f"{count} operations are tried again.", messages.SUCCESS)

    @admin.action(description="Send these records again, whatever changed", permissions=["act"])
    def requeue(self, request: HttpRequest, queryset: QuerySet[Operation]) -> None:
        pushes = list(queryset.filter(lane=Lane.PUSH))
        for workspace_id, rows in _by_workspace(pushes).items():
            with scope_by_id(workspace_id):
                support.send_again(operations=rows, by=request.user)
        self.message_user(request, f"{len(pushes)} records are sent again.", messages.SUCCESS)


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "verb", "state", "sends", "first_sent_at", "last_error", "workspace"]
    list_filter = ["state", "kind", "verb"]
    list_select_related = ["workspace"]
    search_fields = ["=idempotency_key", "workspace__name", "connection__tenant_name"]


@admin.register(Conflict)
class ConflictAdmin(ReadOnlyAdmin):
    list_display = ["kind", "local_id", "state", "resolution", "resolved_by", "workspace", "created_at"]
    list_filter = ["state", "resolution", "kind"]
    list_select_related = ["workspace", "resolved_by"]
    search_fields = ["=local_id", "workspace__name", "connection__tenant_name"]
    date_hierarchy = "created_at"


@admin.register(SyncEvent)
class SyncEventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "event", "kind", "message", "actor_name", "workspace"]
    list_filter = ["event", "kind"]
    list_select_related = ["workspace"]
    search_fields = ["message", "=local_id", "=remote_id", "workspace__name"]
    date_hierarchy = "created_at"


@admin.register(Mapping)
class MappingAdmin(ReadOnlyAdmin):
    list_display = ["connection", "workspace", "revenue_account_id", "payment_account_id", "invoice_status"]
    list_filter = ["invoice_status"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["workspace__name", "connection__tenant_name"]


@admin.register(PaymentMapping, ServiceMapping)
class AccountMappingAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "account_id", "connection", "workspace"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["account_id", "workspace__name"]


@admin.register(TaxMapping)
class TaxMappingAdmin(ReadOnlyAdmin):
    list_display = ["tax_rate", "code", "connection", "workspace"]
    list_select_related = ["tax_rate", "connection", "workspace"]
    search_fields = ["code", "tax_rate__name", "workspace__name"]


@admin.register(RemoteAccount)
class RemoteAccountAdmin(ReadOnlyAdmin):
    list_display = [
        "code",
        "name",
        "type",
        "account_class",
        "active",
        "takes_payments",
        "connection",
        "workspace",
    ]
    list_filter = ["active", "account_class", "takes_payments"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["code", "name", "workspace__name"]


@admin.register(RemoteTaxRate)
class RemoteTaxRateAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "percent", "active", "for_revenue", "connection", "workspace"]
    list_filter = ["active", "for_revenue"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["code", "name", "workspace__name"]


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    list_display = ["day", "calls", "received", "connection", "workspace"]
    list_filter = [("workspace", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["connection", "workspace"]
    search_fields = ["workspace__name", "connection__tenant_name", "=tenant_id"]
    date_hierarchy = "day"
