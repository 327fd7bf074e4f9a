"""Customers, as the people who run Tandem see them: to look at, never to change past the services."""

from __future__ import annotations

from django.contrib import admin

from core.admin import SearchedAdmin
from customers.models import Customer
from customers.services import EDITABLE_FIELDS


@admin.register(Customer)
class CustomerAdmin(SearchedAdmin):
    list_display = ["name", "reference", "email", "workspace", "currency", "archived_at", "updated_at"]
    list_filter = ["workspace", "currency", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "reference", "email", "id", "workspace__name"]
    fields = ["workspace", *EDITABLE_FIELDS, "archived_at", "created_at", "updated_at"]
    readonly_fields = fields

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
