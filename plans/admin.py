"""What the people who run Tandem sell, and put workspaces on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.admin import SearchedAdmin
from plans.enums import Feature
from plans.models import Plan, Subscription
from plans.services import ENDS_BEFORE, change_plan


class PlanForm(forms.ModelForm):
    """A plan and what it has."""

    features = forms.MultipleChoiceField(
        choices=Feature.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


@admin.register(Plan)
class PlanAdmin(SearchedAdmin):
    form = PlanForm
    list_display = ["name", "slug", "price", "features", "order"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


class SubscriptionForm(forms.ModelForm):
    """What a workspace is on."""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        until = values.get("until")
        begins = timezone.now() if "plan" in self.changed_data else self.instance.since
        if until and until <= begins:
            self.add_error("until", ENDS_BEFORE)
        return values


@admin.register(Subscription)
class SubscriptionAdmin(SearchedAdmin):
    """One row a workspace. It is changed and never deleted: without a row a workspace would have everything."""

    form = SubscriptionForm
    fields = ["workspace", "plan", "until", "since", "source"]
    readonly_fields = ["since", "source"]
    list_display = ["workspace", "plan", "standing", "since", "until"]
    list_filter = ["plan", "until"]
    list_select_related = ["workspace", "plan"]
    search_fields = ["workspace__name", "workspace__slug", "plan__name"]
    autocomplete_fields = ["workspace"]

    def get_readonly_fields(self, request: HttpRequest, obj: Subscription | None = None) -> list[str]:
        """A subscription is not handed on."""
        return [*self.readonly_fields, "workspace"] if obj else [*self.readonly_fields]

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        saved = change_plan(workspace=obj.workspace, plan=obj.plan, until=obj.until, by=request.user)
        obj.pk = saved.pk

    def has_delete_permission(self, request: HttpRequest, obj: Subscription | None = None) -> bool:
        return False
