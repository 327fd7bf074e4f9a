"""Tracking categories: what organisations offer of them, and what was chosen."""

from __future__ import annotations

from django.contrib import admin

from accounting.models import RemoteTrackingOption, TrackingMapping
from core.admin import ReadOnlyAdmin


@admin.register(RemoteTrackingOption)
class RemoteTrackingOptionAdmin(ReadOnlyAdmin):
    list_display = ["category", "name", "active", "connection", "workspace"]
    list_filter = ["active"]
    list_select_related = ["connection", "workspace"]
    search_fields = ["category", "name", "workspace__name"]


@admin.register(TrackingMapping)
class TrackingMappingAdmin(ReadOnlyAdmin):
    list_display = ["category_id", "service", "option_id", "connection", "workspace"]
    list_select_related = ["service", "connection", "workspace"]
    search_fields = ["=option_id", "service__name", "workspace__name"]
