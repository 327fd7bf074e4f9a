"""Every cause that docs/errors.md lists for Xero's messages: provoked, shown as one row, put right, synced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from accounting.models import Connection, Link, Operation, Problem
from accounting.providers.xero.meanings import MEANINGS
from accounting.queries.causes import OWN
from accounting.sync import problems, reference
from catalogue.models import TaxRate
from customers.services import create_customer
from tests.accounting.pages import url, words
from tests.sampling import mostly_long
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

MANUAL = Path(__file__).parents[2] / "docs" / "errors.md"
Sync = Callable[[], None]

SAID = {
    "number-taken": "Invoice # must be unique.",
    "closed-there": "Invoice not of valid status for modification",
    "has-payments": "This document cannot be edited as it has a payment or credit note allocated to it.",
    "due-date-missing": "The document DueDate field must be specified",
    "no-lines": "One or more line items must be specified",
    "description-missing": "Each line item must have a Description.",
    "description-too-long": "The line item Description cannot be longer than 4000 characters.",
    "too-long": "The Reference field cannot be longer than 255 characters.",
    "account-archived": "Account code '200' has been archived and cannot be used on this document.",
    "account-unusable": "Account code '610' is not a valid code for this document.",
    "account-missing": "Account code or ID must be specified for each line of an approved document.",
    "tax-misfit": "The TaxType code 'OUTPUT2' cannot be used with account code '200'.",
    "tax-rate-removed": "Tax rate must be Active",
    "tax-rate-unknown": (
        "The TaxType code 'X1' does not exist or cannot be used for this type of transaction."
    ),
    "tracking-option-unusable": "Tracking option 'North' of tracking category 'Region' is archived.",
    "tax-too-large": "TaxAmount cannot be greater than UnitAmount",
    "negative-total": "The total of an approved document cannot be negative.",
    "amount-too-large": "The LineAmount cannot be greater than 9,999,999,999.99.",
    "totals-differ": "The line total 1.00 does not match the expected line total 2.00",
    "currency-not-enabled": "Organisation is not subscribed to currency EUR",
    "bank-currency": (
        "The bank account's currency must be the currency of the document or of the organisation."
    ),
    "payment-account": "The payment account must be a bank account or have payments enabled.",
    "payment-account-archived": "The payment account is archived.",
    "period-locked": "The document date cannot be before the period lock date, currently set at 31 Mar 2026",
    "name-taken": "Please enter a unique Name.",
    "name-refused": "The contact name cannot contain angle brackets.",
    "name-missing": "The contact name must be specified.",
    "contact-archived": (
        "The specified contact details matched an archived contact. "
        "Archived contacts cannot currently be edited via the API."
    ),
    "website-refused": "Website must be valid",
    "reference-taken": "The Account Number already exists. Please enter a different Account Number.",
    "e-mail-refused": "Email address must be valid",
    "country-refused": "The country of an address may only contain letters.",
    "more-than-due": "Payment amount exceeds the amount outstanding on this document",
    "payment-not-positive": "The payment amount must be greater than zero.",
    "not-payable": "Payments can only be made against Authorised documents",
    "gone-there": "The document with the supplied id was not found for this endpoint.",
    "plan-limit": "You have reached the limit of invoices you can approve",
    "reconciled": "This payment cannot be edited as it has been reconciled with a Bank Statement",
    "made-by-expenses": "Sorry this was created by Xero Expenses and can't be modified via the API",
    "out-of-stock": "Insufficient stock. Items are eligible for backorder.",
}
"""Of each cause a message as Xero writes it. No element of a write is refused with that of `request-mixed-up`."""


def test_every_cause_of_xeros_has_a_message_here() -> None:
    assert {meaning.key for meaning in MEANINGS.values()} == {*SAID, "request-mixed-up"}
    assert len(SAID) >= 25


@pytest.mark.parametrize("key", mostly_long(SAID, quick=list(SAID)[::5]))
def test_cause_is_one_row_and_is_synced_once_it_is_put_right(
    sandbox: Handle,
    connected: Connection,
    gst: TaxRate,
    sync: Sync,
    staff_client: Client,
    in_workspace: Workspace,
    key: str,
) -> None:
    sandbox.faults.add("reject", match="Pip", message=SAID[key], times=None)
    for number in range(3):
        create_customer(workspace=in_workspace, by=None, name=f"Pip {number}")
    sync()
    sync()

    [row] = staff_client.get(url("problems", in_workspace)).context["rows"]
    assert (row.problem.key, row.count) == (key, 3)
    page = words(staff_client.get(url("problem", in_workspace, row.problem.pk)))
    assert SAID[key] in page
    assert row.fixer in page

    sandbox.faults.clear()
    staff_client.post(url("retry_alike", in_workspace, row.problem.pk))
    sync()
    problems.keep_up()

    assert (Operation.objects.count(), Link.objects.count()) == (0, 3)
    assert Problem.objects.get().closed_at is not None
    assert "Nothing needs you" in words(staff_client.get(url("problems", in_workspace)))


def test_cause_that_is_in_the_lists_puts_itself_right(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    sandbox.faults.add("reject", match="Pip", message=SAID["account-archived"], times=None)
    create_customer(workspace=connected.workspace, by=None, name="Pip")
    sync()
    reference.refresh_lists(connected)
    sync()
    assert Operation.objects.get().attempts > 1
    sandbox.faults.clear()
    books = sandbox.books()
    books.organisations.write(books.id, replace(books.organisation, period_lock_date=dt.date(2020, 1, 1)))

    reference.refresh_lists(connected)
    sync()
    problems.keep_up()

    assert Problem.objects.get().closed_at is not None


def test_manual_lists_every_cause_as_the_tables_have_it() -> None:
    said = MANUAL.read_text()
    rows = [line for line in said.splitlines() if line.startswith("| ") and not line.startswith("| part of")]
    theirs = [_row(f"“{part}”", meaning) for part, meaning in MEANINGS.items()]
    ours = [_row(f"“{part}”", meaning) for part, meaning in OWN]
    assert rows == [*theirs, *ours]


def _row(part: str, meaning: object) -> str:
    values = ("key", "cause", "words", "fixer", "fix")
    cells = [str(getattr(meaning, name)) or "the sentence itself" for name in values]
    return "| " + " | ".join([part, *cells]) + " |"
