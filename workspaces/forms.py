"""What people may decide about a workspace."""

from __future__ import annotations

from django import forms

from workspaces.enums import Role


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)
