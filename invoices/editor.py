"""The editor of an invoice that is still open."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from invoices.forms import InvoiceForm
from invoices.models import Invoice, NumberSequence
from invoices.services import create_invoice
from lines.editor import Editor
from lines.forms import Words
from lines.numbering import upcoming_number
from lines.totals import LineInput
from workspaces.days import today
from workspaces.models import User, Workspace


class InvoiceEditor(Editor):
    """The editor of an invoice. A new one's page begins with today, and with the `customer` of this id."""

    words = Words("invoice", "invoiced")
    header_form = InvoiceForm

    def __init__(
        self, workspace: Workspace, invoice: Invoice | None = None, *, customer: str = "", **kwargs: Any
    ) -> None:
        initial = {} if invoice else {"issue_date": today(workspace), "customer": customer}
        super().__init__(workspace, invoice, initial=initial, **kwargs)

    @property
    def starts_empty(self) -> bool:
        """Whether nothing is known yet: then the page begins with the customer."""
        return not (self.header or self.form.is_bound or self.form["customer"].value())

    @cached_property
    def number_hint(self) -> str:
        return "" if self.header else upcoming_number(NumberSequence, Invoice, self.workspace)

    def create(self, *, lines: list[LineInput], by: User, approve: bool) -> Invoice:
        sent = {**self.form.values, "ticket": self.form.ticket}
        return create_invoice(workspace=self.workspace, lines=lines, by=by, approve=approve, **sent)

    def update(self, *, by: User, approve: bool) -> Invoice | None:
        return self.form.update(invoice=self.header, by=by, approve=approve)
