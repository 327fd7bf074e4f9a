"""Our tax rates and the organisation's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from accounting.forms.sections import NOT_CHOSEN, Group, Section, choice_of
from accounting.models import RemoteTaxRate
from accounting.queries.offers import mapped_rates, revenue_rates, same_percent
from catalogue.models import TaxRate
from catalogue.queries import active_tax_rates
from core.templatetags.display import quantity

NOT_MATCHED = ("", "Not matched")
OTHER_PERCENT = "Choose one of the same percentage: with another one, the totals of both sides would differ."
DEFAULT = "New invoice lines start with it. It is added to your tax rates under Xero's name."
MATCHES = (
    "Only rates of the same percentage are offered: with another one, the totals of both sides would differ."
)


class Tax(Section):
    """The rate that new lines start with, and which rate of the organisation each of ours is."""

    title = "Tax"
    anchor = "tax"

    def fill(self) -> None:
        self._rates = list(active_tax_rates())
        self._offered = list(revenue_rates(self.connection))
        codes = mapped_rates(self.connection)
        default = next((rate for rate in self._rates if rate.is_default), None)
        offered = [(rate.code, _rate_name(rate)) for rate in self._offered]
        self.fields["default_rate"] = choice_of("Default tax rate", [NOT_CHOSEN, *offered], DEFAULT)
        self.initial["default_rate"] = codes.get(default.pk, "") if default else ""
        for rate in self._rates:
            self.fields[_field(rate.pk)] = self._rate_field(rate)
            self.initial[_field(rate.pk)] = codes.get(rate.pk, "")
        if self._rates:
            names = tuple(_field(rate.pk) for rate in self._rates)
            self.groups.append(Group("Your tax rates in Xero", MATCHES, names))

    def _rate_field(self, rate: TaxRate) -> forms.ChoiceField:
        """Only rates of the same percentage fit; another one that is sent is refused with the reason."""
        fitting = same_percent(self._offered, rate.percent)
        why = "" if fitting else f"Xero has no active rate of {quantity(rate.percent)}% for sales."
        return choice_of(
            _rate_name(rate),
            [NOT_MATCHED, *((there.code, there.name) for there in fitting)],
            why,
            error_messages={"invalid_choice": OTHER_PERCENT},
            disabled=not fitting,
        )

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        rates = {rate.pk: told[_field(rate.pk)] for rate in self._rates}
        return {**super().chosen(told), "rates": rates}


def _rate_name(rate: TaxRate | RemoteTaxRate) -> str:
    """Its name, with the percentage unless the name tells it."""
    percent = quantity(rate.percent)
    told = f"{percent}%" in rate.name.replace(" ", "")
    return rate.name if told else f"{rate.name} ({percent}%)"


def _field(pk: UUID) -> str:
    return f"rate_{pk}"
