"""The inbox, for the people who run Tandem: every delivery as it came, and what became of its events."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from webhooks import process
from webhooks.models import Delivery, Event


class EventInline(admin.TabularInline):  # type: ignore[type-arg]
    """The events of one delivery."""

    model = Event
    fields = readonly_fields = [
        "category",
        "change",
        "remote_id",
        "happened_at",
        "workspace",
        "state",
        "note",
    ]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["id", "received_at", "state", "event_count", "processed_at", "note"]
    list_filter = ["state", "provider"]
    search_fields = ["=id", "note", "events__remote_id", "events__tenant_id"]
    date_hierarchy = "received_at"
    exclude = ["body"]
    readonly_fields = ["text"]
    inlines = [EventInline]
    actions = ["replay"]

    @admin.display(description="body")
    def text(self, delivery: Delivery) -> str:
        return bytes(delivery.body).decode("utf-8", "replace")

    @admin.action(description="Replay: read again everything they tell of", permissions=["act"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = 0
        for delivery in queryset.order_by("pk"):
            process.replay(delivery)
            count += 1
        self.message_user(request, f"{count} deliveries were replayed.", messages.SUCCESS)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "created_at", "category", "change", "remote_id", "state", "note", "workspace"]
    list_filter = ["state", "category", "change"]
    list_select_related = ["workspace"]
    search_fields = ["=remote_id", "=tenant_id", "=key", "workspace__name"]
    date_hierarchy = "created_at"
