"""What is known beforehand to be refused by the organisation, so that it is said at the form and not days later."""

from __future__ import annotations

from accounting.models import Connection
from accounting.queries.setup import connection_of_workspace
from invoices.models import Invoice
from invoices.signals import Objection


def objections_to(invoice: Invoice) -> list[Objection]:
    """Why the workspace's organisation would not take this invoice. Nothing while none is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return []
    return [*_currency_problem(invoice, connection)]


def _currency_problem(invoice: Invoice, connection: Connection) -> list[Objection]:
    enabled = {connection.currency, *connection.currencies}
    if invoice.currency in enabled or not connection.currencies:  # no list: it was not read yet
        return []
    told = (
        f"{connection.tenant_name} has no {invoice.currency} in Xero. Choose another currency, "
        "or add it in Xero and read the lists again in Settings > Accounting."
    )
    return [Objection(told, "currency")]
