"""Short ways to make, through the official SDK, what its tests need."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from xero_python.accounting import (
    Account,
    AccountingApi,
    Contact,
    Contacts,
    CurrencyCode,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    Payment,
    Payments,
)


def make_contact(xero: AccountingApi, tenant: str, name: str = "Ann Archer") -> Contact:
    sent = Contacts(contacts=[Contact(name=name, email_address="ann@archer.example", contact_number="T-1")])
    return xero.create_contacts(tenant, sent, summarize_errors=False, _request_timeout=5).contacts[0]


def make_invoice(xero: AccountingApi, tenant: str, contact: Contact, **fields: Any) -> Invoice:
    sent = Invoice(
        type="ACCREC",
        contact=Contact(contact_id=contact.contact_id),
        date=date(2026, 11, 1),
        due_date=date(2026, 11, 30),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        currency_code=CurrencyCode.NZD,
        status="AUTHORISED",
        line_items=[
            LineItem(
                description="Roses", quantity=Decimal(3), unit_amount=Decimal("9.9975"), account_code="200"
            )
        ],
        **fields,
    )
    answer = xero.create_invoices(
        tenant,
        Invoices(invoices=[sent]),
        summarize_errors=False,
        unitdp=4,
        idempotency_key="k-1",
        _request_timeout=5,
    )
    return answer.invoices[0]


def pay(xero: AccountingApi, tenant: str, invoice: Invoice, amount: str) -> Payment:
    bank = xero.get_accounts(tenant, where='Type=="BANK" AND Code=="090"', _request_timeout=5).accounts[0]
    sent = Payment(
        invoice=Invoice(invoice_id=invoice.invoice_id),
        account=Account(account_id=bank.account_id),
        date=date(2026, 11, 5),
        amount=Decimal(amount),
        reference="cheque",
    )
    return xero.create_payments(tenant, Payments(payments=[sent]), _request_timeout=5).payments[0]
