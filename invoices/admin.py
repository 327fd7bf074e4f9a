"""Invoices for the administrators: to look at. Only the number sequence can be changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin import SearchedAdmin
from invoices.models import Invoice, InvoiceLine, NumberSequence


class ReadOnly:
    """The services write; the admin shows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InvoiceLineInline(ReadOnly, admin.TabularInline):
    model = InvoiceLine
    fields = ["position", "description", "quantity", "unit_amount", "discount_percent", "tax_rate"]
    readonly_fields = ["line_amount", "tax_amount"]


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, SearchedAdmin):
    list_display = [
        "number",
        "workspace",
        "customer",
        "status",
        "issue_date",
        "due_date",
        "currency",
        "total",
        "amount_paid",
        "credited",
    ]
    list_filter = ["status", "workspace"]
    list_select_related = ["customer", "workspace"]
    search_fields = ["number", "reference", "customer__name", "id"]
    date_hierarchy = "issue_date"
    inlines = [InvoiceLineInline]
    show_full_result_count = False


@admin.register(NumberSequence)
class NumberSequenceAdmin(SearchedAdmin):
    list_display = ["workspace", "prefix", "next_number"]
    list_select_related = ["workspace"]
    readonly_fields = ["workspace"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: NumberSequence | None = None) -> bool:
        return False
