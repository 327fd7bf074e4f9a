"""Who decides about the fields of a contact."""

from __future__ import annotations

from typing import Any

from django import forms

from accounting.choices import MatchBy, Owner, Unmatched
from accounting.forms.sections import Group, Section, choice_of
from accounting.port.documents import Kind, facts_of, shape_of
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import rules_from

OWNERS = [(owner.value, str(owner.label)) for owner in Owner]
WHO = (
    "Both sides: a change on either is on the other, and where both changed it you decide. Tandem: what is changed in"
    " Xero is overwritten. Xero: it is changed there only, and follows here."
)

SHARED = "What a customer and its contact must share"
MATCH = {
    MatchBy.ANY: "the reference (Xero's account number), the tax number, the e-mail or the name.",
    MatchBy.REFERENCE: "it stands in Xero as the account number.",
    MatchBy.EMAIL: "where every customer has an address of its own.",
    MatchBy.NAME: "written alike, but for forms like Ltd.",
}
MATCHING = [(rule.value, f"{rule.label}: {what}") for rule, what in MATCH.items()]
MATCHED = "A dry run links these without asking, where the names agree too. What shares something else is a question."
NOWHERE = "A customer that is found nowhere in Xero"
UNMATCHED = [
    (Unmatched.CREATE.value, f"{Unmatched.CREATE.label}: a contact is made for it."),
    (Unmatched.ASK.value, f"{Unmatched.ASK.label}: you decide about each in the dry run."),
]
NOT_FOUND = "Nothing is written before you confirm the dry run, whatever you choose here."


class Owned(Section):
    """One choice for each field that one side may decide about alone."""

    title = "Contacts"
    anchor = "contacts"

    def fill(self) -> None:
        self._fill_matching()
        self._fields = [(kind, name) for kind in push_order() for name in get_resource(kind).ownable]
        rules = rules_from(self.mapping)
        for kind, name in self._fields:
            label = facts_of(shape_of(kind))[name].label
            self.fields[_field(kind, name)] = choice_of(label, OWNERS, "")
            self.initial[_field(kind, name)] = rules.owners_of(kind).get(name, "")
        names = tuple(_field(kind, name) for kind, name in self._fields)
        self.groups.append(Group("Who decides what a contact says", WHO, names))

    def _fill_matching(self) -> None:
        rules = rules_from(self.mapping)
        self.fields["match_by"] = choice_of(SHARED, MATCHING, MATCHED, widget=forms.RadioSelect)
        self.fields["unmatched"] = choice_of(NOWHERE, UNMATCHED, NOT_FOUND, widget=forms.RadioSelect)
        self.initial |= {"match_by": rules.match_by, "unmatched": rules.unmatched}

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        owners: dict[Kind, dict[str, str]] = {}
        for kind, name in self._fields:
            owners.setdefault(kind, {})[name] = told[_field(kind, name)]
        return {**super().chosen(told), "owners": owners}


def _field(kind: Kind, name: str) -> str:
    return f"owner_{kind}_{name}"
