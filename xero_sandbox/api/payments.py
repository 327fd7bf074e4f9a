"""/Payments. The list holds deleted payments as well; callers filter by Status."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.invoice_shape import contact_stub
from xero_sandbox.api.listing import candidates, list_page
from xero_sandbox.api.where import Getter
from xero_sandbox.books import Books
from xero_sandbox.documents import Account, Invoice, Payment
from xero_sandbox.errors import NotFound
from xero_sandbox.wire import ms_date, ms_stamp, second_string
from xero_sandbox.writes.payment_targets import Target


def list_payments(call: Call, books: Books) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    page = list_page(call, candidates(call, books.payments), [], _fields(books))
    return [payment_json(payment, books) for payment in page.records], page.pagination


def get_payment(call: Call, books: Books, key: str) -> dict[str, Any]:
    payment = books.payments.get(key.lower())
    if payment is None:
        raise NotFound()
    return payment_json(payment, books)


def written_payment(payment: Payment, call: Call, books: Books) -> dict[str, Any]:
    return payment_json(payment, books)


def payment_json(payment: Payment, books: Books) -> dict[str, Any]:
    target, account = payment_target(payment, books), books.accounts.get(payment.account_id)
    assert account is not None
    return {
        "PaymentID": payment.id,
        "Date": ms_date(payment.date),
        "BankAmount": payment.bank_amount,
        "Amount": payment.amount,
        "Reference": payment.reference,
        "CurrencyRate": payment.currency_rate,
        "PaymentType": payment_type(target),
        "Status": payment.status,
        "UpdatedDateUTC": ms_stamp(payment.updated),
        "UpdatedDateUTCString": second_string(payment.updated),
        "HasAccount": True,
        "IsReconciled": payment.is_reconciled,
        "Account": _account(account),
        **_target(target, books),
        "HasValidationErrors": False,
    }


def payment_target(payment: Payment, books: Books) -> Target:
    found = books.invoices.get(payment.invoice_id) or books.credit(payment.credit_id)
    assert found is not None
    return found


def payment_type(target: Target) -> str:
    """ACCRECPAYMENT and ACCPAYPAYMENT pay; ARCREDITPAYMENT and its like pay credit out."""
    if isinstance(target, Invoice):
        return f"{target.type}PAYMENT"
    side = "AR" if target.settles == "ACCREC" else "AP"
    return f"{side}{target.kind.removesuffix('Note').upper()}PAYMENT"


def _target(target: Target, books: Books) -> dict[str, Any]:
    if isinstance(target, Invoice):
        return {"Invoice": _invoice(target, books)}
    shape: dict[str, Any] = {
        "Type": target.type,
        f"{target.kind}ID": target.id,
        "ID": target.id,
        "RemainingCredit": target.remaining,
        "Contact": contact_stub(target.contact_id, books),
        "LineItems": [],
        "CurrencyCode": target.currency_code,
    }
    return {target.kind: shape | ({target.number_field: target.number} if target.number_field else {})}


def _account(account: Account) -> dict[str, str]:
    shape = {"AccountID": account.id, "Name": account.name}
    return shape | ({"Code": account.code} if account.code else {})


def _invoice(invoice: Invoice, books: Books) -> dict[str, Any]:
    return {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Payments": [],
        "CreditNotes": [],
        "Prepayments": [],
        "Overpayments": [],
        "AmountDue": invoice.amount_due,
        "HasErrors": False,
        "IsDiscounted": False,
        "Contact": contact_stub(invoice.contact_id, books),
        "LineItems": [],
        "CurrencyCode": invoice.currency_code,
    }


def _fields(books: Books) -> dict[str, Getter]:
    def number(payment: Payment) -> str | None:
        target = payment_target(payment, books)
        return target.number if isinstance(target, Invoice) else None

    return {
        "paymentid": lambda payment: payment.id,
        "paymenttype": lambda payment: payment_type(payment_target(payment, books)),
        "status": lambda payment: payment.status,
        "date": lambda payment: payment.date,
        "amount": lambda payment: payment.amount,
        "reference": lambda payment: payment.reference,
        "invoice.invoiceid": lambda payment: payment.invoice_id or None,
        "invoice.invoicenumber": number,
        "creditnote.creditnoteid": lambda payment: payment.credit_id or None,
        "updateddateutc": lambda payment: payment.updated,
    }
