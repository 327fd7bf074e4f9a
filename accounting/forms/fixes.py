"""What is asked before a cause is put right from its page."""

from __future__ import annotations

from typing import Any

from django import forms

from accounting.sync.fixes import Ask

NOT_OFFERED = "This is not offered (any more). Choose another."
LONGEST = 255


class FixForm(forms.Form):
    """The choice, one of those that are offered or a text; and the one operation that it is for, if not for all."""

    record = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ask: Ask, is_for_one: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"] = _offered(ask) if ask.options else _text(ask, is_for_one)


def _offered(ask: Ask) -> forms.Field:
    options = [("", "Choose one"), *ask.options] if len(ask.options) > 1 else list(ask.options)
    words = {"required": "Choose one of these.", "invalid_choice": NOT_OFFERED}
    return forms.ChoiceField(label=ask.label, choices=options, help_text=ask.hint, error_messages=words)


def _text(ask: Ask, is_for_one: bool) -> forms.Field:
    """A text is of one record: all of them at once get what is free."""
    words = {"required": f"Write a {ask.label.lower()}."}
    return forms.CharField(
        label=ask.label, help_text=ask.hint, initial=ask.text, max_length=LONGEST, error_messages=words,
        required=not ask.may_be_empty, widget=forms.TextInput if is_for_one else forms.HiddenInput,
    )  # fmt: skip
