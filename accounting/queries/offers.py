"""What the organisation offers to choose from, and what was chosen of it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from accounting.models import (
    Connection,
    Mapping,
    PaymentMapping,
    RemoteAccount,
    RemoteTaxRate,
    RemoteTrackingOption,
    ServiceMapping,
    TaxMapping,
)


def revenue_accounts(connection: Connection) -> QuerySet[RemoteAccount]:
    """The accounts sales may be booked to. System accounts take no invoice lines (Xero docs: Accounts)."""
    return RemoteAccount.objects.filter(
        connection=connection, active=True, account_class="REVENUE", system=False
    ).exclude(code="")


def payment_accounts(connection: Connection) -> QuerySet[RemoteAccount]:
    """The accounts money may arrive in."""
    return RemoteAccount.objects.filter(connection=connection, active=True, takes_payments=True)


def takes(account: RemoteAccount, currency: str, connection: Connection) -> bool:
    """Whether payments in this currency can be booked to the account: its own has to be theirs, or the organisation's
    (Xero docs: Payments, "Account")."""
    return account.currency in ("", currency, connection.currency)


def foreign_currencies(connection: Connection) -> list[str]:
    """The currencies of the organisation besides its own."""
    return sorted({*connection.currencies} - {connection.currency})


def payment_accounts_by_currency(connection: Connection) -> dict[str, str]:
    """Currency -> the id of the account that payments in it are booked to; of those that have one of their own."""
    chosen = PaymentMapping.objects.filter(connection=connection)
    return dict(chosen.values_list("currency", "account_id"))


def revenue_rates(connection: Connection) -> QuerySet[RemoteTaxRate]:
    """The tax rates that sales may have."""
    return RemoteTaxRate.objects.filter(connection=connection, active=True, for_revenue=True)


def mapped_rates(connection: Connection) -> dict[UUID, str]:
    """Our tax rate -> the code of the organisation's."""
    return dict(TaxMapping.objects.filter(connection=connection).values_list("tax_rate_id", "code"))


def service_accounts(connection: Connection) -> dict[UUID, str]:
    """Our service -> the id of the account that its lines start with."""
    chosen = ServiceMapping.objects.filter(connection=connection)
    return dict(chosen.values_list("service_id", "account_id"))


def offered_options(connection: Connection) -> dict[str, list[RemoteTrackingOption]]:
    """The options that new lines may have, by the ids of their tracking categories."""
    options: dict[str, list[RemoteTrackingOption]] = {}
    for row in RemoteTrackingOption.objects.filter(connection=connection, active=True):
        options.setdefault(row.category_id, []).append(row)
    return options


def mapping_of(connection: Connection) -> Mapping | None:
    """The connection's choices."""
    return Mapping.objects.filter(connection=connection).first()


def same_percent(rates: list[RemoteTaxRate], percent: Decimal) -> list[RemoteTaxRate]:
    """Those of the organisation's rates that come to the same tax."""
    return [rate for rate in rates if rate.percent == percent]
