"""Which accounts of the connected organisation lines may be booked to."""

from __future__ import annotations

from accounting.models import RemoteAccount
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
