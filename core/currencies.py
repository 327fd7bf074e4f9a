"""The currencies of the world, to choose from by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def prefer(self, codes: Iterable[str], groups: Iterable[tuple[str, Sequence[str]]] = ()) -> None:
        """Offer these first, in their order, and before them groups of others by their labels: a code of both stands
        in the group, ahead of what is in the group alone."""
        first = list(dict.fromkeys(filter(None, codes)))
        self.choices = self._listed(first, groups)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).strip().upper()

    def _listed(self, first: list[str], groups: Iterable[tuple[str, Sequence[str]]] = ()) -> Choices:
        listed: Choices = [("", self.blank)] if self.blank else []
        named: set[str] = set()
        for label, codes in (*groups, ("In use here", first), ("All currencies", [*current_currencies()])):
            ordered = [
                code for code in dict.fromkeys((*first, *codes)) if code in codes and code not in named
            ]
            if ordered:
                listed.append((label, [(code, _told(code)) for code in ordered]))
            named |= {*ordered}
        return listed


def _told(code: str) -> str:
    names = current_currencies()
    return f"{code} – {names.get(code) or Locale('en').currencies.get(code, code)}"
