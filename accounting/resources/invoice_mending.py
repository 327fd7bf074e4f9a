"""How an invoice is put right from the page of the cause that holds it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from accounting.enums import Kind
from accounting.models import Link
from accounting.port.meanings import Fix
from accounting.resources.desk import Desk
from accounting.resources.mending import Mending
from core.templatetags.display import day as say_day
from invoices.mending import book_lines, reissue_invoice
from invoices.models import Invoice, InvoiceLine
from workspaces.models import User


class InvoiceMending(Mending):
    """Its lines may be booked elsewhere as they are; for another number or day it is issued anew."""

    pages = {Fix.MEND: "invoices:edit", Fix.REVERSE_PAYMENTS: "payments:void"}

    def rebook(self, record: Invoice, code: str, account_id: str, desk: Desk, by: User) -> str:
        agreed = _agreed_codes(desk.link(Kind.INVOICE, record.pk))
        lines = [line.pk for line in record.lines.all() if _is_booked_to(line, code, desk, agreed)]
        if not lines:
            return ""
        book_lines(invoice=record, lines=lines, account=account_id, by=by)
        return f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} booked to {desk.accounts[account_id]}"

    def recode(self, record: Invoice, codes: Collection[str], code: str, desk: Desk, by: User) -> str:
        """Its own rate stays: only what Xero calls it changes, so it is remembered with the link."""
        link = desk.link(Kind.INVOICE, record.pk)
        wrong = {each for each in codes if desk.tax_percents.get(each) == desk.tax_percents.get(code)} - {
            code
        }
        mine = {str(line.pk) for line in record.lines.all() if not line.is_text}
        agreed = link.base.get("lines", []) if link else []
        recoded = [line["tax_code"] for line in agreed if line["ref"] in mine and line["tax_code"] in wrong]
        if link is None or not recoded:
            return ""
        Link.objects.filter(pk=link.pk).update(recoded={**link.recoded, **dict.fromkeys(recoded, code)})
        return f"{len(recoded)} {'line' if len(recoded) == 1 else 'lines'} taxed as {desk.tax_names[code]} ({code})"

    def rename(self, record: Invoice, text: str, by: User) -> str:
        renamed = reissue_invoice(invoice=record, number=text, by=by)
        return f"becomes {renamed.number}"

    def redate(self, record: Invoice, day: dt.date, by: User) -> str:
        if record.issue_date >= day:
            return ""
        reissue_invoice(invoice=record, issue_date=day, by=by)
        return f"{say_day(record.issue_date)} becomes {say_day(day)}"


def _agreed_codes(link: Link | None) -> Mapping[str, str]:
    """The accounts that both sides agreed on, by our lines."""
    return {line["ref"]: line["account_code"] for line in link.base.get("lines", [])} if link else {}


def _is_booked_to(line: InvoiceLine, code: str, desk: Desk, agreed: Mapping[str, str]) -> bool:
    """Whether it goes there by a choice of its own, or because it is there already. What follows the settings follows
    them to the other account by itself."""
    if line.is_text:
        return False
    if chosen := desk.accounts.get(line.account):
        return chosen.code == code
    return str(line.pk) in agreed and agreed[str(line.pk)] == code
