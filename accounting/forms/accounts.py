"""Where sales and payments are booked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from accounting.choices import PaymentsWay
from accounting.forms.sections import NOT_CHOSEN, Group, Section, account_name, choice_of
from accounting.queries.offers import (
    foreign_currencies,
    payment_accounts,
    payment_accounts_by_currency,
    revenue_accounts,
    service_accounts,
    takes,
)
from catalogue.queries import active_services

SALES = "Sales are booked to it. A line that was given another account, here or by your bookkeeper, keeps that one."
MONEY = "Payments recorded in Tandem are booked to this bank account."
SERVICES = "New lines of a service start with its account. Lines that are in Xero already stay where they are booked."

WAYS = {
    PaymentsWay.BOTH: "a payment recorded on either side is on the other in a moment.",
    PaymentsWay.TO: "what is paid in Xero does not count here.",
    PaymentsWay.FROM: "your bookkeeper records them; what is recorded here stays here.",
}
PAYMENTS = [(way.value, f"{way.label}: {what}") for way, what in WAYS.items()]
PAYMENTS_HINT = (
    "A payment that is on both sides already follows both ways, and one that was recorded on both is linked."
)

CURRENCIES = (
    "Payments in a currency go to its own account, if it has one. Xero takes them in an account of that currency or"
    " of your organisation's own; others are not offered."
)


class Accounts(Section):
    """The default account of sales, the account of each service, and where money arrives."""

    title = "Where things go"
    anchor = "accounts"

    def fill(self) -> None:
        currency = self.connection.currency
        self._sales = [(row.account_id, str(row)) for row in revenue_accounts(self.connection)]
        money = [(row.account_id, account_name(row, currency)) for row in payment_accounts(self.connection)]
        self.fields["revenue_account_id"] = choice_of(
            "Default revenue account", [NOT_CHOSEN, *self._sales], SALES
        )
        self.fields["payment_account_id"] = choice_of("Payment account", [NOT_CHOSEN, *money], MONEY)
        self.fields["payments_way"] = choice_of(
            "Which way payments go", PAYMENTS, PAYMENTS_HINT, widget=forms.RadioSelect
        )
        self.initial = {name: getattr(self.mapping, name) for name in self.fields}
        self._fill_currencies()
        self._fill_services()

    def _fill_currencies(self) -> None:
        """A field for each currency besides the organisation's own, with the accounts that take it."""
        self._currencies = foreign_currencies(self.connection)
        if not self._currencies:
            return
        chosen, accounts = (
            payment_accounts_by_currency(self.connection),
            list(payment_accounts(self.connection)),
        )
        for currency in self._currencies:
            fitting = [row for row in accounts if takes(row, currency, self.connection)]
            named = [(row.account_id, account_name(row, self.connection.currency)) for row in fitting]
            self.fields[_currency_field(currency)] = choice_of(
                currency, [("", "Payment account"), *named], ""
            )
            self.initial[_currency_field(currency)] = chosen.get(currency, "")
        names = tuple(map(_currency_field, self._currencies))
        self.groups.append(Group("Payments in other currencies", CURRENCIES, names))

    def _fill_services(self) -> None:
        self._services = list(active_services())
        if not self._services:
            return
        chosen = service_accounts(self.connection)
        for service in self._services:
            name = _field(service.pk)
            self.fields[name] = choice_of(service.name, [("", "Default account"), *self._sales], "")
            self.initial[name] = chosen.get(service.pk, "")
        names = tuple(_field(service.pk) for service in self._services)
        self.groups.append(Group("Accounts of your services", SERVICES, names))

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        services = {row.pk: told[_field(row.pk)] for row in self._services}
        money = {currency: told[_currency_field(currency)] for currency in self._currencies}
        return {**super().chosen(told), "services": services, "currency_accounts": money}


def _currency_field(currency: str) -> str:
    return f"currency_{currency}"


def _field(pk: UUID) -> str:
    return f"service_{pk}"
