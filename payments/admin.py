"""Payments for the administrators: to look at. Money moves through the services only."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from core.admin import SearchedAdmin
from payments.models import Payment


@admin.register(Payment)
class PaymentAdmin(SearchedAdmin):
    list_display = [
        "invoice",
        "workspace",
        "amount",
        "currency",
        "date",
        "reference",
        "bank_amount",
        "actor_name",
        "reversed_at",
    ]
    list_filter = [("reversed_at", admin.EmptyFieldListFilter), "workspace"]
    list_select_related = ["invoice", "workspace"]
    search_fields = ["invoice__number", "reference", "id"]
    date_hierarchy = "date"
    show_full_result_count = False

    @admin.display(ordering="invoice__currency")
    def currency(self, payment: Payment) -> str:
        return payment.invoice.currency

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Payment | None = None) -> bool:
        return False
