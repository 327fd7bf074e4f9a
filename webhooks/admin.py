"""The inbox, for the people who run Tandem: every delivery as it came, and what became of its events."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounting.sync.probe import count_bad
from core.admin import ReadOnlyAdmin
from webhooks import process, selftest
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
    change_list_template = "webhooks/admin_deliveries.html"

    def get_urls(self) -> list[URLPattern]:
        check = path("check/", self.admin_site.admin_view(self.self_test), name="webhooks_self_test")
        return [check, *super().get_urls()]

    def self_test(self, request: HttpRequest) -> HttpResponse:
        """Xero's check of whether somebody listens, made by ourselves when its button is pressed."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        findings = selftest.look() if request.method == "POST" else []
        facts = {"address": selftest.public_address(), "findings": findings, "bad": count_bad(findings)}
        facts |= {**self.admin_site.each_context(request), "title": "Check as Xero does"}
        return TemplateResponse(request, "webhooks/admin_self_test.html", facts)

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
