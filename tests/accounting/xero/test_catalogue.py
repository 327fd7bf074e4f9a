"""Every refusal of Xero's that was ever seen, word for word, and the shapes it comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import ErrorClass, OpState
from accounting.models import Connection, Operation
from accounting.port.meanings import Fixer
from accounting.providers.xero import answers
from accounting.providers.xero.catalogue import explain, meaning_of
from accounting.providers.xero.kinds.registry import codec_of
from accounting.queries.problems import name_failures
from catalogue.models import TaxRate
from customers.services import create_customer
from xero_sandbox.handle import Handle

SEEN = [
    ("Invoice # must be unique.", "number taken", Fixer.MEMBER),
    ("Invoice not of valid status for modification", "closed in Xero", Fixer.BOOKKEEPER),
    (
        "This document cannot be edited as it has a payment or credit note allocated to it.",
        "has payments",
        Fixer.BOOKKEEPER,
    ),
    (
        "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
        "has payments",
        Fixer.BOOKKEEPER,
    ),
    (
        "To update fields on a paid invoice line item, you must supply a LineItemID",
        "has payments",
        Fixer.BOOKKEEPER,
    ),
    ("The document DueDate field must be specified", "due date missing", Fixer.MEMBER),
    ("One or more line items must be specified", "no lines", Fixer.MEMBER),
    ("Account code 'ZZZ' is not a valid code for this document.", "account unusable", Fixer.SUPER_USER),
    (
        "Account code '600' has been removed as it does not match a recognised account.",
        "account unusable",
        Fixer.SUPER_USER,
    ),
    ("The TaxType code 'X' cannot be used with account code 'Y'.", "tax does not fit", Fixer.SUPER_USER),
    ("Tax rate must be Active", "tax rate removed", Fixer.SUPER_USER),
    ("TaxAmount cannot be greater than UnitAmount", "tax too large", Fixer.MEMBER),
    ("Organisation is not subscribed to currency EUR", "currency not enabled", Fixer.BOOKKEEPER),
    (
        "The document date cannot be before the period lock date, currently set at 31 Mar 2026",
        "period locked",
        Fixer.BOOKKEEPER,
    ),
    (
        "The document date cannot be before the end of year lock date, currently set at 31 Mar 2026",
        "period locked",
        Fixer.BOOKKEEPER,
    ),
    (
        "The contact name X is already assigned to another contact. "
        "The contact name must be unique across all active contacts.",
        "name taken",
        Fixer.MEMBER,
    ),
    (
        "The specified contact details matched an archived contact. "
        "Archived contacts cannot currently be edited via the API.",
        "contact archived",
        Fixer.BOOKKEEPER,
    ),
    ("Please enter a unique Name.", "name taken", Fixer.MEMBER),
    ("Email address must be valid", "e-mail refused", Fixer.MEMBER),
    ("Payment amount exceeds the amount outstanding on this document", "more than is due", Fixer.MEMBER),
    (
        "Payments can only be made against Authorised documents",
        "not payable in Xero",
        Fixer.BOOKKEEPER,
    ),
    (
        "The document with the supplied id was not found for this endpoint.",
        "gone in Xero",
        Fixer.BOOKKEEPER,
    ),
    (
        "An existing Credit Note with the specified CreditNoteID could not be found",
        "gone in Xero",
        Fixer.BOOKKEEPER,
    ),
    ("You have reached the limit of invoices you can approve", "plan limit", Fixer.BOOKKEEPER),
    (
        "Bank accounts must use the same currency as the organisations base currency",
        "bank account in another currency",
        Fixer.SUPER_USER,
    ),
    (
        "This payment cannot be edited as it has been reconciled with a Bank Statement",
        "reconciled",
        Fixer.BOOKKEEPER,
    ),
    (
        "Sorry this was created by Xero Expenses and can't be modified via the API",
        "made by Xero Expenses",
        Fixer.BOOKKEEPER,
    ),
    ("PurchaseOrder status change is invalid", "closed in Xero", Fixer.BOOKKEEPER),
    ("Deleted PurchaseOrders cannot be updated", "closed in Xero", Fixer.BOOKKEEPER),
    ("Insufficient stock. Items are eligible for backorder.", "out of stock", Fixer.BOOKKEEPER),
    ("Idempotency Key: k1 is used with a different request.", "request mixed up", Fixer.SUPPORT),
]
NOBODY = "00000000-0000-0000-0000-000000000000"
INVOICE = {
    "InvoiceID": "ed255415-0000-0000-0000-000000000001", "Type": "ACCREC", "Status": "AUTHORISED",
    "Date": "/Date(1772409600000+0000)/", "UpdatedDateUTC": "/Date(1772409600123+0000)/",
    "InvoiceNumber": "INV-1", "Contact": {"ContactID": "c"}, "CurrencyCode": "NZD", "LineItems": [],
}  # fmt: skip
WORDS = [{"Message": "Invoice # must be unique."}]


@pytest.mark.parametrize(("message", "cause", "fixer"), SEEN)
def test_message_has_its_cause_and_its_fixer(message: str, cause: str, fixer: Fixer) -> None:
    meaning = meaning_of(message.upper())
    assert meaning is not None
    assert (meaning.cause, meaning.fixer) == (cause, fixer)
    assert explain([message]) == meaning.words


@pytest.mark.parametrize(
    ("element", "errors"),
    [
        ({**INVOICE, "StatusAttributeString": "ERROR", "HasErrors": True, "ValidationErrors": WORDS}, 1),
        ({"InvoiceID": NOBODY, "StatusAttributeString": "ERROR", "ValidationErrors": WORDS}, 1),
        ({**INVOICE, "HasErrors": True, "ValidationErrors": WORDS}, 1),
        ({**INVOICE, "HasValidationErrors": True, "ValidationErrors": WORDS}, 1),
        ({**INVOICE, "ValidationErrors": [*WORDS, {"Message": "And another."}]}, 2),
        ({**INVOICE, "StatusAttributeString": "ERROR"}, 1),
        ({**INVOICE, "InvoiceID": NOBODY}, 1),
        ({**INVOICE, "Status": "SOMETHING NEW"}, 1),
    ],
)
def test_nothing_is_taken_from_an_element_that_failed(element: dict[str, Any], errors: int) -> None:
    result = answers.result(codec_of("invoice"), element)
    assert (result.record, len(result.errors)) == (None, errors)
    assert result.advice


@pytest.mark.parametrize("word", ["OK", "WARNING", None])
def test_element_that_was_taken_keeps_its_warnings(word: str | None) -> None:
    element = {**INVOICE, "StatusAttributeString": word, "Warnings": [{"Message": SEEN[8][0]}]}
    result = answers.result(codec_of("invoice"), element)
    assert (result.errors, result.warnings) == ((), (SEEN[8][0],))
    assert result.record is not None


@pytest.mark.parametrize("whole_call", [False, True])
def test_words_that_nobody_has_seen_need_a_person_and_lose_nothing(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Callable[[], None], whole_call: bool
) -> None:
    sandbox.faults.add(
        "reject", match="Pip", message="The moon is in the wrong place.", whole_call=whole_call
    )
    create_customer(workspace=connected.workspace, by=None, name="Pip Ltd")

    sync()
    sync()

    operation = Operation.objects.get()
    assert (operation.state, operation.error_class) == (OpState.FAILED, ErrorClass.PERMANENT)
    assert operation.error == "Xero says: The moon is in the wrong place."
    assert operation.error_detail == "The moon is in the wrong place."
    assert len([call for call in sandbox.requests() if call.method == "PUT"]) == 1


def test_problem_says_who_can_fix_it(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Callable[[], None]
) -> None:
    sandbox.faults.add("reject", match="Pip", message=SEEN[15][0])
    create_customer(workspace=connected.workspace, by=None, name="Pip Ltd")

    sync()

    [problem] = name_failures([Operation.objects.get()])
    assert problem.fixer == "anyone in your workspace"
