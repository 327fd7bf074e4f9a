"""What super users choose for a connection."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from accounting.enums import InvoiceStatusRule, Kind, Way
from accounting.models import Connection, RemoteAccount, RemoteTaxRate
from accounting.queries.activity import SHOWS, Wanted
from accounting.queries.setup import (
    mapped_rates,
    mapping_of,
    payment_accounts,
    revenue_accounts,
    revenue_rates,
    same_percent,
)
from accounting.resources.rules import rules_from
from accounting.sync.mapping import Choices
from catalogue.models import TaxRate
from catalogue.queries import active_tax_rates
from core.templatetags.display import quantity
from workspaces.enums import ActorKind

NOT_CHOSEN = ("", "Choose one")
NOT_MATCHED = ("", "Not matched")
MEANS = {
    InvoiceStatusRule.WITH_STATUS: "a draft here is a draft in Xero, and each later step follows, both ways.",
    InvoiceStatusRule.DRAFT: "your bookkeeper checks it in Xero and approves it there.",
    InvoiceStatusRule.SUBMITTED: "your bookkeeper only has to approve it in Xero.",
    InvoiceStatusRule.AUTHORISED: "it counts in Xero at once, and payments can be recorded on it.",
}
RULES = [(rule, f"{rule.label}: {what}") for rule, what in MEANS.items()]
OTHER_PERCENT = "Choose one of the same percentage: with another one, the totals of both sides would differ."


class TenantForm(forms.Form):
    """Which of the organisations that Xero let us into."""

    tenant_id = forms.ChoiceField(label="Organisation", widget=forms.RadioSelect)
    move = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tenants: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant_id"].choices = [(row["tenant_id"], row["name"]) for row in tenants]


class MappingForm(forms.Form):
    """The choices for a connection, from the organisation's own lists."""

    revenue_account_id = forms.ChoiceField(label="Default revenue account", required=False)
    default_rate = forms.ChoiceField(label="Default tax rate", required=False)
    payment_account_id = forms.ChoiceField(label="Payment account", required=False)
    invoice_status = forms.ChoiceField(
        label="When invoices go to Xero",
        required=False,
        widget=forms.RadioSelect,
        choices=RULES,
    )

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rates = list(active_tax_rates())
        self._offered = list(revenue_rates(connection))
        self._codes = mapped_rates(connection)
        self._put_choices(connection)
        for rate in self.rates:
            self.fields[_field(rate.pk)] = self._rate_field(rate)
        self._put_initial(connection)

    def _put_choices(self, connection: Connection) -> None:
        for name, rows in (
            ("revenue_account_id", revenue_accounts(connection)),
            ("payment_account_id", payment_accounts(connection)),
        ):
            named = [(row.account_id, _account_name(row, connection.currency)) for row in rows]
            self.fields[name].choices = [NOT_CHOSEN, *named]
        rates = [(rate.code, _rate_name(rate)) for rate in self._offered]
        self.fields["default_rate"].choices = [NOT_CHOSEN, *rates]

    def _put_initial(self, connection: Connection) -> None:
        """What is chosen now. A choice that broke is not among what is offered, so it shows as not chosen."""
        mapping = mapping_of(connection)
        default = next((rate for rate in self.rates if rate.is_default), None)
        self.initial = {
            "revenue_account_id": mapping.revenue_account_id if mapping else "",
            "payment_account_id": mapping.payment_account_id if mapping else "",
            "invoice_status": rules_from(mapping).invoice_status,
            "default_rate": self._codes.get(default.pk, "") if default else "",
            **{_field(rate.pk): self._codes.get(rate.pk, "") for rate in self.rates},
        }

    def _rate_field(self, rate: TaxRate) -> forms.ChoiceField:
        """Only rates of the same percentage fit; another one that is sent is refused with the reason."""
        fitting = same_percent(self._offered, rate.percent)
        field = forms.ChoiceField(
            label=_rate_name(rate),
            required=False,
            choices=[NOT_MATCHED, *((there.code, there.name) for there in fitting)],
            error_messages={"invalid_choice": OTHER_PERCENT},
            disabled=not fitting,
        )
        if not fitting:
            field.help_text = f"Xero has no active rate of {quantity(rate.percent)}% for sales."
        return field

    def rate_fields(self) -> list[forms.BoundField]:
        """A field for each of our tax rates."""
        return [self[_field(rate.pk)] for rate in self.rates]

    def offered(self) -> list[RemoteTaxRate]:
        """The organisation's tax rates that sales may have."""
        return self._offered

    def choices(self) -> Choices:
        """What was chosen. Call when valid."""
        told = self.cleaned_data
        return Choices(
            revenue_account_id=told["revenue_account_id"],
            payment_account_id=told["payment_account_id"],
            invoice_status=told["invoice_status"],
            default_rate=told["default_rate"],
            rates={rate.pk: told[_field(rate.pk)] for rate in self.rates},
        )


def _account_name(account: RemoteAccount, currency: str) -> str:
    foreign = account.currency and account.currency != currency
    return f"{account} ({account.currency})" if foreign else str(account)


def _rate_name(rate: TaxRate | RemoteTaxRate) -> str:
    """Its name, with the percentage unless the name tells it."""
    percent = quantity(rate.percent)
    told = f"{percent}%" in rate.name.replace(" ", "")
    return rate.name if told else f"{rate.name} ({percent}%)"


def _field(pk: UUID) -> str:
    return f"rate_{pk}"


YEARS = "Choose a date from 2000 to 2099."
DAYS = [MinValueValidator(dt.date(2000, 1, 1), YEARS), MaxValueValidator(dt.date(2099, 12, 31), YEARS)]


def _day_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    words = {"invalid": "Write a date like 2026-11-28."}
    return forms.DateField(
        label=label,
        required=False,
        widget=widget,
        validators=DAYS,
        error_messages=words,
        input_formats=["%Y-%m-%d"],
    )


def _one_of(label: str, choices: list[tuple[Any, Any]]) -> forms.ChoiceField:
    words = {"invalid_choice": "There is no such choice. Pick one of the list."}
    return forms.ChoiceField(label=label, required=False, choices=choices, error_messages=words)


class ActivityForm(forms.Form):
    """What the activity is narrowed by, as the address says it."""

    kind = _one_of("Record", [("", "Any record"), *Kind.choices])
    way = _one_of("Way", [("", "Any way"), *Way.choices])
    by = _one_of("By", [])
    since = _day_field("From")
    until = _day_field("To")

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
