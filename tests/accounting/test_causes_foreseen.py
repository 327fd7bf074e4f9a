"""Causes of Xero's that do not come about by themselves: they are foreseen here before anything is written there."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Model

from accounting.enums import ConflictState, Resolution
from accounting.models import Conflict, Operation, Problem
from accounting.sync.resolve import resolve
from customers.models import Customer
from customers.services import EDITABLE_FIELDS
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from invoices.services import reopen_invoice, update_invoice
from lines.models import NUMBER_LENGTH
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.scene import PAID_ON, Scene
from tests.accounting.test_causes_provoked import scene

__all__ = ["scene"]

SHAPED = (
    "email", "website", "country", "currency", "payment_terms_days", "is_customer", "is_supplier",
)  # fmt: skip
"""What has a shape of its own."""


def full(model: type[Model], name: str, start: str = "", end: str = "") -> str:
    """As long as it may be here."""
    length = model._meta.get_field(name).max_length
    return f"{start}{'x' * (length - len(start) - len(end))}{end}"


def test_no_text_may_be_longer_here_than_xero_takes(scene: Scene) -> None:
    """So `too-long` and `description-too-long` do not come about."""
    texts = {name: full(Customer, name) for name in EDITABLE_FIELDS if name not in SHAPED}
    customer = scene.customer(
        **texts, email=full(Customer, "email", end="@kea.example"), website=full(Customer, "website", "https://kea.example/"),
        country=full(Customer, "country"),
    )  # fmt: skip
    line = full(InvoiceLine, "description")
    invoice = scene.invoice(
        full(Invoice, "number"), reference=full(Invoice, "reference"), customer=customer, description=line
    )
    record_payment(
        invoice=invoice, amount=Decimal(115), date=PAID_ON, reference=full(Payment, "reference"), by=scene.by
    )

    for _ in range(3):
        scene.sync()

    assert list(Operation.objects.values_list("kind", "state", "error")) == []
    there = scene.books.invoices.get(scene.there(invoice))
    assert (there.number, there.reference, there.lines[0].description) == (
        invoice.number,
        invoice.reference,
        line,
    )
    assert (len(there.number), there.amount_paid) == (NUMBER_LENGTH, 115)


def test_edit_of_what_was_closed_there_is_a_question_before_anything_is_written(scene: Scene) -> None:
    """So `closed-there` comes about only where it is closed between our look and our write."""
    invoice = scene.arrived_invoice()
    scene.bookkeeper.change_invoice(scene.there(invoice), Status="VOIDED")
    update_invoice(
        invoice=reopen_invoice(invoice=invoice, by=scene.by), reference="PO 7", by=scene.by, approve=True
    )
    scene.sandbox.clear_requests()

    scene.sync()

    assert {call.method for call in scene.sandbox.requests(path="Invoices")} == {"GET"}
    assert not Problem.objects.exists()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=scene.by)
    scene.sync()

    invoice.refresh_from_db()
    assert (invoice.status, Operation.objects.count()) == (InvoiceStatus.VOIDED, 0)
