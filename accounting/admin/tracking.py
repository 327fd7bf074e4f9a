"""Tracking categories: what organisations offer of them."""

from __future__ import annotations

from django.contrib import admin

from accounting.models import RemoteTrackingOption
from core.admin import ReadOnlyAdmin


@admin.register(RemoteTrackingOption)
class RemoteTrackingOptionAdmin(ReadOnlyAdmin):
    list_display = ["category", "name", "active", "connection", "workspace"]
    list_filter = ["active"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["category", "name", "workspace__name"]
