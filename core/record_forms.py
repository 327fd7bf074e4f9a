"""Forms that write a record: what they carry for themselves, so that nothing is made twice."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict

from core.tickets import SentBefore, Ticket, digest_of


class OnceForm(forms.Form):
    """A form that makes a record, and makes it once: it carries a token that is used up by what it makes."""

    data: QueryDict
    once = forms.UUIDField(
        required=False, initial=uuid4, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    @property
    def ticket(self) -> Ticket | None:
        """What the creating service wants to know of this form. Nothing, when no token came with it."""
        token = self.cleaned_data.get("once")
        uncounted = {self.add_prefix("once"), "csrfmiddlewaretoken"}
        typed = {name: self.data.getlist(name) for name in self.data if name not in uncounted}
        return Ticket(token, digest_of(typed)) if token else None

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, without what the form carries for itself."""
        return {name: value for name, value in self.cleaned_data.items() if name != "once"}

    def refuse_again(self, refused: SentBefore) -> None:
        """Say why, and take a new token: whoever saves again after reading it means it."""
        self.add_error(None, str(refused))
        self.data = self.data.copy()
        self.data[self.add_prefix("once")] = str(uuid4())
