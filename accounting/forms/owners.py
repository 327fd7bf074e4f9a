"""Who decides about the fields of a contact."""

from __future__ import annotations

from typing import Any

from accounting.enums import Owner
from accounting.forms.sections import Group, Section, choice_of
from accounting.port.documents import Kind, facts_of, shape_of
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import rules_from

OWNERS = [(owner.value, str(owner.label)) for owner in Owner]
WHO = (
    "Both sides: a change on either is on the other, and where both changed it you decide. Tandem: what is changed in"
    " Xero is overwritten. Xero: it is changed there only, and follows here."
)


class Owned(Section):
    """One choice for each field that one side may decide about alone."""

    title = "Contacts"
    anchor = "contacts"

    def fill(self) -> None:
        self._fields = [(kind, name) for kind in push_order() for name in get_resource(kind).ownable]
        rules = rules_from(self.mapping)
        for kind, name in self._fields:
            label = facts_of(shape_of(kind))[name].label
            self.fields[_field(kind, name)] = choice_of(label, OWNERS, "")
            self.initial[_field(kind, name)] = rules.owners_of(kind).get(name, "")
        names = tuple(_field(kind, name) for kind, name in self._fields)
        self.groups.append(Group("Who decides what a contact says", WHO, names))

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        owners: dict[Kind, dict[str, str]] = {}
        for kind, name in self._fields:
            owners.setdefault(kind, {})[name] = told[_field(kind, name)]
        return {**super().chosen(told), "owners": owners}


def _field(kind: Kind, name: str) -> str:
    return f"owner_{kind}_{name}"
