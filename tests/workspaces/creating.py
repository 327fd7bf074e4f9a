"""The forms that make a record, filled in: one for each service that counts its forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.urls import reverse

from catalogue.models import Service, TaxRate
from credit.models import Allocation, CreditNote, Refund
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.factories.credit import make_credit_note, make_pair
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Invitation, Workspace


class Typed(NamedTuple):
    """Where a form is sent, what is typed into it, and the page that shows it, when that is another."""

    url: str
    fields: dict[str, Any]
    page: str = ""


def typed_customer(workspace: Workspace) -> Typed:
    fields = {"name": "Ana", "currency": "NZD", "payment_terms_days": "14"}
    return Typed(reverse("customers:create", args=[workspace.slug]), fields)


def typed_invoice(workspace: Workspace) -> Typed:
    line = {"description": "Design", "quantity": "1", "unit_amount": "100"}
    fields = {f"lines-0-{name}": value for name, value in line.items()}
    fields |= {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "amounts": "exclusive"}
    fields |= {"customer": str(make_customer(workspace).pk), "issue_date": "2026-03-02", "approve": "1"}
    return Typed(reverse("invoices:create", args=[workspace.slug]), fields)


def _payment(workspace: Workspace) -> Typed:
    invoice = make_invoice(workspace, status=InvoiceStatus.SENT)
    fields = {"amount": "10.00", "date": "2026-03-10"}
    return Typed(reverse("payments:record", args=[workspace.slug, invoice.pk]), fields)


def _service(workspace: Workspace) -> Typed:
    fields = {"name": "Workshop", "unit_amount": "90"}
    return Typed(reverse("catalogue:create_service", args=[workspace.slug]), fields)


def _tax_rate(workspace: Workspace) -> Typed:
    fields = {"name": "GST", "percent": "15"}
    return Typed(reverse("catalogue:create_tax_rate", args=[workspace.slug]), fields)


def _invitation(workspace: Workspace) -> Typed:
    fields = {"email": "ana@example.com", "role": "staff"}
    page = reverse("workspaces:members", args=[workspace.slug])
    return Typed(reverse("workspaces:invite", args=[workspace.slug]), fields, page)


def _credit_note(workspace: Workspace) -> Typed:
    line = {"description": "Design", "quantity": "1", "unit_amount": "100"}
    fields = {f"lines-0-{name}": value for name, value in line.items()}
    fields |= {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "amounts": "exclusive"}
    fields |= {"customer": str(make_customer(workspace).pk), "issue_date": "2026-03-02"}
    return Typed(reverse("credit:create", args=[workspace.slug]), fields)


def _credited_invoice(workspace: Workspace) -> Typed:
    invoice = make_invoice(workspace, status=InvoiceStatus.SENT, lines=[make_line(quantity="100")])
    fields = {f"quantity-{invoice.lines.get().pk}": "10.00", "issue_date": "2026-03-10"}
    return Typed(reverse("credit:from_invoice", args=[workspace.slug, invoice.pk]), fields)


def _applied_to(workspace: Workspace) -> Typed:
    note, invoice = make_pair(workspace)
    fields = {f"amount-{note.pk}": "10.00", "date": "2026-03-10"}
    return Typed(reverse("credit:apply_to", args=[workspace.slug, invoice.pk]), fields)


def _applied_from(workspace: Workspace) -> Typed:
    note, invoice = make_pair(workspace)
    fields = {f"amount-{invoice.pk}": "10.00", "date": "2026-03-10"}
    return Typed(reverse("credit:apply_from", args=[workspace.slug, note.pk]), fields)


def _refund(workspace: Workspace) -> Typed:
    fields = {"amount": "10.00", "date": "2026-03-10"}
    return Typed(reverse("credit:refund", args=[workspace.slug, make_credit_note(workspace).pk]), fields)


class Creating(NamedTuple):
    """How the form of a service is filled in, which record it leads to, and which it makes once."""

    typed: Callable[[Workspace], Typed]
    leads_to: Any
    makes: Any


def _makes(model: Any, typed: Callable[[Workspace], Typed]) -> Creating:
    return Creating(typed, model, model)


CREATING: dict[str, Creating] = {
    "create_customer": _makes(Customer, typed_customer),
    "_offer": _makes(Invitation, _invitation),
    "create_invoice": _makes(Invoice, typed_invoice),
    "record_payment": _makes(Payment, _payment),
    "create_service": _makes(Service, _service),
    "create_tax_rate": _makes(TaxRate, _tax_rate),
    "create_credit_note": _makes(CreditNote, _credit_note),
    "credit_invoice": _makes(CreditNote, _credited_invoice),
    "refund": _makes(Refund, _refund),
    "apply_to_invoice": Creating(_applied_to, Invoice, Allocation),
    "apply_note": Creating(_applied_from, CreditNote, Allocation),
}
