"""What the activity is narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from accounting.enums import Kind, Way
from accounting.queries.activity import SHOWS, Wanted
from core.forms import day_field
from workspaces.enums import ActorKind


def _one_of(label: str, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    words = {"invalid_choice": "There is no such choice. Pick one of the list."}
    return forms.ChoiceField(label=label, required=False, choices=choices, error_messages=words)


class ActivityForm(forms.Form):
    """What the activity is narrowed by, as the address says it."""

    kind = _one_of("Record", [("", "Any record"), *Kind.choices])
    way = _one_of("Way", [("", "Any way"), *Way.choices])
    by = _one_of("By", [])
    since = day_field("From")
    until = day_field("To")

    def __init__(self, query: QueryDict, *, people: list[tuple[str, str]]) -> None:
        super().__init__(query)
        others = [(kind.value, kind.label) for kind in (ActorKind.XERO, ActorKind.SYSTEM)]
        self.fields["by"].choices = [("", "Anybody"), *people, *others]
        self.show = query.get("show", "") if query.get("show") in SHOWS else ""
        self.query = {name: query[name] for name in self.fields if query.get(name)}

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "Choose a day that is not before the first one.")

    def wanted(self) -> Wanted | None:
        """What is asked for; None if that cannot be read, and the fields say why."""
        return Wanted(show=self.show, **self.cleaned_data) if self.is_valid() else None
