"""Which organisation the workspace is connected to."""

from __future__ import annotations

from typing import Any

from django import forms


class TenantForm(forms.Form):
    """Which of the organisations that Xero let us into."""

    tenant_id = forms.ChoiceField(label="Organisation", widget=forms.RadioSelect)
    move = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tenants: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant_id"].choices = [(row["tenant_id"], row["name"]) for row in tenants]
