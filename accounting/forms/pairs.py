"""What is asked when records are paired or left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from accounting.enums import Until
from core.forms import day_field


class ConfirmForm(forms.Form):
    """Which version stands where a linked pair differs."""

    keep = forms.ChoiceField(
        label="Where a linked pair says different things",
        widget=forms.RadioSelect,
        initial="theirs",
        choices=[("theirs", "Take Xero's version here"), ("ours", "Send ours to Xero")],
    )


class DecisionsForm(forms.Form):
    """The decisions of a dry run as a file."""

    file = forms.FileField(
        label="Edited CSV", max_length=200, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )


class IgnoreForm(forms.Form):
    """Until when, and a reason. `today` is the workspace's."""

    until = forms.ChoiceField(
        label="Leave it out",
        widget=forms.RadioSelect,
        initial=Until.CHANGE,
        choices=[(until, until.label) for until in (Until.CHANGE, Until.DAY, Until.GOOD)],
    )
    day = day_field("Until which day")
    reason = forms.CharField(label="Why", required=False, max_length=200)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean(self) -> None:
        until, day = self.cleaned_data.get("until"), self.cleaned_data.get("day")
        if until != Until.DAY:
            self.cleaned_data["day"] = None
        elif "day" not in self.errors and day is None:
            self.add_error("day", "Choose the day on which it comes back.")
        elif day and day <= self._today:
            self.add_error("day", "Choose a day after today.")
