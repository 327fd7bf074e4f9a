"""What the administrators' pages of all apps share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.search import shorten


class SearchedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page whose search is bounded like every other."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, shorten(search_term))
