"""What the administrators' pages of all apps share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse

from core.crypto import encrypted_fields
from core.search import shorten


class SoundAutocomplete(AutocompleteSelect):
    """Shows what is chosen. Django looks an address's or a form's id up before anybody has checked that it is one."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        sound = [chosen for chosen in value if _is_value_of(self.field.target_field, chosen)]
        return super().optgroups(name, sound, attr)


class SoundChoices:
    """A page or an inline whose `autocomplete_fields` bear any id."""

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", SoundAutocomplete(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc,no-any-return]


class SearchedAdmin(SoundChoices, admin.ModelAdmin):  # type: ignore[type-arg]
    """A page whose search is bounded like every other, and whose actions find nothing under what is no id."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, shorten(search_term))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(_is_value_of(self.model._meta.pk, pk) for pk in chosen):
            raise Http404
        return super().response_action(request, queryset, *args, **kwargs)


class ReadOnlyAdmin(SearchedAdmin):  # type: ignore[type-arg]
    """Rows that nobody edits by hand. What is kept encrypted is not shown."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who might change them, but for this, may use the actions."""
        return super().has_change_permission(request)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return encrypted_fields(self.model)


def _is_value_of(field: Field[Any, Any], text: str) -> bool:
    try:
        field.to_python(text)
    except ValidationError:
        return False
    return True
