"""What nobody knew yet, and teaching what it means. Django's own log keeps who taught what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounting.models import Lesson, Problem
from accounting.sync.teaching import teach, unteach
from core.admin import ReadOnlyAdmin, SearchedAdmin


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin):
    """Filter by the key *unknown* for what can be taught."""

    list_display = ["key", "subject", "words", "error_class", "workspace", "first_seen_at", "closed_at"]
    list_filter = ["key", "error_class", ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["subject", "words", "detail", "workspace__name"]


@admin.register(Lesson)
class LessonAdmin(SearchedAdmin):
    list_display = ["cause", "part", "key", "fixer", "fix"]
    search_fields = ["part", "cause", "words"]
    prepopulated_fields = {"key": ["cause"]}

    def save_model(self, request: HttpRequest, obj: Lesson, form: Any, change: bool) -> None:
        self._say(request, teach(lesson=obj))

    def delete_model(self, request: HttpRequest, obj: Lesson) -> None:
        self._say(request, unteach(lesson=obj))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Lesson]) -> None:
        self._say(request, sum(unteach(lesson=lesson) for lesson in queryset))

    def _say(self, request: HttpRequest, count: int) -> None:
        told = "1 problem is" if count == 1 else f"{count} problems are"
        self.message_user(request, f"{told} told otherwise now.", messages.INFO)
