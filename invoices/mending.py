"""What may be put right in an invoice that is issued, because the books on the other side do not take it as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from invoices.enums import InvoiceStatus
from invoices.models import Invoice, NumberSequence
from invoices.queries import lock_invoice
from invoices.services import reopen_invoice, update_invoice
from lines.changes import save_header
from lines.numbering import take_number
from lines.refusals import Locked
from workspaces.audit import log_action
from workspaces.models import User


@transaction.atomic
def book_lines(*, invoice: Invoice, lines: Collection[UUID], account: str, by: User | None) -> Invoice:
    """Book these of its lines to another account, by the id that it has in the books. Nothing that the customer holds
    changes, so it may be issued. Raises Locked when it is voided."""
    invoice = lock_invoice(invoice.pk)
    if invoice.status == InvoiceStatus.VOIDED:
        raise Locked(f"{invoice} is voided and can no longer change.")
    moved = list(invoice.lines.filter(pk__in=lines).exclude(account=account))
    for line in moved:
        line.account = account
        line.save(update_fields=["account"])
    if moved:
        save_header(invoice, [])
        log_action(target=invoice, action="invoice.booked", summary="Booked lines to another account", by=by)
    return invoice


@transaction.atomic
def reissue_invoice(
    *, invoice: Invoice, number: str | None = None, issue_date: dt.date | None = None, by: User | None
) -> Invoice:
    """Give it another number ("" for the next of the workspace's) or day, and issue it again if it was. It does not
    count as sent any more: the customer holds it as it was. The due date moves only where it would be before its day.

    Raises what `reopen_invoice`, `update_invoice` and `approve_invoice` raise; then nothing has changed.
    """
    invoice = lock_invoice(invoice.pk)
    was_issued = invoice.is_issued
    if was_issued:
        invoice = reopen_invoice(invoice=invoice, by=by)
    if number == "":
        number = take_number(NumberSequence, Invoice, invoice.workspace)
    due = max(invoice.due_date, issue_date) if issue_date else None
    return update_invoice(
        invoice=invoice, number=number, issue_date=issue_date, due_date=due, approve=was_issued, by=by
    )
