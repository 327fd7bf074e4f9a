"""What is known beforehand to be refused by the organisation, so that it is said at the form and not days later."""

from __future__ import annotations

from accounting.models import Connection
from accounting.queries.setup import connection_of_workspace
from invoices.models import Invoice
from lines.enums import LineAmounts
from lines.signals import Objection

NO_RATE = (
    "Choose a tax rate: Xero takes no line without one. For a line that is free of tax, choose a rate of 0 %."
)


def objections_to(invoice: Invoice) -> list[Objection]:
    """Why the workspace's organisation would not take this invoice. Nothing while none is connected."""
    connection = connection_of_workspace()
    if connection is None or not connection.is_active:
        return []
    return [*_currency_problem(invoice, connection), *_lines_without_a_rate(invoice)]


def _lines_without_a_rate(invoice: Invoice) -> list[Objection]:
    """Xero takes no line of a taxed invoice without a rate, and nothing that is chosen later would mend it."""
    if invoice.amounts == LineAmounts.NO_TAX:
        return []
    missing = invoice.lines.filter(tax_rate=None).order_by("position").values_list("position", flat=True)
    return [Objection(NO_RATE, "tax_rate", position) for position in missing]


def _currency_problem(invoice: Invoice, connection: Connection) -> list[Objection]:
    enabled = {connection.currency, *connection.currencies}
    if invoice.currency in enabled or not connection.currencies:  # no list: it was not read yet
        return []
    told = (
        f"{connection.tenant_name} has no {invoice.currency} in Xero. Choose another currency, "
        "or add it in Xero and read the lists again in Settings > Accounting."
    )
    return [Objection(told, "currency")]
