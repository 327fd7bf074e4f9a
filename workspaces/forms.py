"""What people may decide about a workspace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from core import readings
from core.currencies import CurrencyField
from core.forms import ComboboxField
from core.record_forms import OnceForm
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.services import update_workspace
from workspaces.signals import usable_currencies
from workspaces.zones import find_zones, get_zone


class WorkspaceForm(forms.Form):
    """What is true of the whole workspace. It sends only what its user changed: what others, or Xero, set meanwhile
    stays."""

    read = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=120)
    currency = CurrencyField(help_text="What new customers and their invoices start with.")
    time_zone = ComboboxField(
        get=get_zone,
        find=find_zones,
        help_text="Decides what is overdue and which date a new invoice starts with. Dates already written stay.",
        error_messages={
            "required": "Choose the time zone.",
            "ambiguous": "“%(text)s” may be one of several. Choose which.",
            "unknown": "No time zone is called “%(text)s”. Write a city or a country.",
        },
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        shown = {name: getattr(workspace, name) for name in ("name", "currency")}
        shown["time_zone"] = workspace.time_zone or "UTC"
        self.workspace = workspace
        super().__init__(*args, initial={**shown, "read": readings.read("", shown).text()}, **kwargs)
        self.fields["currency"].prefer([workspace.currency], usable_currencies())

    def save(self, *, by: User) -> Workspace:
        """The workspace as it is then."""
        names = ("name", "currency", "time_zone")
        typed = {name: getattr(self.cleaned_data[name], "pk", self.cleaned_data[name]) for name in names}
        differing = readings.parse(self.cleaned_data["read"]).differing(typed)
        changes = {name: value for name, value in typed.items() if name in differing}
        return update_workspace(workspace=self.workspace, by=by, **changes)


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)


class InviteForm(OnceForm):
    """Who is invited, and as what."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.STAFF)


class NewMemberForm(forms.Form):
    """What an invited person who is new here tells of themselves."""

    name = forms.CharField(label="Your name", max_length=150)
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least ten characters: three or four words that do not belong together.",
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """The password is judged knowing whose it will be."""
        values: dict[str, Any] = super().clean() or {}
        if "password" in values:
            try:
                validate_password(values["password"], User(email=self.email, name=values.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values
