"""A day that a browser sends."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

YEARS = "Choose a date from 2000 to 2099."
DAYS = [MinValueValidator(dt.date(2000, 1, 1), YEARS), MaxValueValidator(dt.date(2099, 12, 31), YEARS)]


def day_field(label: str, hint: str = "") -> forms.DateField:
    """An optional day of this century, with its sentence. What is no day is told in a sentence."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    words = {"invalid": "Write a date like 2026-11-28."}
    return forms.DateField(
        label=label,
        help_text=hint,
        required=False,
        widget=widget,
        validators=DAYS,
        error_messages=words,
        input_formats=["%Y-%m-%d"],
    )
