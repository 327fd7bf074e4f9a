"""The list of payments; on an invoice's page the panel, and the dialogs that record and reverse."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.htmx import is_partial, render_part, trigger
from core.refusals import Refused
from core.sorting import Sorting
from core.spreadsheets import csv_response
from core.tickets import SentBefore
from credit.models import Allocation
from credit.queries import allocations_on
from customers.models import Customer
from customers.queries import get_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.queries import get_invoice
from payments.forms import PaymentForm, PaymentsForm
from payments.models import Payment
from payments.queries import SORTS, Shown, get_payment, list_payments, payments_of, sums_received
from payments.services import record_payment, reverse_and_void, reverse_payment
from payments.table import payments_table

PER_PAGE = 25
AT_ONCE = 500


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What was received in the workspace, narrowed and sorted as the address says."""
    form = _asked(request)
    sorting = Sorting(SORTS, request.GET.get("sort", ""), default="-date")
    found = list_payments(form.asked)
    context = {
        "form": form,
        "sorting": sorting,
        "page": Paginator(sorting.sort(found), PER_PAGE).get_page(request.GET.get("page")),
        "sums": sums_received(found),
        "tabs": Shown.choices,
        "is_new": not (form.is_narrowed or form.shown or found.exists()),
    }
    return render_part(request, "payments/list.html", "results", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """All payments of the list for a spreadsheet, in its order."""
    sorting = Sorting(SORTS, request.GET.get("sort", ""), default="-date")
    rows = list(payments_table(sorting.sort(list_payments(_asked(request).asked)).iterator(AT_ONCE)))
    return csv_response(rows, name="payments")


def _asked(request: HttpRequest) -> PaymentsForm:
    return PaymentsForm(request.GET, customer=_customer(request.GET.get("customer", "")))


def _customer(pk: str) -> Customer | None:
    try:
        return get_customer(UUID(pk)) if pk else None
    except (Customer.DoesNotExist, ValueError) as error:
        raise Http404 from error


@require_safe
def panel(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """The invoice's payments as they are now."""
    invoice = _invoice(invoice_pk)
    return render(request, "payments/panel.html", {"invoice": invoice, "payments": payments_of(invoice)})


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """The dialog that records a payment; a page of its own where there is no script."""
    invoice = _invoice(invoice_pk)
    form = PaymentForm(request.POST or None, invoice=invoice)
    if form.is_bound and form.is_valid():
        try:
            payment = record_payment(invoice=invoice, by=request.user, ticket=form.ticket, **form.values)
        except SentBefore as refused:
            form.refuse_again(refused)
        except Refused as error:
            form.add_error(error.field or None, str(error))
        else:
            return _done(request, payment.invoice, f"Payment of {payment.invoice} recorded.")
    context = {"invoice": invoice, "form": form}
    name = "form" if form.is_bound else "dialog"
    return render_part(request, "payments/record.html", name, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def reverse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The question before a payment is reversed, and the reversal."""
    payment = _payment(pk)
    if request.method == "POST":
        payment = reverse_payment(payment=payment, by=request.user)
        return _done(request, payment.invoice, f"Payment of {payment.invoice} reversed.")
    return render_part(request, "payments/reverse.html", "dialog", {"payment": payment})


@require_http_methods(["GET", "HEAD", "POST"])
def void(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """What can be done with an invoice on which payments or credit stand, and what each leads to; once it is voided,
    how far that has come."""
    invoice = _invoice(invoice_pk)
    payments, allocations = list(payments_of(invoice)), list(allocations_on(invoice))
    if request.method == "POST":
        _void(request, invoice, payments, allocations)
        return redirect("payments:void", request.workspace.slug, invoice.pk)
    if not invoice.is_issued and invoice.status != InvoiceStatus.VOIDED:
        return redirect("invoices:detail", request.workspace.slug, invoice.pk)
    context = {"invoice": invoice, "payments": payments, "allocations": allocations}
    return render(request, "payments/void.html", context)


def _void(
    request: HttpRequest, invoice: Invoice, payments: list[Payment], allocations: list[Allocation]
) -> None:
    """Void it, with the payments and the credit that the page showed."""
    shown, credited = request.POST.getlist("payment"), request.POST.getlist("credit")
    expected = {payment.pk for payment in payments if str(payment.pk) in shown}
    credit = {row.pk for row in allocations if str(row.pk) in credited}
    try:
        reverse_and_void(invoice=invoice, expected=expected, credit=credit, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{invoice} is voided.")


def _done(request: HttpRequest, invoice: Invoice, told: str) -> HttpResponse:
    """Tell it, and let the parts of the page that follow from payments fetch themselves anew."""
    if is_partial(request):
        events = {"dialog:close": True, "recordChanged": True, "toast": {"level": "success", "text": told}}
        return trigger(HttpResponse(status=204), **events)
    messages.success(request, told)
    return redirect("invoices:detail", request.workspace.slug, invoice.pk)


def _invoice(pk: UUID) -> Invoice:
    try:
        return get_invoice(pk)
    except Invoice.DoesNotExist as error:
        raise Http404 from error


def _payment(pk: UUID) -> Payment:
    try:
        return get_payment(pk)
    except Payment.DoesNotExist as error:
        raise Http404 from error
