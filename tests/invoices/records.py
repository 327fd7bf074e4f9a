"""What tests read off an invoice."""

from __future__ import annotations

from typing import Any

from invoices.models import Invoice
from workspaces.queries import history_of


def inputs_of(invoice: Invoice) -> list[Any]:
    return [line.as_input() for line in invoice.lines.all()]


def summaries(invoice: Invoice) -> list[str]:
    return [entry.summary for entry in history_of(invoice.pk)]
