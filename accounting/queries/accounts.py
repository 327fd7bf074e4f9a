"""Which accounts of the connected organisation lines may be booked to."""

from __future__ import annotations

from accounting.models import Mapping, PaymentMapping, RemoteAccount
from accounting.queries.connections import connection_of_workspace
from accounting.queries.offers import revenue_accounts, service_accounts
from lines.signals import Accounts


def offered_accounts() -> Accounts | None:
    """Those of sales, as they were last read, each service's among them; None while no organisation is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return None
    known = {row.account_id: str(row) for row in RemoteAccount.objects.filter(connection=connection)}
    offered = list(revenue_accounts(connection).values_list("account_id", flat=True))
    chosen = service_accounts(connection).items()
    return Accounts(known, offered, {service: account for service, account in chosen if account in offered})


def payment_account_of(currency: str) -> RemoteAccount | None:
    """The account that payments in this currency are booked to; None while nothing is connected or chosen."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return None
    own = PaymentMapping.objects.filter(connection=connection, currency=currency).values_list("account_id")
    usual = Mapping.objects.filter(connection=connection).values_list("payment_account_id")
    chosen = (own.first() or usual.first() or ("",))[0]
    return RemoteAccount.objects.filter(connection=connection, account_id=chosen).first()
