"""Form fields that more than one page needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")


class AmountField(forms.DecimalField):
    """A number as people write it: 1250.5 or 1,250.50. A comma that may be a decimal sign (12,5) is refused."""

    default_error_messages = {
        "invalid": "Write a number like 1250.50.",
        "max_decimal_places": "Use at most %(max)s decimals.",
        "max_digits": "This number is too long.",
        "max_whole_digits": "This number is too large.",
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "control--num"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and GROUPED.fullmatch(text):
            text = text.replace(",", "")
        return super().to_python(text)


def rows_sent(data: Mapping[str, Any], prefix: str, *, most: int) -> int:
    """How many rows of a formset came, at most so many. What its count claims costs nothing by itself."""
    mark = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,6}})-")
    numbers = (int(found[1]) + 1 for name in data if (found := mark.match(name)))
    return min(max(numbers, default=0), most)


class SentFormSet(forms.BaseFormSet):
    """Makes forms for the rows that came, where Django makes as many as the request claims.

    A claim beyond `absolute_max` is refused with the sentence for too many forms.
    """

    def total_form_count(self) -> int:
        claimed = super().total_form_count()
        return (
            min(claimed, max(1, rows_sent(self.data, self.prefix, most=claimed)))
            if self.is_bound
            else claimed
        )
