"""What an organisation is known not to take of an invoice."""

from __future__ import annotations

from collections.abc import Iterable

from accounting.models import Connection
from invoices.models import Invoice
from lines.enums import LineAmounts
from lines.signals import Objection

NO_RATE = (
    "Choose a tax rate: Xero takes no line without one. For a line that is free of tax, choose a rate of 0%."
)


def objections_to(invoice: Invoice, connection: Connection) -> Iterable[Objection]:
    """A sentence for each, by the field that it is about."""
    yield from _currency_problem(invoice, connection)
    yield from _lines_without_a_rate(invoice)


def _lines_without_a_rate(invoice: Invoice) -> list[Objection]:
    """Xero takes no line of a taxed invoice without a rate, and nothing that is chosen later would mend it. One that
    only says something needs none."""
    if invoice.amounts == LineAmounts.NO_TAX:
        return []
    lines = invoice.lines.all()  # those that are loaded: the engine asks for many invoices in a row
    missing = (line for line in lines if line.tax_rate_id is None and not line.is_text)
    return [Objection(NO_RATE, "tax_rate", line.position) for line in missing]


def _currency_problem(invoice: Invoice, connection: Connection) -> list[Objection]:
    enabled = {connection.currency, *connection.currencies}
    if invoice.currency in enabled or not connection.currencies:  # no list: it was not read yet
        return []
    told = (
        f"{connection.tenant_name} has no {invoice.currency} in Xero. Choose another currency, "
        "or add it in Xero and read the lists again in Settings > Accounting."
    )
    return [Objection(told, "currency")]
