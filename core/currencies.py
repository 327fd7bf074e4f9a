"""The currencies of the world, to choose from by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from django import forms

Choices = list[tuple[str, Any]]


@cache
def current_currencies() -> dict[str, str]:
    """ISO 4217 code -> name in English, of every currency that some country pays with today."""
    names = Locale("en").currencies
    spans = (span for spans in get_global("territory_currencies").values() for span in spans)
    codes = {code for code, _, end, is_tender in spans if end is None and is_tender}
    return {code: names.get(code, code) for code in sorted(codes)}


class CurrencyField(forms.ChoiceField):
    """A currency by its code. `prefer` puts some first; what is preferred can be chosen even when it is history."""

    def __init__(self, *, blank: str = "", **kwargs: Any) -> None:
        self.blank = blank
        messages = {"invalid_choice": "Choose a currency from the list.", "required": "Choose a currency."}
        super().__init__(choices=self._listed([]), error_messages=messages, **kwargs)

    def prefer(self, codes: Iterable[str]) -> None:
        """Offer these first, in their order."""
        self.choices = self._listed(list(dict.fromkeys(filter(None, codes))))

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).strip().upper()

    def _listed(self, first: list[str]) -> Choices:
        names = current_currencies()
        groups: Choices = [("", self.blank)] if self.blank else []
        if first:
            groups.append(("In use here", [(code, _told(code, names)) for code in first]))
        rest = [(code, _told(code, names)) for code in names if code not in first]
        return [*groups, ("All currencies", rest)]


def _told(code: str, names: dict[str, str]) -> str:
    return f"{code} – {names.get(code) or Locale('en').currencies.get(code, code)}"
