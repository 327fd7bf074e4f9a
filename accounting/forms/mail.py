"""What a person wants to be mailed."""

from __future__ import annotations

from django import forms

from accounting.models import MailRule


class MailForm(forms.Form):
    """One of the rules."""

    rule = forms.ChoiceField(
        label="Mail me about what needs attention",
        choices=MailRule.choices,
        widget=forms.RadioSelect,
        help_text="Each is told once, and its end in the same thread. The morning is the workspace's, at seven.",
        error_messages={"required": "Choose one of these.", "invalid_choice": "Choose one of these."},
    )
