"""Which organisation the workspace is connected to."""

from __future__ import annotations

from typing import Any

from django import forms

from accounting.queries.setup import country_name


class TenantForm(forms.Form):
    """Which of the organisations that Xero let us into."""

    tenant_id = forms.ChoiceField(label="Organisation", widget=forms.RadioSelect)
    move = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tenants: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant_id"].choices = [(row["tenant_id"], _described(row)) for row in tenants]
        if len(tenants) == 1:
            self.fields["tenant_id"].widget = forms.HiddenInput()


def _described(tenant: dict[str, Any]) -> str:
    """With its country and currency: two companies of one name are told apart by them."""
    where = ", ".join(filter(None, (country_name(tenant.get("country", "")), tenant.get("currency", ""))))
    return f"{tenant['name']} ({where or 'country and currency could not be read'})"
