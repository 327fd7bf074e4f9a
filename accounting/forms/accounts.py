"""Where sales and payments are booked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounting.forms.sections import NOT_CHOSEN, Group, Section, account_name, choice_of
from accounting.queries.offers import payment_accounts, revenue_accounts, service_accounts
from catalogue.queries import active_services

SALES = "Sales are booked to it. A line that was given another account, here or by your bookkeeper, keeps that one."
MONEY = "Payments recorded in Tandem are booked to this bank account."
SERVICES = "New lines of a service start with its account. Lines that are in Xero already stay where they are booked."


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
        self.initial = {name: getattr(self.mapping, name) for name in self.fields}
        self._fill_services()

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
        return {**super().chosen(told), "services": services}


def _field(pk: UUID) -> str:
    return f"service_{pk}"
