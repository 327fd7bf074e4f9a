"""Services and tax rates, as the people who run Tandem see them: to look at, never to change past the services."""

from __future__ import annotations

from django.contrib import admin

from catalogue.models import Service, TaxRate
from core.admin import ReadOnlyAdmin


@admin.register(TaxRate)
class TaxRateAdmin(ReadOnlyAdmin):
    list_display = ["name", "percent", "is_default", "workspace", "archived_at"]
    list_filter = ["workspace", "is_default", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "id", "workspace__name"]


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    list_display = ["name", "unit_amount", "tax_rate", "workspace", "archived_at"]
    list_filter = ["workspace", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace", "tax_rate"]
    search_fields = ["name", "description", "id", "workspace__name"]
