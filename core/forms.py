"""Form fields that more than one page needs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from core.search import LONGEST

YEARS = "Choose a date from 2000 to 2099."
DAYS = [MinValueValidator(dt.date(2000, 1, 1), YEARS), MaxValueValidator(dt.date(2099, 12, 31), YEARS)]
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
            min(claimed, max(1, rows_sent(self.data, str(self.prefix), most=claimed)))
            if self.is_bound
            else claimed
        )


def as_typed(text: object, *, most: int = 255) -> str:
    """What somebody typed into a search, fit to be asked of the database: single blanks, no control characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(text or "")[: 2 * most])
    return " ".join(printable.split())[:most]


class Typed(NamedTuple):
    """What a combobox sent: the id it held, what its text box says, and what that said when the id was chosen."""

    value: str
    text: str
    label: str

    @property
    def is_chosen(self) -> bool:
        """Whether the id still stands for what the text box says."""
        return bool(self.value) and self.text == self.label


class Combobox(forms.TextInput):
    """Three inputs: `<name>` holds the id, `<name>-text` what is typed, `<name>-label` what the id is called.

    Without script only the text is ever changed, and `<name>-choice` is the answer when it was asked back. An id
    that comes alone is taken as it is.
    """

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        alone = data.get(f"{name}-choice") or (f"{name}-text" not in data and data.get(name))
        if alone:
            return Typed(str(alone), "", "")
        return Typed(
            str(data.get(name, "")), as_typed(data.get(f"{name}-text")), as_typed(data.get(f"{name}-label"))
        )

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}-text" not in data


class ComboboxField(forms.Field):
    """One row of many, found by typing. Draw it with `<c-combobox>`.

    `get(id)` answers the row or None; `find(text)` the rows that the text may mean, the best first, a handful at
    most; `facts(row)` what the page's scripts are to know of the chosen one. Rows in `kept` can be chosen whatever
    `get` says. Text is taken for a row only when it is all of its name; anything less is asked back.
    """

    widget = Combobox
    default_error_messages = {
        "invalid_choice": "This choice is no longer there. Pick another.",
        "ambiguous": "“%(text)s” may be one of several. Choose which.",
        "unknown": "Nothing is called “%(text)s”. Choose from the list.",
    }

    def __init__(
        self,
        *,
        get: Callable[[str], Any],
        find: Callable[[str], Sequence[Any]],
        facts: Callable[[Any], dict[str, Any]] = lambda row: {},
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.get, self.find, self.facts = get, find, facts
        self.kept: list[Any] = []

    def row(self, pk: object) -> Any:
        """The row with this id, or None."""
        kept = (row for row in self.kept if str(row.pk) == str(pk))
        return next(kept, None) or (self.get(str(pk)) if pk else None)

    def to_python(self, value: Any) -> Any:
        typed = value if isinstance(value, Typed) else Typed(str(value or ""), "", "")
        if typed.is_chosen:
            return self._known(typed.value)
        return self._named(typed.text) if typed.text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        chosen = data.value if isinstance(data, Typed) and data.is_chosen else data
        return str(initial or "") != str(chosen or "")

    def _known(self, pk: str) -> Any:
        if row := self.row(pk):
            return row
        raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")

    def _named(self, text: str) -> Any:
        found = self.find(text)
        named = [row for row in found if str(row).casefold() == text.casefold()]
        if len(named) == 1:
            return named[0]
        code = "ambiguous" if found else "unknown"
        raise forms.ValidationError(self.error_messages[code], code=code, params={"text": text})


def search_field(hint: str) -> forms.CharField:
    """What a list is searched for, with what it looks into in the box."""
    box = forms.TextInput(attrs={"type": "search", "placeholder": hint, "autocomplete": "off"})
    return forms.CharField(label="Search", required=False, max_length=LONGEST, widget=box)


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
