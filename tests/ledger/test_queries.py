"""The ledger of a customer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from core.testing import assert_queries
from customers.models import Customer
from invoices.enums import InvoiceStatus
from ledger.enums import Moved
from ledger.queries import Ledger, accounts_of
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.ledger.conftest import FIRST
from workspaces.models import Workspace

TODAY = FIRST + dt.timedelta(days=1)


def test_each_document_moves_the_balance(kea: Customer) -> None:
    told = [(entry.moved, entry.amount, entry.balance) for entry in reversed(list(Ledger(kea, "NZD")))]

    assert told == [
        (Moved.INVOICE, 100, 100),
        (Moved.INVOICE, 100, 200),
        (Moved.CREDIT_ELSEWHERE, -30, 170),
        (Moved.PAYMENT, -40, 130),
        (Moved.CREDIT_NOTE, -70, 60),
        (Moved.APPLIED_ELSEWHERE, 10, 70),
        (Moved.REFUND, 5, 75),
    ]


def test_it_comes_to_what_is_to_be_paid_less_the_credit_that_is_left(kea: Customer) -> None:
    (account,) = accounts_of(kea, today=TODAY)

    assert (account.due, account.overdue, account.credit) == (110, 40, 35)
    assert account.balance == Ledger(kea, "NZD").balance == 75


def test_page_of_it_reads_as_much_whatever_stands_before(kea: Customer) -> None:
    whole = list(Ledger(kea, "NZD"))
    paged = Ledger(kea, "NZD")
    with assert_queries(9):  # the count, six sums, what is newer, the page
        middle = paged[2:4]

    assert middle == whole[2:4]


def test_other_customers_and_currencies_are_apart(in_workspace: Workspace, kea: Customer) -> None:
    make_invoice(
        in_workspace, status=InvoiceStatus.APPROVED, customer=make_customer(in_workspace, name="Tui")
    )
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED, customer=kea, currency="USD")

    accounts = accounts_of(kea, today=TODAY)
    assert [(row.currency, row.balance) for row in accounts] == [("NZD", 75), ("USD", 100)]
    assert [Ledger(kea, row.currency).balance for row in accounts] == [75, Decimal(100)]


def test_customer_without_documents_owes_nothing_in_their_currency(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace, currency="EUR")

    (account,) = accounts_of(customer, today=TODAY)
    assert (account.currency, account.balance, len(Ledger(customer, "EUR"))) == ("EUR", 0, 0)
