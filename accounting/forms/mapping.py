"""Manage: everything a super user chooses for a connection, one section a subject."""

from __future__ import annotations

from typing import Any

from django import forms

from accounting.forms.accounts import Accounts
from accounting.forms.invoices import Invoices
from accounting.forms.owners import Owned
from accounting.forms.sections import Section
from accounting.forms.tax import Tax
from accounting.forms.tracking import Tracking
from accounting.models import Connection, Mapping
from accounting.queries.offers import mapping_of
from accounting.sync.mapping import Choices

SECTIONS: tuple[type[Section], ...] = (Accounts, Tracking, Tax, Invoices, Owned)


class MappingForm(forms.Form):
    """The choices for a connection, from the organisation's own lists. A choice that broke is not among what is
    offered, so it shows as not chosen."""

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mapping = mapping_of(connection) or Mapping()
        self.sections = [section(connection, mapping) for section in SECTIONS]
        for section in self.sections:
            self.fields.update(section.fields)
            self.initial.update(section.initial)

    def parts(self) -> list[tuple[Section, list[Any], list[tuple[Any, list[Any]]]]]:
        """Each section that has any fields, with them, and with its groups and theirs."""
        return [
            (
                section,
                [self[name] for name in section.alone],
                [(group, [self[name] for name in group.names]) for group in section.groups],
            )
            for section in self.sections
            if section.fields
        ]

    def choices(self) -> Choices:
        """What was chosen. Call when valid."""
        told: dict[str, Any] = {}
        for section in self.sections:
            told |= section.chosen(self.cleaned_data)
        return Choices(**told)
