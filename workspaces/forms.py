"""What people may decide about a workspace."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from workspaces.enums import Role
from workspaces.models import User


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)


class InviteForm(forms.Form):
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
