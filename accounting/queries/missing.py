"""What is still to be chosen before all goes through, and which choices broke since they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from accounting.enums import Choice
from accounting.models import Connection, Mapping, RemoteAccount, RemoteTaxRate, RemoteTrackingOption
from accounting.queries.allowed import lacking_kinds, name_of
from accounting.queries.connections import connection_of_workspace
from accounting.queries.limits import plan_limits
from accounting.queries.offers import (
    mapped_rates,
    mapping_of,
    payment_accounts_by_currency,
    service_accounts,
    takes,
)
from accounting.resources.registry import get_resource
from accounting.resources.tracking import chosen_options, say_broken
from catalogue.models import TaxRate
from catalogue.queries import active_services, active_tax_rates
from core.words import listed


@dataclass(frozen=True, slots=True)
class Lack:
    """A sentence about a choice. It is broken when it was made, and holds no more."""

    choice: Choice
    sentence: str
    is_broken: bool = False


def missing_setup(connection: Connection) -> list[str]:
    """A sentence for everything that has to be chosen before all goes through, and for every choice that broke."""
    return [lack.sentence for lack in _lacks(connection)]


def broken_choices(connection: Connection) -> list[str]:
    """Of these, the choices that were made and hold no more."""
    return [lack.sentence for lack in _lacks(connection) if lack.is_broken]


def obstacles_to(kind: str) -> list[str]:
    """What has to be chosen, or allowed in Xero, before records of this kind go there, a sentence each; nothing while
    not connected."""
    connection, wanted = connection_of_workspace(), get_resource(kind).choices
    if connection is None or not connection.is_active or not wanted:
        return []
    missing = [lack.sentence for lack in _lacks(connection) if lack.choice in wanted]
    if kind in lacking_kinds(connection):
        missing.insert(0, f"Xero must allow {name_of(kind)}: press Allow in Xero.")
    return [*missing, *(plan_limits(connection) if Choice.PLAN in wanted else ())]


def _lacks(connection: Connection) -> list[Lack]:
    if connection.reference_data_at is None:
        return [Lack(Choice.LISTS, "Xero's accounts and tax rates were not read yet.")]
    mapping = mapping_of(connection) or Mapping()
    accounts = {row.account_id: row for row in RemoteAccount.objects.filter(connection=connection)}
    return [
        *_account(Choice.REVENUE_ACCOUNT, "revenue account", mapping.revenue_account_id, accounts),
        *_service_accounts(connection, accounts),
        *_rates(connection),
        *_tracking(connection),
        *_account(Choice.PAYMENT_ACCOUNT, "payment account", mapping.payment_account_id, accounts),
        *_payment_accounts(connection, mapping, accounts),
    ]


def _tracking(connection: Connection) -> Iterator[Lack]:
    tracked = chosen_options(connection)
    if not tracked:
        return
    services = {None, *active_services().filter(pk__in=filter(None, tracked)).values_list("pk", flat=True)}
    chosen = {option for service in services for option in tracked.get(service, {}).values()}
    rows = RemoteTrackingOption.objects.filter(connection=connection, option_id__in=chosen)
    known = {row.option_id: row for row in rows}
    for told in sorted({say_broken(known.get(option)) for option in chosen} - {""}):
        yield Lack(Choice.TRACKING, f"{told}.", is_broken=True)


Accounts = dict[str, RemoteAccount]


def _account(choice: Choice, what: str, account_id: str, accounts: Accounts) -> Iterator[Lack]:
    if not account_id:
        yield Lack(choice, f"Choose the {what}.")
        return
    account = accounts.get(account_id)
    if account is None:
        yield Lack(choice, f"The {what} is not among Xero's accounts any more: choose another.", True)
    elif not account.active:
        yield Lack(choice, f"The {what} {account} was archived in Xero: choose another.", True)


def _service_accounts(connection: Connection, accounts: Accounts) -> Iterator[Lack]:
    chosen = service_accounts(connection)
    for service in active_services().filter(pk__in=chosen):
        yield from _account(Choice.REVENUE_ACCOUNT, f"account of “{service}”", chosen[service.pk], accounts)


def _payment_accounts(connection: Connection, mapping: Mapping, accounts: Accounts) -> Iterator[Lack]:
    """Those of single currencies, and currencies that the account for all the others cannot take."""
    chosen = payment_accounts_by_currency(connection)
    for currency, account_id in sorted(chosen.items()):
        yield from _account(Choice.PAYMENT_ACCOUNT, f"payment account for {currency}", account_id, accounts)
        if connection.currencies and currency not in {connection.currency, *connection.currencies}:
            told = f"{currency} is no longer enabled in Xero: payments in it cannot be sent."
            yield Lack(Choice.PAYMENT_ACCOUNT, told, True)
    account = accounts.get(mapping.payment_account_id)
    known = {connection.currency, *connection.currencies} - chosen.keys() - {""}
    if account is not None and (left := sorted(c for c in known if not takes(account, c, connection))):
        told = f"{account} takes only {account.currency}: choose a payment account for {listed(left)}."
        yield Lack(Choice.PAYMENT_ACCOUNT, told)


def _rates(connection: Connection) -> Iterator[Lack]:
    codes = mapped_rates(connection)
    remote = {row.code: row for row in RemoteTaxRate.objects.filter(connection=connection)}
    rates = list(active_tax_rates())
    if not any(rate.is_default for rate in rates):
        yield Lack(Choice.TAX_RATES, "Choose the default tax rate.")
    for rate in rates:
        code = codes.get(rate.pk, "")
        if told := _rate_problem(rate, code, remote):
            yield Lack(Choice.TAX_RATES, told, is_broken=bool(code))


def _rate_problem(rate: TaxRate, code: str, remote: dict[str, RemoteTaxRate]) -> str:
    if not code:
        return f"Match the tax rate “{rate}” to one of Xero's."
    there = remote.get(code)
    if there is None or not there.active:
        return f"The tax rate “{rate}” is matched to one that is gone from Xero: choose another."
    if not there.for_revenue:
        return f"“{there.name}” no longer goes with accounts of sales in Xero: match “{rate}” to another."
    if there.percent != rate.percent:
        return f"“{there.name}” has another percentage in Xero now: match “{rate}” to another."
    return ""
